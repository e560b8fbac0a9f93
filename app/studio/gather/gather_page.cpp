#include "app/studio/gather/gather_page.h"

#include "app/studio/frame/recent_projects.h"
#include "app/studio/frame/thumbnails.h"
#include "app/studio/gather/filter_counts.h"
#include "app/studio/gather/filter_panel.h"
#include "app/studio/gather/filter_words.h"
#include "app/studio/gather/gallery_delegate.h"
#include "app/studio/gather/gallery_model.h"
#include "app/studio/gather/gallery_view.h"
#include "app/studio/gather/import_report.h"
#include "app/studio/gather/selection_bar.h"
#include "widgets/style/widgets.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace percept::studio {
namespace {
constexpr int kMinThumb = 112, kMaxThumb = 256, kSelectionRoom = 64;
}

GatherPage::GatherPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
{
    makeActions();
    build();
    connectParts();
    applyFilter({});
}

const dataset::ItemFilter& GatherPage::filter() const { return m_model->filter(); }

void GatherPage::build()
{
    m_model = new GalleryModel(context(), this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeBar());
    auto* side = new style::Surface(style::Surface::Fill::Panel);
    side->setFixedWidth(220);
    side->setLines(Qt::RightEdge);
    auto* sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(0, 0, 1, 0);
    sideLayout->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 6);
    head->addWidget(new style::PlainLabel(tr("Filters"), style::TextRole::Section), 1);
    m_clear = new style::LinkButton(tr("Clear"));
    m_clear->setObjectName(QStringLiteral("clear-filters"));
    head->addWidget(m_clear);
    sideLayout->addLayout(head);
    m_filters = new FilterPanel(context());
    m_counter = new FilterCounter(context(), this);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_filters);
    sideLayout->addWidget(scroll, 1);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(side);
    row->addWidget(makeGallery(), 1);
    column->addLayout(row, 1);
}

QWidget* GatherPage::makeBar()
{
    m_bar = new PageBar(tr("Gather"));
    m_search = style::makeSearchField(tr("Find by name"));
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setFixedWidth(220);
    style::setTip(m_search, tr("Find by name"), QStringLiteral("Ctrl F"));
    m_size = new QSlider(Qt::Horizontal);
    m_size->setRange(kMinThumb, kMaxThumb);
    m_size->setValue(kDefaultThumb);
    m_size->setFixedWidth(88);
    m_size->setAccessibleName(tr("Size of the pictures"));
    style::setTip(m_size, tr("Size of the pictures"));
    QPushButton* out = style::makeButton(tr("Export…"), style::ButtonKind::Quiet, "ext");
    QPushButton* add = style::makeButton(tr("Add data"), style::ButtonKind::Primary, "plus");
    out->setObjectName(QStringLiteral("export"));
    m_export = out;
    add->setObjectName(QStringLiteral("add-data"));
    auto* menu = new QMenu(add);
    connect(menu->addAction(style::icon("folder"), tr("Folder or annotated set…")), &QAction::triggered, this, &GatherPage::addFolder);
    connect(menu->addAction(style::icon("gather"), tr("Pictures or label files…")), &QAction::triggered, this, &GatherPage::addFiles);
    add->setMenu(menu);
    connect(out, &QPushButton::clicked, this, &GatherPage::openExport);
    m_bar->addRight(m_search);
    m_bar->addRight(m_size);
    m_bar->addRightSeparator();
    m_bar->addRight(out);
    m_bar->addRight(add);
    return m_bar;
}

