#include "app/studio/label/label_page.h"

#include "app/studio/frame/thumbnails.h"
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/hint_strip.h"
#include "app/studio/label/item_loader.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/object_fields.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/proposal_source.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QApplication>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

namespace {
    constexpr int kSideWidth = 280, kToolsWidth = 44;

    class StateMark : public QWidget {
    public:
        StateMark() { setFixedSize(12, 12); }
        style::StateMark mark = style::StateMark::ToDo;
        void paintEvent(QPaintEvent*) override
        {
            QPainter painter(this);
            painter.setRenderHint(QPainter::Antialiasing);
            style::paintStateMark(painter, rect(), mark);
        }
    };

    QString originText(domain::Origin origin)
    {
        switch (origin) {
        case domain::Origin::Imported: return LabelPage::tr("Imported");
        case domain::Origin::ProposalAccepted: return LabelPage::tr("Proposal, accepted");
        case domain::Origin::ProposalCorrected: return LabelPage::tr("Proposal, corrected");
        default: return LabelPage::tr("Drawn");
        }
    }
}

LabelPage::LabelPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
    , m_document(new LabelDocument(context, this))
    , m_loader(new ItemLoader(this))
    , m_source(new ProposalSource(this))
    , m_sideTimer(new QTimer(this))
{
    setObjectName(QStringLiteral("labelPage"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildLeft(), 1);
    layout->addWidget(buildSide());
    m_classField = new ClassField(context, m_canvas);
    m_sideTimer->setSingleShot(true);
    m_sideTimer->setInterval(0);
    for (QAbstractButton* button : findChildren<QAbstractButton*>())
        button->setFocusPolicy(Qt::TabFocus); // a click leaves the keys with the canvas
    buildCommands();
    connectParts();
    applyTheme();
    setTool(canvas::Tool::Box);
    if (context.session())
        projectOpened();
    else
        refreshState();
}

LabelPage::~LabelPage()
{
    qApp->removeEventFilter(this);
    m_document->disconnect(this);
}

QWidget* LabelPage::buildLeft()
{
    m_bar = new LabelBar;
    m_canvas = new canvas::BoxCanvas;
    m_hint = new HintStrip;
    m_film = new Filmstrip(context());
    m_film->setItems(&m_ids);
    m_problem = new style::PlainLabel({}, style::TextRole::Body, style::Ink::Error, m_canvas);
    m_problem->setAlignment(Qt::AlignCenter);
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto* empty = new style::EmptyState("gather", tr("There are no pictures to label yet."), m_canvas);
    connect(empty->addPrimary(tr("Gather pictures")), &QPushButton::clicked, this, [this] { context().showPage(QStringLiteral("gather")); });
    m_empty = empty;
    m_empty->hide();

    auto* stage = new QVBoxLayout;
    stage->setSpacing(0);
    stage->addWidget(m_canvas, 1);
    stage->addWidget(m_hint);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(buildTools());
    middle->addLayout(stage, 1);
    auto* left = new QWidget;
    auto* layout = new QVBoxLayout(left);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addLayout(middle, 1);
    layout->addWidget(m_film);
    return left;
}

QWidget* LabelPage::buildTools()
{
    auto* strip = new style::Surface(style::Surface::Fill::Panel);
    strip->setLines(Qt::RightEdge);
    strip->setFixedWidth(kToolsWidth);
    m_selectTool = style::makeToolButton("cursor", tr("Select"), QStringLiteral("V"), tr("Click, Shift-click or drag a band"), style::ControlSize::Large);
    m_boxTool = style::makeToolButton("label", tr("Box"), QStringLiteral("R"), tr("Drag, or click two corners"), style::ControlSize::Large);
    m_selectTool->setObjectName(QStringLiteral("toolSelect"));
    m_boxTool->setObjectName(QStringLiteral("toolBox"));
    auto* layout = new QVBoxLayout(strip);
    layout->setContentsMargins(6, 8, 6, 8);
    layout->setSpacing(4);
    for (QToolButton* button : { m_selectTool, m_boxTool }) {
        button->setCheckable(true);
        button->setFixedSize(32, 32);
        button->setIconSize({ 20, 20 });
        style::setButtonKind(button, style::ButtonKind::Tool, style::ControlSize::Large);
        layout->addWidget(button);
    }
    layout->addStretch(1);
    return strip;
}

QWidget* LabelPage::buildSectionHead(const QString& title, QWidget* extra, std::vector<QWidget*> buttons)
{
    auto* head = new QWidget;
    head->setFixedHeight(style::height::kSection);
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(12, 0, 8, 0);
    layout->setSpacing(4);
    layout->addWidget(new style::PlainLabel(title, style::TextRole::Section));
    if (extra)
        layout->addWidget(extra);
    layout->addStretch(1);
    for (QWidget* button : buttons)
        layout->addWidget(button);
    return head;
}

QWidget* LabelPage::buildSide()
{
    using namespace style;
    auto* side = new Surface(Surface::Fill::Panel);
    side->setLines(Qt::LeftEdge);
    side->setFixedWidth(kSideWidth);
    m_stateMark = new StateMark;
    m_stateText = new PlainLabel({}, TextRole::Section);
    m_stateText->setObjectName(QStringLiteral("itemState"));
    m_done = makeButton(tr("Done"), ButtonKind::Primary, nullptr, ControlSize::Compact);
    m_done->setObjectName(QStringLiteral("done"));
    setButtonKey(m_done, tr("Space"));
    auto* top = new QWidget;
    top->setFixedHeight(height::kPageBar);
    auto* topLayout = new QHBoxLayout(top);
    topLayout->setContentsMargins(12, 0, 12, 1);
    topLayout->setSpacing(8);
    topLayout->addWidget(m_stateMark);
    topLayout->addWidget(m_stateText, 1);
    topLayout->addWidget(m_done);

    m_classes = new ClassList(context());
    m_objects = new ObjectList;
    m_fields = new ObjectFields;
    m_objectCount = new PlainLabel({}, TextRole::Table, Ink::Text3);
    auto* search = makeToolButton("search", tr("Find a class"), QStringLiteral("/"), tr("Type a few letters, Enter takes it"), ControlSize::Compact);
    auto* plus = makeToolButton("plus", tr("New class"), QStringLiteral("/"), tr("Type its name, Enter makes it"), ControlSize::Compact);
    for (QToolButton* button : { search, plus })
        connect(button, &QToolButton::clicked, this, [this, plus, button] {
            m_purpose = FieldPurpose::Arm;
            openClassField(button == plus ? tr("Name of the new class") : tr("Class"), QPoint(m_canvas->width(), 0));
        });
    m_classes->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(1, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(top);
    layout->addWidget(makeLine(Qt::Horizontal));
    layout->addWidget(buildSectionHead(tr("Classes"), nullptr, { search, plus }));
    layout->addWidget(m_classes);
    layout->addSpacing(8);
    layout->addWidget(makeLine(Qt::Horizontal));
    layout->addWidget(buildSectionHead(tr("Objects"), m_objectCount, {}));
    layout->addWidget(m_objects, 1);
    layout->addWidget(makeLine(Qt::Horizontal));
    layout->addWidget(m_fields);
    return side;
}

void LabelPage::connectParts()
{
    StudioContext& ctx = context();
    connect(&ctx, &StudioContext::projectOpened, this, &LabelPage::projectOpened);
    connect(&ctx, &StudioContext::projectAboutToClose, this, &LabelPage::projectClosing);
    connect(&ctx, &StudioContext::committed, this, &LabelPage::onCommitted);
    connect(&ctx, &StudioContext::runsChanged, this, [this] {
        if (context().session())
            m_source->setProject(context().session()->folder());
    });
    connect(&ctx, &StudioContext::labelsChanged, this, [this] {
        if (!context().label(m_armed))
            m_armed = context().labels().empty() ? LabelId {} : context().labels().front().id;
        if (m_awaitedLabel.isValid())
            whenLabelKnown(m_awaitedLabel);
        arm(m_armed);
        showShapes();
        refreshProposals();
    });

    connect(m_document, &LabelDocument::annotationsReset, this, &LabelPage::showShapes);
    connect(m_document, &LabelDocument::annotationsEdited, this, &LabelPage::showEdited);
    connect(m_document, &LabelDocument::itemChanged, this, &LabelPage::refreshState);
    connect(m_document, &LabelDocument::idChanged, this, [this](AnnotationId from, AnnotationId to) {
        m_canvas->replaceId(from, to);
        if (m_hiddenObjects.erase(from))
            m_hiddenObjects.insert(to);
        refreshSide();
    });
    connect(m_document, &LabelDocument::editRefused, this,
        [this](const QString& message) { context().reportError({}, base::refused(message.toStdString())); });

    connect(m_canvas, &canvas::BoxCanvas::boxDrawn, this, &LabelPage::takeDrawn);
    connect(m_canvas, &canvas::BoxCanvas::boxesChanged, this, &LabelPage::takeChanges);
    connect(m_canvas, &canvas::BoxCanvas::selectionChanged, this, [this] {
        m_fresh = false;
        m_objects->setSelectedIds(selection());
        refreshFields();
        refreshHints();
        if (m_dimOthers)
            showShapes();
    });
    connect(m_canvas, &canvas::BoxCanvas::hoveredChanged, m_objects, &ObjectList::setHovered);
    connect(m_canvas, &canvas::BoxCanvas::proposalClicked, this, [this](int key) { highlight(key); });
    connect(m_canvas, &canvas::BoxCanvas::interactionChanged, this, &LabelPage::refreshHints);
    connect(m_canvas, &canvas::BoxCanvas::cursorMoved, this, &LabelPage::refreshStatus);
    connect(m_canvas, &canvas::BoxCanvas::viewChanged, this, &LabelPage::refreshStatus);
    connect(m_canvas, &canvas::BoxCanvas::spaceTapped, this, &LabelPage::finishAndGo);

    connect(m_loader, &ItemLoader::loaded, this, &LabelPage::pictureLoaded);
    connect(m_source, &ProposalSource::proposalsReady, this, [this](ItemId item) {
        if (item == m_document->item().id)
            refreshProposals();
    });
    connect(m_source, &ProposalSource::modelChanged, this, [this] {
        m_dropped.clear();
        m_predictedFor = {};
        refreshProposals();
    });

    connect(m_bar, &LabelBar::previousRequested, this, [this] { go(-1); });
    connect(m_bar, &LabelBar::nextRequested, this, [this] { go(1); });
    connect(m_bar, &LabelBar::acceptAllRequested, this, &LabelPage::acceptAll);
    connect(m_bar, &LabelBar::leastScoreChanged, this, &LabelPage::showProposals);
    connect(m_bar, &LabelBar::zoomInRequested, this, [this] { m_canvas->zoomBy(1.5); });
    connect(m_bar, &LabelBar::fitRequested, this, [this] { m_canvas->fitPicture(); });
    connect(m_film, &Filmstrip::itemClicked, this, &LabelPage::openIndex);
    connect(m_selectTool, &QToolButton::clicked, this, [this] { setTool(canvas::Tool::Select); });
    connect(m_boxTool, &QToolButton::clicked, this, [this] { setTool(canvas::Tool::Box); });
    connect(m_done, &QPushButton::clicked, this, &LabelPage::finishAndGo);

    connect(m_classes, &ClassList::armRequested, this, [this](LabelId id) {
        arm(id);
        m_canvas->setFocus();
    });
    connect(m_classes, &ClassList::hiddenChanged, this, &LabelPage::showShapes);
    connect(m_classes, &ClassList::renameRequested, this, [this](LabelId id, const QString& name) {
        editLabel(id, [&](domain::Label& label) { label.name = name.toStdString(); }, tr("Renamed a class to %1").arg(name));
    });
    connect(m_classes, &ClassList::colorRequested, this, [this](LabelId id, int rgb) {
        editLabel(id, [rgb](domain::Label& label) { label.color = rgb; }, tr("Changed the colour of a class"));
    });
    connect(m_classes, &ClassList::deleteRequested, this, [this](LabelId id) {
        const domain::Label* label = context().label(id);
        if (!label)
            return;
        const QString title = tr("Deleted the class %1").arg(QString::fromStdString(label->name));
        context().apply({ dataset::DeleteLabel { id } }, title, [this, self = QPointer(this), title](const auto& result) {
            if (self && result.hasError())
                context().reportError({}, result.error());
            else if (self)
                context().showUndoToast(title);
        });
    });

    connect(m_objects, &ObjectList::selectionRequested, this, &LabelPage::selectByHand);
    connect(m_objects, &ObjectList::hoverRequested, m_canvas, &canvas::BoxCanvas::setHovered);
    connect(m_objects, &ObjectList::visibilityRequested, this, [this](AnnotationId id) { setObjectHidden(id, !m_hiddenObjects.count(id)); });
    connect(m_objects, &ObjectList::deleteRequested, this, [this](AnnotationId id) { deleteObjects({ id }); });
    connect(m_objects, &ObjectList::proposalRequested, this, [this](int key) { highlight(key); });
    connect(m_objects, &ObjectList::acceptRequested, this, [this](int key) { acceptProposals({ key }); });
    connect(m_objects, &ObjectList::dropRequested, this, &LabelPage::dropProposal);

    connect(m_fields, &ObjectFields::boxEdited, this, [this](const domain::Box& box) {
        if (selection().size() == 1)
            takeChanges({ { selection().front(), box } });
    });
    connect(m_fields, &ObjectFields::flagToggled, this, [this](int flag, bool on) { toggleFlag(flag, on); });
    connect(m_fields, &ObjectFields::finished, this, [this] {
        m_canvas->setFocus();
        refreshFields();
    });
    connect(m_classField, &ClassField::chosen, this, &LabelPage::classChosen);
    connect(m_classField, &ClassField::created, this, &LabelPage::createClass);
    connect(m_classField, &ClassField::cancelled, this, [this] {
        m_waitingBox.reset();
        refreshHints();
    });
    connect(m_sideTimer, &QTimer::timeout, this, &LabelPage::refreshSideNow);
}

void LabelPage::buildCommands()
{
    const auto add = [this](const QString& text, std::function<void()> run) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
        m_commands << action;
    };
    add(tr("Next unfinished picture"), [this] { goToUnfinished(); });
    add(tr("Done and next"), [this] { finishAndGo(); });
    add(tr("Accept all proposals above the slider"), [this] { acceptAll(); });
    add(tr("Paste the objects of the previous picture"), [this] { pasteFromPrevious(); });
    add(tr("Whole picture"), [this] { m_canvas->fitPicture(); });
    add(tr("100 %"), [this] { m_canvas->showActualSize(); });
}

void LabelPage::applyTheme()
{
    m_canvas->setSurround(style::tokens().canvas);
    m_canvas->setAccent(style::tokens().accent);
}

// From picture to picture.

void LabelPage::activated()
{
    m_active = true;
    qApp->installEventFilter(this);
    if (m_itemsStale && context().session())
        readItems();
    m_canvas->setFocus();
    applyTheme();
}

void LabelPage::deactivated()
{
    m_active = false;
    qApp->removeEventFilter(this);
    m_canvas->setPanHeld(false);
    m_canvas->cancelInteraction();
}

void LabelPage::projectOpened()
{
    m_source->setProject(context().session()->folder());
    m_film->forgetAll();
    m_armed = context().labels().empty() ? LabelId {} : context().labels().front().id;
    m_index = -1;
    readItems();
    arm(m_armed);
}

void LabelPage::projectClosing()
{
    m_document->close();
    m_source->setProject({});
    m_loader->clear();
    m_ids.clear();
    m_index = -1;
    m_predicted.clear();
    m_visible.clear();
    m_predictedFor = {};
    m_dropped.clear();
    m_hiddenObjects.clear();
    m_clipboard.clear();
    m_film->forgetAll();
    m_canvas->setPicture(nullptr, {});
    m_itemsStale = true;
    refreshSideNow();
    refreshState();
}

void LabelPage::readItems()
{
    m_itemsStale = false;
    const ItemId current = m_document->item().id;
    m_ids = context().session()->reader().readItemIds({}).valueOr({});
    if (m_ids.empty()) {
        m_document->close();
        m_index = -1;
        m_canvas->setPicture(nullptr, {});
        refreshSideNow();
        refreshState();
        return;
    }
    const auto it = std::lower_bound(m_ids.begin(), m_ids.end(), current);
    const bool stays = it != m_ids.end() && *it == current;
    int index = std::min(int(it - m_ids.begin()), int(m_ids.size()) - 1);
    if (!current.isValid()) {
        // Where the work is: the first picture that is not finished.
        dataset::ItemFilter open;
        open.states = { domain::ItemState::ToDo, domain::ItemState::ToReview };
        const auto unfinished = context().session()->reader().readItemIds(open).valueOr({});
        index = unfinished.empty() ? 0 : int(std::lower_bound(m_ids.begin(), m_ids.end(), unfinished.front()) - m_ids.begin());
    }
    if (stays) {
        m_index = index;
        m_film->setCurrent(index);
        refreshState();
    } else {
        openIndex(index);
    }
}

void LabelPage::openIndex(int index)
{
    if (index < 0 || index >= int(m_ids.size()) || !context().session())
        return;
    const auto item = context().session()->reader().readItem(m_ids[std::size_t(index)]);
    if (item.hasError() || !item->has_value())
        return;
    m_canvas->cancelInteraction();
    m_waitingBox.reset();
    m_classField->hide();
    m_index = index;
    m_hiddenObjects.clear();
    m_canvas->setSelection({});
    const bool same = m_document->item().id == (*item)->id;
    m_document->open(**item);
    if (!same || m_canvas->scene().pictureSize().isEmpty())
        showPicture();
    m_film->setCurrent(index);
    prefetch();
    refreshProposals();
    refreshState();
}

void LabelPage::go(int by)
{
    const int to = m_index + by;
    if (to >= 0 && to < int(m_ids.size()))
        openIndex(to);
}

void LabelPage::goToUnfinished()
{
    if (!context().session() || m_ids.empty())
        return;
    dataset::ItemFilter filter;
    filter.states = { domain::ItemState::ToDo, domain::ItemState::ToReview };
    auto open = context().session()->reader().readItemIds(filter).valueOr({});
    const ItemId current = m_document->item().id;
    std::erase(open, current); // it may be on its way to done
    if (open.empty()) {
        context().showToast(m_document->item().state == domain::ItemState::Done ? tr("All pictures are done") : tr("This is the last unfinished picture"));
        return;
    }
    auto next = std::upper_bound(open.begin(), open.end(), current);
    const ItemId target = next == open.end() ? open.front() : *next;
    openIndex(int(std::lower_bound(m_ids.begin(), m_ids.end(), target) - m_ids.begin()));
}

void LabelPage::showItem(ItemId item, AnnotationId annotation)
{
    if (m_itemsStale && context().session())
        readItems();
    const auto it = std::lower_bound(m_ids.begin(), m_ids.end(), item);
    if (it == m_ids.end() || *it != item)
        return;
    openIndex(int(it - m_ids.begin()));
    if (m_document->find(annotation)) {
        selectByHand({ annotation });
        m_canvas->bringIntoView(m_document->find(annotation)->box);
    }
}

void LabelPage::showPicture()
{
    const domain::Item& item = m_document->item();
    const QSizeF size(item.width, item.height);
    const auto ready = m_loader->cached(item.id);
    m_problem->setVisible(ready && !ready->levels);
    m_problem->setText(ready ? ready->problem : QString());
    std::shared_ptr<const canvas::PictureLevels> levels = ready ? ready->levels : nullptr;
    if (!ready) {
        // Until it is decoded: its thumbnail, stretched.
        const QImage small = context().thumbnails().thumbnail(item, context().session()->reader().mediaPath(item));
        if (!small.isNull())
            levels = canvas::PictureLevels::build(small, size.toSize());
    }
    m_canvas->setPicture(levels, size.isEmpty() && levels ? QSizeF(levels->size()) : size);
    showShapes();
    placeOverlays();
}

void LabelPage::pictureLoaded(ItemId item)
{
    if (item != m_document->item().id)
        return;
    const auto ready = m_loader->cached(item);
    if (!ready || !ready->levels || m_canvas->scene().pictureSize().isEmpty())
        return showPicture();
    m_problem->hide();
    m_canvas->replacePicture(ready->levels);
}

void LabelPage::prefetch()
{
    std::vector<ItemLoader::Wanted> wanted;
    dataset::ProjectReader& reader = context().session()->reader();
    for (const int step : { 0, 1, -1, 2 }) {
        const int index = m_index + step;
        if (index < 0 || index >= int(m_ids.size()))
            continue;
        const auto item = reader.readItem(m_ids[std::size_t(index)]);
        if (item.hasValue() && item->has_value())
            wanted.push_back({ (*item)->id, reader.mediaPath(**item) });
    }
    m_loader->want(std::move(wanted));
}

void LabelPage::onCommitted(const services::ProjectSession::Notice& notice)
{
    if (notice.everything) {
        m_film->forgetAll();
        m_itemsStale = true;
    }
    for (ItemId item : notice.items)
        m_film->forget(item);
    // Trash takes items away and brings them back: few enough to look.
    if (notice.items.size() > 1 || (notice.items.size() == 1 && notice.items.front() != m_document->item().id))
        m_itemsStale = true;
    if (m_itemsStale && m_active)
        readItems();
}

// Showing.

canvas::Shape LabelPage::shapeOf(const domain::Annotation& a) const
{
    canvas::Shape shape;
    shape.id = a.id;
    shape.box = a.box;
    shape.color = context().labelColor(a.label).rgb();
    if (const domain::Label* label = context().label(a.label))
        shape.name = QString::fromStdString(label->name);
    shape.hidden = m_classes->isHidden(a.label) || m_hiddenObjects.count(a.id);
    shape.dimmed = m_dimOthers && !m_canvas->scene().isSelected(a.id);
    shape.flagged = !a.box.hasArea();
    return shape;
}

void LabelPage::showShapes()
{
    std::vector<canvas::Shape> shapes;
    shapes.reserve(m_document->annotations().size());
    for (const domain::Annotation& a : m_document->annotations())
        shapes.push_back(shapeOf(a));
    m_canvas->setShapes(std::move(shapes));
    showProposals();
    refreshSide();
}

void LabelPage::showEdited(const std::vector<AnnotationId>& ids)
{
    constexpr std::size_t kMany = 300;
    if (ids.size() > kMany)
        return showShapes();
    for (AnnotationId id : ids) {
        if (const domain::Annotation* a = m_document->find(id))
            m_canvas->updateShape(shapeOf(*a));
        else
            m_canvas->removeShape(id);
    }
    showProposals();
    refreshSide();
}

void LabelPage::refreshSide() { m_sideTimer->start(); }

QString LabelPage::nameOf(AnnotationId id) const
{
    const domain::Annotation* wanted = m_document->find(id);
    if (!wanted)
        return {};
    int number = 0;
    for (const domain::Annotation& a : m_document->annotations()) {
        number += a.label == wanted->label;
        if (a.id == id)
            break;
    }
    const domain::Label* label = context().label(wanted->label);
    return tr("%1 %2").arg(label ? QString::fromStdString(label->name) : tr("Object")).arg(number);
}

void LabelPage::refreshSideNow()
{
    m_sideTimer->stop();
    std::vector<ObjectList::Row> rows;
    for (const VisibleProposal& p : m_visible) {
        ObjectList::Row row;
        row.proposal = p.key;
        row.name = context().label(p.label) ? QString::fromStdString(context().label(p.label)->name) : QString();
        row.note = tr("proposal");
        row.figure = QString::number(p.score, 'f', 2);
        row.color = context().labelColor(p.label);
        rows.push_back(row);
    }
    std::vector<const domain::Annotation*> order;
    QHash<qint64, int> counts;
    for (const domain::Annotation& a : m_document->annotations()) {
        order.push_back(&a);
        ++counts[a.label.value];
    }
    const auto place = [this](const domain::Annotation* a) {
        const domain::Label* label = context().label(a->label);
        return label ? label->position : 1 << 20;
    };
    std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return place(a) < place(b); });
    QHash<qint64, int> numbers;
    for (const domain::Annotation* a : order) {
        ObjectList::Row row;
        row.id = a->id;
        const domain::Label* label = context().label(a->label);
        row.name = tr("%1 %2").arg(label ? QString::fromStdString(label->name) : tr("Object")).arg(++numbers[a->label.value]);
        row.figure = QStringLiteral("%1 × %2").arg(std::lround(a->box.w)).arg(std::lround(a->box.h));
        row.flags = QString(a->flags.occluded ? "Q" : "") + (a->flags.truncated ? "T" : "") + (a->flags.crowd ? "Y" : "") + (a->flags.difficult ? "U" : "");
        row.color = context().labelColor(a->label);
        row.hatched = context().labelHatched(a->label);
        row.hidden = m_hiddenObjects.count(a->id) || m_classes->isHidden(a->label);
        rows.push_back(row);
    }
    m_classes->setCounts(counts);
    m_objectCount->setText(style::count(qint64(order.size())));
    m_objects->setRows(std::move(rows));
    m_objects->setSelectedIds(selection());
    m_objects->setHighlighted(m_canvas->scene().highlightedProposal());
    refreshFields();
    refreshHints();
    refreshStatus();
}

