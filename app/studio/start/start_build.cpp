// Putting the page together.
#include "app/studio/start/class_chips.h"
#include "app/studio/start/drop_zone.h"
#include "app/studio/start/recent_list.h"
#include "app/studio/start/start_page.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QGridLayout>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

class MarkWidget : public QWidget {
public:
    MarkWidget() { setFixedSize(32, 32); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        style::paintMark(painter, rect(), style::tokens().accent);
    }
};

PlainLabel* caption(const QString& text) { return new PlainLabel(text, TextRole::Table, Ink::Text2); }

}

QWidget* StartPage::makeSide()
{
    auto* side = new style::Surface(style::Surface::Fill::Window);
    side->setFixedWidth(320);
    side->setLines(Qt::RightEdge);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 28, 1, 16);
    layout->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(24, 0, 24, 12);
    head->setSpacing(12);
    head->addWidget(new MarkWidget);
    head->addWidget(new PlainLabel(QStringLiteral("Percept"), TextRole::Title), 1);
    layout->addLayout(head);
    auto* buttons = new QVBoxLayout;
    buttons->setContentsMargins(24, 0, 24, 0);
    QPushButton* open = style::makeButton(tr("Open project…"), style::ButtonKind::Default, "folder", style::ControlSize::Large);
    open->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    style::setButtonLeft(open, true);
    style::setButtonKey(open, QStringLiteral("Ctrl O"));
    buttons->addWidget(open);
    layout->addLayout(buttons);
    m_recentHead = new PlainLabel(tr("Recent"), TextRole::Section);
    m_recentHead->setContentsMargins(24, 20, 0, 0);
    layout->addWidget(m_recentHead);
    m_recent = new RecentList;
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_recent);
    scroll->viewport()->setAutoFillBackground(false);
    m_recent->setAutoFillBackground(false);
    layout->addWidget(scroll, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(16, 0, 24, 0);
    QPushButton* settings = style::makeButton(tr("Settings"), style::ButtonKind::Quiet, "settings", style::ControlSize::Compact);
    foot->addWidget(settings);
    foot->addStretch(1);
    foot->addWidget(new PlainLabel(QApplication::applicationVersion(), TextRole::Table, Ink::Text3));
    layout->addLayout(foot);
    connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
    connect(settings, &QPushButton::clicked, this, &StartPage::settingsRequested);
    auto* key = new QShortcut(QKeySequence::Open, this);
    key->setContext(Qt::WidgetWithChildrenShortcut);
    connect(key, &QShortcut::activated, this, &StartPage::openRequested);
    return side;
}

QWidget* StartPage::makeForm()
{
    auto* form = new QWidget;
    form->setMaximumWidth(960);
    auto* grid = new QGridLayout(form);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(24);
    grid->setVerticalSpacing(0);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    grid->addWidget(new PlainLabel(tr("What should Percept learn to find?"), TextRole::Title), 0, 0, 1, 2);
    auto* about = new PlainLabel(tr("You draw boxes around the things in some of your pictures; Percept learns from them to find and count such things in other pictures. Everything stays on this computer."), TextRole::Body, Ink::Text2);
    about->setWordWrap(true);
    about->setContentsMargins(0, 4, 0, 20);
    grid->addWidget(about, 1, 0, 1, 2);
    m_problem = new style::Note(style::Tone::Error);
    m_problem->setObjectName(QStringLiteral("start-problem"));
    m_problem->setAction(tr("Close"));
    m_problem->hide();
    grid->addWidget(m_problem, 2, 0, 1, 2);
    grid->setRowMinimumHeight(3, 16);

    grid->addLayout(makeNaming(), 4, 0);
    auto* right = new QVBoxLayout;
    right->setSpacing(4);
    m_drop = new DropZone;
    m_drop->setObjectName(QStringLiteral("drop-zone"));
    right->addWidget(caption(tr("Pictures, now or later")));
    right->addWidget(m_drop, 1);
    grid->addLayout(right, 4, 1);

    grid->setRowMinimumHeight(5, 16);
    auto* foot = new QHBoxLayout;
    foot->addWidget(new PlainLabel(tr("Pictures without boxes are fine: once the project is made, you draw the boxes on its page Label."), TextRole::Table, Ink::Text3), 1);
    m_create = style::makeButton(tr("Create project"), style::ButtonKind::Primary, nullptr, style::ControlSize::Large);
    m_create->setObjectName(QStringLiteral("create-project"));
    foot->addWidget(m_create);
    grid->addLayout(foot, 6, 0, 1, 2);
    grid->setRowMinimumHeight(7, 20);
    QWidget* sample = makeSample();
    grid->addWidget(style::makeLine(Qt::Horizontal), 8, 0, 1, 2);
    grid->addWidget(sample, 9, 0, 1, 2);
    return form;
}

QLayout* StartPage::makeNaming()
{
    auto* left = new QVBoxLayout;
    left->setSpacing(4);
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("project-name"));
    m_name->setPlaceholderText(tr("for example Blood cells"));
    m_name->setAccessibleName(tr("Name of the project"));
    style::setControlSize(m_name, style::ControlSize::Large);
    m_nameProblem = new PlainLabel(QString(), TextRole::Table, Ink::Error);
    m_nameProblem->setMinimumHeight(16);
    m_folder = new QLineEdit;
    m_folder->setObjectName(QStringLiteral("project-folder"));
    m_folder->setAccessibleName(tr("Folder to keep it in"));
    style::setControlSize(m_folder, style::ControlSize::Large);
    QPushButton* choose = style::makeButton(tr("Choose…"), style::ButtonKind::Default, nullptr, style::ControlSize::Large);
    auto* folderRow = new QHBoxLayout;
    folderRow->setSpacing(8);
    folderRow->addWidget(m_folder, 1);
    folderRow->addWidget(choose);
    m_classes = new ClassChips;
    m_classes->setObjectName(QStringLiteral("classes"));
    m_classProblem = new PlainLabel(QString(), TextRole::Table, Ink::Error);
    m_classProblem->setObjectName(QStringLiteral("class-problem"));
    m_classProblem->setWordWrap(true);
    m_classProblem->setMinimumHeight(16);
    left->addWidget(caption(tr("Name of the project")));
    left->addWidget(m_name);
    left->addWidget(m_nameProblem);
    left->addWidget(caption(tr("Folder to keep it in")));
    left->addLayout(folderRow);
    left->addSpacing(16);
    left->addWidget(caption(tr("Classes: the kinds of things to find, now or later. Enter after each.")));
    left->addWidget(m_classes);
    left->addWidget(m_classProblem);
    left->addStretch(1);
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString chosen = m_context.choosers().folder(this, tr("Folder to keep the project in"), m_folder->text());
        if (!chosen.isEmpty())
            m_folder->setText(chosen);
    });
    return left;
}

QWidget* StartPage::makeSample()
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 16, 0, 0);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(new PlainLabel(tr("Or look around in a sample project"), TextRole::Section));
    texts->addWidget(new PlainLabel(tr("Small parts on a tray: %1 pictures with all boxes, which this computer draws in some seconds.").arg(kSampleItems), TextRole::Table, Ink::Text3));
    layout->addLayout(texts, 1);
    m_sample = style::makeButton(tr("Open sample"));
    m_sample->setObjectName(QStringLiteral("open-sample"));
    layout->addWidget(m_sample);
    return row;
}

}