QWidget* GatherPage::makeGallery()
{
    auto* host = new style::Surface(style::Surface::Fill::Panel);
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* top = new QWidget;
    top->setFixedHeight(40);
    auto* row = new QHBoxLayout(top);
    row->setContentsMargins(12, 0, 12, 0);
    m_chips = new QWidget;
    auto* chips = new QHBoxLayout(m_chips);
    chips->setContentsMargins(0, 0, 0, 0);
    m_shown = new style::PlainLabel(QString(), style::TextRole::Table, style::Ink::Text2);
    QPushButton* empty = style::makeButton(tr("Empty the trash…"), style::ButtonKind::Danger, "trash", style::ControlSize::Compact);
    empty->setObjectName(QStringLiteral("empty-trash"));
    m_emptyTrash = empty;
    connect(empty, &QPushButton::clicked, this, &GatherPage::emptyTrash);
    row->addWidget(m_chips);
    row->addWidget(m_shown);
    row->addStretch(1);
    row->addWidget(empty);
    layout->addWidget(top);
    m_torn = new style::Note(style::Tone::Warning);
    m_torn->setObjectName(QStringLiteral("torn-note"));
    m_torn->hide();
    m_missing = new style::Note(style::Tone::Warning);
    m_missing->setObjectName(QStringLiteral("missing-note"));
    m_missing->setAction(tr("Find the folder…"));
    m_missing->hide();
    for (style::Note* note : { m_missing, m_torn }) {
        auto* noteRow = new QHBoxLayout;
        noteRow->setContentsMargins(12, 0, 12, 4);
        noteRow->addWidget(note);
        layout->addLayout(noteRow);
    }
    m_report = new ImportReportPanel;
    layout->addWidget(m_report);

    m_stack = new QStackedWidget;
    m_galleryHost = new QWidget;
    auto* galleryLayout = new QVBoxLayout(m_galleryHost);
    galleryLayout->setContentsMargins(0, 0, 0, 0);
    m_view = new GalleryView;
    m_view->setModel(m_model);
    m_view->setItemDelegate(new GalleryDelegate(m_view));
    galleryLayout->addWidget(m_view);
    m_selection = new SelectionBar(m_galleryHost);
    m_galleryHost->installEventFilter(this);
    m_empty = new style::EmptyState("gather", tr("No pictures yet. Drop a folder of pictures, or a set with its labels (Pascal VOC, COCO), anywhere on this window."));
    connect(m_empty->addPrimary(tr("Choose a folder…")), &QPushButton::clicked, this, &GatherPage::addFolder);
    m_noMatch = new style::EmptyState("filter", tr("No picture passes these filters."));
    connect(m_noMatch->addPrimary(tr("Clear the filters")), &QPushButton::clicked, this, [this] { applyFilter({}); });
    m_stack->addWidget(m_galleryHost);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_noMatch);
    layout->addWidget(m_stack, 1);
    return host;
}

void GatherPage::connectParts()
{
    connect(m_counter, &FilterCounter::counted, this, [this] { m_filters->setCounts(m_counter->counts()); });
    connect(m_filters, &FilterPanel::filterChanged, this, &GatherPage::applyFilter);
    connect(m_clear, &QAbstractButton::clicked, this, [this] { applyFilter({}); });
    auto* typing = new QTimer(this);
    typing->setSingleShot(true);
    typing->setInterval(120);
    connect(m_search, &QLineEdit::textChanged, typing, qOverload<>(&QTimer::start));
    connect(typing, &QTimer::timeout, this, [this] {
        dataset::ItemFilter next = filter();
        next.nameContains = m_search->text().trimmed().toStdString();
        if (next != filter())
            applyFilter(next);
    });
    connectGallery();
    connectSelection();
    connectContext();
    followThumbnails();
}

void GatherPage::connectGallery()
{
    connect(m_size, &QSlider::valueChanged, m_view, &GalleryView::setThumbWidth);
    connect(m_view, &GalleryView::opened, this, &GatherPage::openRow);
    connect(m_view, &GalleryView::escapePressed, this, [this] {
        if (m_view->selectionModel()->hasSelection())
            m_view->clearSelection();
        else
            applyFilter({});
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &GatherPage::showSelection);
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        m_keep = selected();
        m_keepCurrent = m_model->itemAt(m_view->currentIndex().row());
    });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        if (const int row = m_keepCurrent.isValid() ? m_model->rowFrom(m_keepCurrent) : -1; row >= 0)
            m_view->selectionModel()->setCurrentIndex(m_model->index(row), QItemSelectionModel::NoUpdate);
        select(std::exchange(m_keep, {}));
        showCounts();
    });
    connect(m_model, &GalleryModel::rowsRead, this, &GatherPage::showCounts);
    connect(m_model, &GalleryModel::rowsRead, this, &GatherPage::takePlace);
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &GatherPage::showCounts);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, &GatherPage::showCounts);
}