void LabelPage::refreshFields()
{
    std::vector<domain::Annotation> objects;
    for (AnnotationId id : selection())
        if (const domain::Annotation* a = m_document->find(id))
            objects.push_back(*a);
    const QString title = objects.empty() ? tr("No object selected") : objects.size() == 1 ? nameOf(objects.front().id) : tr("%1 objects").arg(objects.size());
    const QString origin = objects.size() == 1 ? originText(objects.front().origin) : QString();
    m_fields->show(title, origin, objects, m_canvas->scene().pictureSize());
}

void LabelPage::refreshState()
{
    const bool open = m_document->isOpen();
    const domain::Item& item = m_document->item();
    auto* mark = static_cast<StateMark*>(m_stateMark);
    mark->setVisible(open);
    m_done->setEnabled(open);
    m_empty->setVisible(!open && m_ids.empty());
    placeOverlays();
    if (!open) {
        m_bar->showNothing();
        m_stateText->setText({});
        return;
    }
    m_bar->showItem(item, m_index, int(m_ids.size()));
    switch (item.state) {
    case domain::ItemState::Done:
        mark->mark = style::StateMark::Done;
        m_stateText->setText(tr("Done"));
        break;
    case domain::ItemState::ToReview:
        mark->mark = style::StateMark::ToReview;
        m_stateText->setText(tr("To review"));
        break;
    default:
        mark->mark = style::StateMark::ToDo;
        m_stateText->setText(tr("To do"));
    }
    m_done->setText(item.state == domain::ItemState::Done ? tr("Next") : tr("Done"));
    mark->update();
}

