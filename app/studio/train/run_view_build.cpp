// RunView: what stands on the dashboard of a run.
#include "app/studio/train/learning_strip.h"
#include "app/studio/train/run_view.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {

QVBoxLayout* RunView::setUpNames()
{
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    auto* first = new QHBoxLayout;
    first->setSpacing(8);
    m_title = new style::PlainLabel({}, style::TextRole::PageTitle);
    m_title->setElideMode(Qt::ElideRight);
    m_chip = new style::Chip({}, style::Tone::Neutral);
    m_chip->setFocusPolicy(Qt::NoFocus);
    first->addWidget(m_title);
    first->addWidget(m_chip);
    first->addStretch();
    names->addLayout(first);
    m_facts = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_facts->setElideMode(Qt::ElideRight);
    names->addWidget(m_facts);
    m_said = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text);
    m_said->setObjectName(QStringLiteral("runNote"));
    m_said->setElideMode(Qt::ElideRight);
    m_said->hide();
    names->addWidget(m_said);
    return names;
}

void RunView::setUpButtons(QHBoxLayout* layout)
{
    m_pause = style::makeButton(tr("Pause"), style::ButtonKind::Default, "pause");
    m_pause->setObjectName(QStringLiteral("pauseRun"));
    m_stop = style::makeButton(tr("Stop and keep"), style::ButtonKind::Danger, "stop");
    m_stop->setObjectName(QStringLiteral("stopAndKeep"));
    m_resume = style::makeButton(tr("Resume"), style::ButtonKind::Default, "play");
    m_resume->setObjectName(QStringLiteral("resumeRun"));
    m_unqueue = style::makeButton(tr("Take out of the queue"), style::ButtonKind::Default, "x");
    m_validate = style::makeButton(tr("Validate"), style::ButtonKind::Default, "validate");
    m_validate->setObjectName(QStringLiteral("validateRun"));
    for (QPushButton* button : { m_pause, m_stop, m_unqueue, m_resume, m_validate })
        layout->addWidget(button);
    connect(m_pause, &QPushButton::clicked, this, [this] { m_controller.setPaused(!m_controller.isPaused()); });
    connect(m_stop, &QPushButton::clicked, this, [this] { m_controller.stopAndKeep(); });
    connect(m_unqueue, &QPushButton::clicked, this, [this] { m_controller.dequeue(); });
    connect(m_resume, &QPushButton::clicked, this, [this] {
        m_note->hide(); // what stopped it is over
        if (m_controller.isBusy())
            return m_controller.enqueuePrepared(m_run);
        m_controller.resume(m_run);
        m_pause->setFocus(); // the button that was pressed is gone
    });
    connect(m_validate, &QPushButton::clicked, this, [this] { emit validateRequested(m_run); });
}

void RunView::setUpHeader(QVBoxLayout* layout)
{
    auto* header = new QHBoxLayout;
    header->setContentsMargins(16, 10, 16, 10);
    header->setSpacing(16);
    header->addLayout(setUpNames(), 3);

    auto* progress = new QVBoxLayout;
    progress->setSpacing(4);
    auto* figures = new QHBoxLayout;
    m_epoch = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text);
    m_time = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_time->setObjectName(QStringLiteral("trainTimeLeft"));
    figures->addWidget(m_epoch);
    figures->addStretch();
    figures->addWidget(m_time);
    progress->addLayout(figures);
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(5);
    m_bar->setRange(0, 1000);
    progress->addWidget(m_bar);
    header->addLayout(progress, 4);
    setUpButtons(header);
    layout->addLayout(header);
    setUpFields(layout);
    m_note = new style::Note(style::Tone::Warning);
    m_note->hide();
    auto* noteRow = new QHBoxLayout;
    noteRow->setContentsMargins(16, 0, 16, 8);
    noteRow->addWidget(m_note);
    layout->addLayout(noteRow);
    layout->addWidget(style::makeLine(Qt::Horizontal));
    m_below = new QVBoxLayout;
    m_below->setSpacing(0);
    layout->addLayout(m_below);
}

void RunView::addBelowHeader(QWidget* widget) { m_below->addWidget(widget); }