void GatherPage::connectSelection()
{
    connect(m_selection, &SelectionBar::labelRequested, this, &GatherPage::openSelected);
    connect(m_selection, &SelectionBar::setRequested, this, &GatherPage::moveToSet);
    connect(m_selection, &SelectionBar::stateRequested, this, &GatherPage::mark);
    connect(m_selection, &SelectionBar::trashRequested, this, &GatherPage::setTrashed);
    connect(m_selection, &SelectionBar::clearRequested, m_view, &QAbstractItemView::clearSelection);
    connect(m_report, &ImportReportPanel::closed, m_report, &QWidget::hide);
    connect(m_report, &ImportReportPanel::showFlagged, this, [this] {
        dataset::ItemFilter flagged;
        flagged.flaggedBoxes = true;
        applyFilter(flagged);
    });
    connect(m_missing, &style::Note::actionTriggered, this, &GatherPage::findFolder);
    connect(m_torn, &style::Note::actionTriggered, this, &GatherPage::mendTornGroups);
}

void GatherPage::connectContext()
{
    StudioContext* shared = &context();
    connect(shared, &StudioContext::countsChanged, this, [this] {
        m_countsStale = !isVisible();
        if (!m_countsStale)
            takeCounts();
    });
    connect(shared, &StudioContext::labelsChanged, this, [this] {
        m_filters->rebuild();
        showChips();
    });
    connect(shared, &StudioContext::projectAboutToClose, this, &GatherPage::closeProject);
    connect(shared, &StudioContext::projectOpened, this, [this] {
        m_search->clear();
        m_report->hide();
        m_missing->hide();
        m_lookedForMissing = false;
        followThumbnails();
        applyFilter({});
        lookThrough();
    });
}

// Each project has thumbnails of its own.
void GatherPage::followThumbnails()
{
    connect(&context().thumbnails(), &Thumbnails::thumbnailReady, this, [this](ItemId) { m_view->viewport()->update(); });
    connect(&context().thumbnails(), &Thumbnails::pendingChanged, this, &GatherPage::showCounts);
}

void GatherPage::activated()
{
    m_view->setFocus();
    takePlace();
}

void GatherPage::takeCounts()
{
    showCounts();
    lookThrough();
}

// While another page is in front, edits cost nothing here: what they changed is looked up when somebody looks.
void GatherPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_model->setShown(true);
    if (std::exchange(m_countsStale, false))
        takeCounts();
    else if (m_lookThrough)
        lookThrough();
}

void GatherPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_model->setShown(isVisible()); // a window that is minimized shows again what it showed
}

// What needs a look through all items waits until somebody looks at it.
void GatherPage::lookThrough()
{
    m_lookThrough = !isVisible();
    if (m_lookThrough)
        return;
    m_counter->count(filter());
    showTornGroups();
    if (context().session() && !std::exchange(m_lookedForMissing, true))
        lookForMissing();
}

void GatherPage::applyFilter(const dataset::ItemFilter& filter)
{
    m_place.reset();
    m_view->clearSelection();
    m_view->selectionModel()->clearCurrentIndex();
    m_model->setFilter(filter);
    m_filters->setFilter(filter);
    if (context().session())
        m_counter->count(filter);
    if (QString::fromStdString(filter.nameContains) != m_search->text().trimmed())
        m_search->setText(QString::fromStdString(filter.nameContains));
    m_view->scrollToTop();
    showChips();
    showCounts();
    if (filter == dataset::ItemFilter() && m_opened)
        Q_EMIT groupLeft(std::exchange(m_opened, {}));
}

void GatherPage::showFilter(const dataset::ItemFilter& filter) { applyFilter(filter); }

