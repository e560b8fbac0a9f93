// Putting the page together.
#include "app/studio/frame/side_panel.h"
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/go_field.h"
#include "app/studio/label/hint_strip.h"
#include "app/studio/label/item_loader.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_fields.h"
#include "app/studio/label/object_filter.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/proposal_source.h"
#include "app/studio/label/state_mark.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {

namespace {
    constexpr int kSideWidth = 280, kToolsWidth = 44;
}

LabelPage::LabelPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
    , m_document(new LabelDocument(context, this))
    , m_loader(new ItemLoader(this))
    , m_source(new ProposalSource(this))
{
    setObjectName(QStringLiteral("labelPage"));
    buildSpace();
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildLeft(), 1);
    layout->addWidget(buildSide());
    m_classField = new ClassField(context, m_canvas);
    m_goField = new GoField(m_canvas);
    for (QAbstractButton* button : findChildren<QAbstractButton*>())
        button->setFocusPolicy(Qt::TabFocus); // a click leaves the keys with the canvas
    buildCommands();
    connectContext();
    connectDocument();
    connectCanvas();
    connectModel();
    connectBar();
    connectClasses();
    connectObjects();
    connectFields();
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
    m_document->close(); // sends what is held back, when the project is still open
}

// X11 tells a held key as releases and presses, which Qt knows as repeats only when it has seen both: a release counts when
// no press follows it at once. Elsewhere it counts by itself.
void LabelPage::buildSpace()
{
    constexpr int kRepeatMs = 40;
    m_spaceUp = new QTimer(this);
    m_spaceUp->setObjectName(QStringLiteral("spaceUp"));
    m_spaceUp->setSingleShot(true);
    m_spaceUp->setInterval(QGuiApplication::platformName() == QLatin1String("xcb") ? kRepeatMs : 0);
    connect(m_spaceUp, &QTimer::timeout, this, &LabelPage::spaceReleased);
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
    m_extremesTool = style::makeToolButton("points", tr("Box by its extremes"), QStringLiteral("X"), tr("Click the topmost, leftmost, lowest and rightmost point, in any order"), style::ControlSize::Large);
    m_extremesTool->setObjectName(QStringLiteral("toolExtremes"));
    m_selectTool->setObjectName(QStringLiteral("toolSelect"));
    m_boxTool->setObjectName(QStringLiteral("toolBox"));
    auto* layout = new QVBoxLayout(strip);
    layout->setContentsMargins(6, 8, 6, 8);
    layout->setSpacing(4);
    for (QToolButton* button : { m_selectTool, m_boxTool, m_extremesTool }) {
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
    m_side = new SidePanel(tr("Classes and objects"), kSideWidth);
    m_side->setObjectName(QStringLiteral("labelSide"));
    m_stateMark = new StateMark;
    m_stateText = new PlainLabel({}, TextRole::Section);
    m_stateText->setObjectName(QStringLiteral("itemState"));
    m_done = makeButton(tr("Done"), ButtonKind::Primary, nullptr, ControlSize::Compact);
    m_done->setObjectName(QStringLiteral("done"));
    setButtonKey(m_done, tr("Space"));
    auto* doneInStrip = makeToolButton("check", tr("Done"), tr("Space"), tr("Done and on to the next"), ControlSize::Compact);
    connect(doneInStrip, &QToolButton::clicked, this, &LabelPage::finishAndGo);
    m_side->addToStrip(doneInStrip);
    auto* fold = makeToolButton("cr", tr("Fold the panel"), {}, {}, ControlSize::Compact);
    connect(fold, &QToolButton::clicked, this, [this] { m_side->setFolded(true); });
    auto* top = new QWidget;
    top->setFixedHeight(height::kPageBar);
    auto* topLayout = new QHBoxLayout(top);
    topLayout->setContentsMargins(12, 0, 12, 1);
    topLayout->setSpacing(8);
    topLayout->addWidget(m_stateMark);
    topLayout->addWidget(m_stateText, 1);
    topLayout->addWidget(m_done);
    topLayout->addWidget(fold);

    m_classes = new ClassList(context());
    m_objects = new ObjectList(context());
    m_fields = new ObjectFields;
    m_objectCount = new PlainLabel({}, TextRole::Table, Ink::Text3);
    m_objectCount->setFixedSize(112, height::kSection); // a new number must not lay out the window anew
    auto* search = makeToolButton("search", tr("Find a class"), QStringLiteral("/"), tr("Type a few letters, Enter takes it"), ControlSize::Compact);
    auto* plus = makeToolButton("plus", tr("New class"), QStringLiteral("/"), tr("Type its name, Enter makes it"), ControlSize::Compact);
    for (QToolButton* button : { search, plus })
        connect(button, &QToolButton::clicked, this, [this, plus, button] {
            m_purpose = m_waitingBox ? FieldPurpose::Draw : FieldPurpose::Arm;
            openClassField(button == plus ? tr("Name of the new class") : tr("Class"), QPoint(m_canvas->width(), 0));
        });
    auto* more = makeToolButton("dots", tr("The armed class"), {}, tr("Rename, move, merge, delete; its key and colour"), ControlSize::Compact);
    more->setObjectName(QStringLiteral("classMore"));
    connect(more, &QToolButton::clicked, this, [this, more] { m_classes->openMenu(m_armed, more->mapToGlobal(QPoint(0, more->height()))); });
    m_filter = new ObjectFilter;
    auto* filter = makeToolButton("filter", tr("List only some objects"), QStringLiteral("Ctrl+Shift+F"), tr("By class or flag; Ctrl+A then selects those"), ControlSize::Compact);
    filter->setObjectName(QStringLiteral("filterObjects"));
    connect(filter, &QToolButton::clicked, this, [this] { m_filter->open(); });
    m_classes->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* layout = new QVBoxLayout(m_side->body());
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(top);
    layout->addWidget(makeLine(Qt::Horizontal));
    layout->addWidget(buildSectionHead(tr("Classes"), nullptr, { search, plus, more }));
    layout->addWidget(m_classes);
    layout->addSpacing(8);
    layout->addWidget(makeLine(Qt::Horizontal));
    layout->addWidget(buildSectionHead(tr("Objects"), m_objectCount, { filter }));
    layout->addWidget(m_filter);
    layout->addWidget(m_objects, 1);
    layout->addWidget(makeLine(Qt::Horizontal));
    layout->addWidget(m_fields);
    return m_side;
}

}