// Hidden until somebody names the run or writes on it: Enter keeps, Esc does not.
void RunView::setUpFields(QVBoxLayout* layout)
{
    m_fields = new QWidget;
    auto* row = new QHBoxLayout(m_fields);
    row->setContentsMargins(16, 0, 16, 10);
    row->setSpacing(8);
    m_nameField = new QLineEdit;
    m_nameField->setObjectName(QStringLiteral("runNameField"));
    m_nameField->setAccessibleName(tr("Name of the run"));
    m_nameField->setMaxLength(60);
    m_noteField = new QLineEdit;
    m_noteField->setObjectName(QStringLiteral("runNoteField"));
    m_noteField->setAccessibleName(tr("Note on the run"));
    m_noteField->setPlaceholderText(tr("What was tried, what came of it"));
    m_noteField->setMaxLength(2000);
    row->addWidget(new style::PlainLabel(tr("Name"), style::TextRole::Table, style::Ink::Text2));
    row->addWidget(m_nameField, 2);
    row->addWidget(new style::PlainLabel(tr("Note"), style::TextRole::Table, style::Ink::Text2));
    row->addWidget(m_noteField, 5);
    auto* keep = style::makeButton(tr("Keep"), style::ButtonKind::Default);
    row->addWidget(keep);
    connect(keep, &QPushButton::clicked, this, [this] { endEdit(true); });
    for (QLineEdit* field : { m_nameField, m_noteField }) {
        connect(field, &QLineEdit::returnPressed, this, [this] { endEdit(true); });
        field->installEventFilter(this);
    }
    m_fields->hide();
    layout->addWidget(m_fields);
}

void RunView::setUpPlots(QVBoxLayout* layout)
{
    auto* plots = new QHBoxLayout;
    plots->setContentsMargins(16, 10, 16, 8);
    plots->setSpacing(24);
    m_lossPlot = new plots::CurvePlot;
    m_lossPlot->setObjectName(QStringLiteral("lossPlot"));
    m_lossPlot->setTitle(tr("Loss"), tr("log scale · thin: each step, thick: smoothed"));
    m_lossPlot->setXLabel(tr("epoch"));
    m_lossPlot->setWholeX(true);
    m_lossPlot->setLogarithmic(true);
    m_lossPlot->setEmptyText(tr("The curve starts with the first steps."));
    m_scorePlot = new plots::CurvePlot;
    m_scorePlot->setObjectName(QStringLiteral("scorePlot"));
    m_scorePlot->setTitle(tr("AP50 on validation"), tr("while training · ticked runs · dotted: best epoch"));
    m_scorePlot->setXLabel(tr("epoch"));
    m_scorePlot->setWholeX(true);
    m_scorePlot->setEmptyText(tr("The first point comes with the first validation."));
    plots->addWidget(m_lossPlot, 1);
    plots->addWidget(m_scorePlot, 1);
    layout->addLayout(plots, 5);
    layout->addWidget(style::makeLine(Qt::Horizontal));
}

void RunView::setUpStrip(QVBoxLayout* layout)
{
    auto* head = new QHBoxLayout;
    head->setContentsMargins(16, 8, 16, 2);
    head->setSpacing(8);
    head->addWidget(new style::PlainLabel(tr("Watch it learn"), style::TextRole::Section));
    auto* help = new style::PlainLabel(tr("Fixed validation pictures, score ≥ 0.30. Solid: found. Dashed red: missed. Pale: the strongest false alarms."), style::TextRole::Table, style::Ink::Text3);
    help->setElideMode(Qt::ElideRight);
    head->addWidget(help, 1);
    m_stripBack = style::makeToolButton("cl", tr("Previous pictures"));
    m_stripNext = style::makeToolButton("cr", tr("Next pictures"));
    m_stripPage = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    head->addWidget(m_stripBack);
    head->addWidget(m_stripPage);
    head->addWidget(m_stripNext);
    connect(m_stripBack, &QToolButton::clicked, this, [this] { pageStrip(-LearningStrip::kRows); });
    connect(m_stripNext, &QToolButton::clicked, this, [this] { pageStrip(LearningStrip::kRows); });
    layout->addLayout(head);
    m_strip = new LearningStrip;
    m_strip->setThreshold(0.3);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(16, 0, 16, 8);
    row->addWidget(m_strip);
    layout->addLayout(row, 6);
}

}