void GatherPage::showChips()
{
    qDeleteAll(m_chips->findChildren<style::Chip*>(QString(), Qt::FindDirectChildrenOnly));
    const QList<FilterPart> parts = filterParts(filter(), context());
    for (const FilterPart& part : parts) {
        auto* chip = new style::Chip(part.text, style::Tone::Accent);
        chip->setRemovable(true);
        if (part.label.isValid())
            chip->setSwatch(context().labelColor(part.label), context().labelHatched(part.label));
        connect(chip, &style::Chip::removed, this, [this, without = part.without] {
            QMetaObject::invokeMethod(this, [this, without] { applyFilter(without); }, Qt::QueuedConnection);
        });
        m_chips->layout()->addWidget(chip);
    }
    m_chips->setVisible(!parts.isEmpty());
    m_clear->setVisible(!parts.isEmpty());
    m_clear->setText(tr("Clear %1").arg(parts.size()));
    m_clear->updateGeometry();
}

void GatherPage::showCounts()
{
    m_countsStale = m_countsStale || !isVisible();
    if (m_countsStale)
        return;
    const qint64 shown = m_model->rowCount(), all = context().counts().items;
    const auto pictures = [](qint64 n) { return style::counted(n, tr("picture"), tr("pictures")); };
    m_bar->setScope(pictures(all));
    m_shown->setText(pictures(shown));
    const bool filtered = filter() != dataset::ItemFilter();
    m_stack->setCurrentWidget(shown > 0 || m_model->isReading() ? m_galleryHost : filtered ? static_cast<QWidget*>(m_noMatch) : m_empty);
    const bool isTrashEmpty = filter().inTrash && context().counts().trashed == 0;
    m_noMatch->setSentence(isTrashEmpty ? tr("The trash is empty.")
                                        : filter().inTrash ? tr("Nothing in the trash passes these filters.") : tr("No picture passes these filters."));
    m_emptyTrash->setVisible(filter().inTrash && shown > 0);
    QStringList left { tr("%1 of %2 shown").arg(style::count(shown), style::count(filter().inTrash ? context().counts().trashed : all)) };
    if (const auto chosen = selected().size())
        left << tr("%1 selected").arg(style::count(static_cast<qint64>(chosen)));
    QStringList right;
    if (context().session() && context().thumbnails().pending() > 0)
        right << tr("%1 to draw").arg(style::counted(context().thumbnails().pending(), tr("thumbnail"), tr("thumbnails")));
    right << style::counted(context().counts().boxes, tr("box"), tr("boxes"));
    setStatus(left, right);
    enableCommands();
}

QWidget* GatherPage::home() { return m_stack->currentWidget() == m_galleryHost ? static_cast<QWidget*>(m_view) : m_filters; }
QList<QWidget*> GatherPage::panels() { return { m_bar, m_filters->parentWidget(), m_stack }; }

// Above the bar of the selection.
QRect GatherPage::toastArea() const
{
    const QRect gallery(m_stack->mapTo(this, QPoint()), m_stack->size());
    return m_selection->isVisible() ? gallery.adjusted(0, 0, 0, -kSelectionRoom) : gallery;
}

std::vector<ItemId> GatherPage::selected() const
{
    std::vector<ItemId> items;
    for (const QItemSelectionRange& range : m_view->selectionModel()->selection())
        for (int row = range.top(); row <= range.bottom(); ++row)
            items.push_back(m_model->itemAt(row));
    std::sort(items.begin(), items.end());
    return items;
}

// Those of `items` that are shown, as ranges.
void GatherPage::select(const std::vector<ItemId>& items)
{
    QItemSelection selection;
    int first = -1, last = -2;
    const auto flush = [&] {
        if (first >= 0)
            selection.select(m_model->index(first), m_model->index(last));
    };
    for (const ItemId item : items) {
        const int row = m_model->rowOf(item);
        if (row < 0)
            continue;
        if (row != last + 1) {
            flush();
            first = row;
        }
        last = row;
    }
    flush();
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void GatherPage::showSelection()
{
    const int count = static_cast<int>(selected().size());
    m_selection->setSelected(count, filter().inTrash);
    m_view->setBottomRoom(count > 0 ? kSelectionRoom : 0);
    m_view->viewport()->update();
    showCounts();
}

bool GatherPage::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_galleryHost && event->type() == QEvent::Resize && !m_selection->isHidden()) // also while another page is in front
        m_selection->place();
    return Page::eventFilter(object, event);
}

}