void LabelPage::refreshHints()
{
    const bool box = m_canvas->tool() == canvas::Tool::Box;
    const domain::Label* label = context().label(m_armed);
    if (box) {
        const QString name = label ? tr("Box, %1").arg(QString::fromStdString(label->name)) : tr("Box");
        const QString how = m_canvas->isDrawing() ? tr("click the opposite corner")
            : label                               ? tr("drag, or click two corners")
                                                  : tr("draw one, then type the name of its class");
        m_hint->setTool(label ? context().labelColor(m_armed) : QColor(), name, how);
    } else {
        m_hint->setTool({}, tr("Select"), tr("click, Shift-click or drag a band"));
    }
    std::vector<HintStrip::Key> keys;
    QString subject;
    const auto highlighted = m_canvas->scene().highlightedProposal();
    const canvas::Proposal* proposal = highlighted ? m_canvas->scene().findProposal(*highlighted) : nullptr;
    if (m_canvas->isDrawing()) {
        keys = { { tr("Esc"), tr("give up") } };
    } else if (proposal) {
        subject = tr("Proposal %1").arg(proposal->tag);
        keys = { { QStringLiteral("↵"), tr("accept") }, { tr("Esc"), tr("drop") }, { tr("Tab"), tr("next") } };
    } else if (!selection().empty()) {
        subject = selection().size() == 1 ? nameOf(selection().front()) : tr("%1 objects").arg(selection().size());
        if (!m_fresh)
            keys.push_back({ QStringLiteral("1–9"), tr("class") });
        keys.push_back({ tr("Del"), tr("delete") });
        keys.push_back({ QStringLiteral("← →"), tr("nudge") });
    } else {
        keys = { { QStringLiteral("A"), tr("previous") }, { QStringLiteral("D"), tr("next") } };
        if (box)
            keys.insert(keys.begin(), { tr("Ctrl"), tr("select") });
    }
    keys.push_back({ QStringLiteral("F1"), tr("all keys") });
    m_hint->setKeys(subject, std::move(keys));
}

void LabelPage::refreshStatus()
{
    if (!m_document->isOpen())
        return setStatus({}, {});
    QStringList right;
    const QPoint local = m_canvas->mapFromGlobal(QCursor::pos());
    const QPointF at = m_canvas->view().imageFromView(local);
    if (m_canvas->rect().contains(local) && QRectF(QPointF(), m_canvas->scene().pictureSize()).contains(at))
        right << QStringLiteral("x %1  y %2").arg(int(std::floor(at.x()))).arg(int(std::floor(at.y())));
    right << QStringLiteral("%1 %").arg(qRound(m_canvas->view().scale() * devicePixelRatioF() * 100));
    QString objects = style::counted(qint64(m_document->annotations().size()), tr("object"), tr("objects"));
    if (!m_visible.empty())
        objects += QStringLiteral(", ") + style::counted(qint64(m_visible.size()), tr("proposal"), tr("proposals"));
    right << objects;
    setStatus({}, right);
}

void LabelPage::placeOverlays()
{
    m_problem->setGeometry(m_canvas->rect().adjusted(40, 40, -40, -40));
    const QSize size = m_empty->sizeHint().expandedTo({ 320, 160 });
    m_empty->setGeometry(QRect(QPoint((m_canvas->width() - size.width()) / 2, (m_canvas->height() - size.height()) / 2), size));
}

void LabelPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    placeOverlays();
}

}
