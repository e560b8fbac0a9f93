#include "app/studio/train/train_wizard.h"

#include "app/studio/background.h"
#include "core/base/time.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSpinBox>
#include <QStackedWidget>
#include <QThread>
#include <QTime>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kStepsWidth = 200, kConsequencesWidth = 280;
constexpr int kDefaultMinutes = 15, kDefaultEpochs = 24;
constexpr double kValidationShare = 0.25; // of a training picture's time, for one validation picture
// Full recipe, Lite0, 416 px on one core of the machines that were measured: pictures a second, slow and fast end.
constexpr double kRatePerCoreLow = 4, kRatePerCoreHigh = 8;

QString qs(const std::string& text) { return QString::fromStdString(text); }

void clear(QLayout* layout)
{
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (QWidget* widget = item->widget())
            widget->deleteLater();
        delete item;
    }
}

QWidget* scrolled(QWidget* content)
{
    auto* area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return area;
}

// One finding of the data check: icon, sentence, link to where it is mended.
class FindingRow : public QWidget {
public:
    FindingRow(const services::DataFinding& finding, std::function<void(QString)> open)
    {
        using Level = services::DataFinding::Level;
        m_icon = finding.level == Level::Good ? "ok" : finding.level == Level::Note ? "info" : finding.level == Level::Warning ? "warn" : "alert";
        m_ink = finding.level == Level::Good ? Ink::Good : finding.level == Level::Note ? Ink::Text2 : finding.level == Level::Warning ? Ink::Warning : Ink::Error;
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(26, 3, 0, 5);
        layout->setSpacing(0);
        auto* text = new PlainLabel(qs(finding.text), TextRole::Table);
        text->setWordWrap(true);
        layout->addWidget(text);
        if (!finding.link.empty()) {
            auto* link = new style::LinkButton(finding.level == Level::Blocker ? tr("Mend it") : tr("Show"));
            connect(link, &QAbstractButton::clicked, this, [open = std::move(open), to = qs(finding.link)] { open(to); });
            layout->addWidget(link, 0, Qt::AlignLeft);
        }
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        style::paintIcon(painter, QString::fromLatin1(m_icon), QRectF(0, 3, 16, 16), style::inkColor(m_ink));
    }

private:
    const char* m_icon;
    Ink m_ink;
};

}

// Train, validation and test as shares of one bar, with their counts below.
class SplitBar : public QWidget {
public:
    SplitBar()
    {
        setFixedHeight(40);
        setAccessibleName(tr("Split"));
    }
    void setCounts(std::int64_t train, std::int64_t validation, std::int64_t test)
    {
        m_counts = { train, validation, test };
        setAccessibleDescription(tr("Train %1, validation %2, test %3").arg(train).arg(validation).arg(test));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const auto& t = style::tokens();
        const auto total = static_cast<double>(std::max<std::int64_t>(1, m_counts[0] + m_counts[1] + m_counts[2]));
        const QColor fills[] = { t.accent, t.accentSoftLine, t.lineStrong };
        const QString names[] = { tr("Train"), tr("Validation"), tr("Test") };
        double x = 0;
        painter.setFont(style::font(TextRole::Table));
        for (int i = 0; i < 3; ++i) {
            const double w = width() * static_cast<double>(m_counts[static_cast<std::size_t>(i)]) / total;
            painter.fillRect(QRectF(x, 0, std::max(0.0, w - 2), 10), fills[i]);
            painter.setPen(t.text2);
            const QString text = QStringLiteral("%1 %2").arg(names[i], style::count(m_counts[static_cast<std::size_t>(i)]));
            if (painter.fontMetrics().horizontalAdvance(text) < w)
                painter.drawText(QRectF(x, 16, w, 20), Qt::AlignLeft | Qt::AlignVCenter, text);
            x += w;
        }
    }

private:
    std::array<std::int64_t, 3> m_counts {};
};

TrainWizard::TrainWizard(services::ProjectSession& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(0);
    setUpSteps(columns);
    m_pages = new QStackedWidget;
    auto* middle = new QVBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_pages, 1);
    columns->addLayout(middle, 1);
    setUpData();
    setUpRecipe();
    setUpCheck();
    setUpConsequences(columns);
    setUpFooter(middle);
    layout->addLayout(columns, 1);
    // Shortcuts, since fields and lists keep these keys to themselves.
    for (const auto& [key, by] : { std::pair(Qt::Key_Left, -1), std::pair(Qt::Key_Right, 1) }) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::ALT | key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, by = by] { goTo(m_step + by); });
    }
    goTo(0);
}

void TrainWizard::setUpSteps(QHBoxLayout* layout)
{
    m_steps = new QListWidget;
    m_steps->setFixedWidth(kStepsWidth);
    m_steps->setFrameShape(QFrame::NoFrame);
    m_steps->addItems({ tr("1  Data"), tr("2  Recipe"), tr("3  Check and start") });
    m_steps->setAccessibleName(tr("Steps"));
    for (int i = 0; i < m_steps->count(); ++i)
        m_steps->item(i)->setSizeHint({ kStepsWidth, 44 });
    connect(m_steps, &QListWidget::currentRowChanged, this, &TrainWizard::goTo);
    layout->addWidget(m_steps);
    layout->addWidget(style::makeLine(Qt::Vertical));
}

void TrainWizard::setUpData()
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(24, 20, 24, 16);
    layout->setSpacing(12);
    layout->addWidget(new PlainLabel(tr("What it learns from"), TextRole::PageTitle));
    m_split = new SplitBar;
    layout->addWidget(m_split);
    auto* note = new PlainLabel(tr("The split is given once and stays: numbers of different runs can be compared. Training never reads the test set."), TextRole::Table, Ink::Text3);
    note->setWordWrap(true);
    layout->addWidget(note);
    layout->addSpacing(8);
    layout->addWidget(new PlainLabel(tr("What is right and what is wrong with it"), TextRole::Section));
    m_findings = new QVBoxLayout;
    m_findings->setSpacing(2);
    layout->addLayout(m_findings);
    layout->addStretch();
    m_pages->addWidget(scrolled(page));
}

void TrainWizard::setUpRecipe()
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(24, 20, 24, 16);
    layout->setSpacing(12);
    layout->addWidget(new PlainLabel(tr("Full recipe"), TextRole::PageTitle));
    auto* text = new PlainLabel(tr("EfficientNet-Lite0 with a feature pyramid; everything but the first layers learns, with augmentation: flips, size, place, light and colour. "
                                   "The model that did best on validation is kept."), TextRole::Body, Ink::Text2);
    text->setWordWrap(true);
    layout->addWidget(text);
    layout->addSpacing(8);
    layout->addWidget(new PlainLabel(tr("How long"), TextRole::Section));
    m_lengthKind = new style::SegmentedControl({ tr("By time"), tr("By epochs") });
    m_minutes = new QSpinBox;
    m_minutes->setRange(1, 24 * 60);
    m_minutes->setValue(kDefaultMinutes);
    m_minutes->setSuffix(tr(" min"));
    m_minutes->setObjectName(QStringLiteral("trainMinutes"));
    m_epochs = new QSpinBox;
    m_epochs->setRange(1, 10'000);
    m_epochs->setValue(kDefaultEpochs);
    m_epochs->setSuffix(tr(" epochs"));
    m_epochs->setObjectName(QStringLiteral("trainEpochs"));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_lengthKind);
    row->addWidget(m_minutes);
    row->addWidget(m_epochs);
    row->addStretch();
    layout->addLayout(row);
    layout->addSpacing(8);
    layout->addWidget(new PlainLabel(tr("Seed"), TextRole::Section));
    m_seed = new QSpinBox;
    m_seed->setRange(0, 1'000'000);
    m_seed->setFixedWidth(120);
    m_seed->setObjectName(QStringLiteral("trainSeed"));
    layout->addWidget(m_seed);
    auto* seedText = new PlainLabel(tr("The same data, seed and computer give the same model. Train with two seeds to see how much chance there is in a score."), TextRole::Table, Ink::Text3);
    seedText->setWordWrap(true);
    layout->addWidget(seedText);
    layout->addStretch();
    m_pages->addWidget(scrolled(page));
    const auto changed = [this] {
        m_minutes->setVisible(m_lengthKind->current() == 0);
        m_epochs->setVisible(m_lengthKind->current() == 1);
        updateConsequences();
    };
    connect(m_lengthKind, &style::SegmentedControl::currentChanged, this, changed);
    connect(m_minutes, &QSpinBox::valueChanged, this, changed);
    connect(m_epochs, &QSpinBox::valueChanged, this, changed);
    m_epochs->hide();
}

void TrainWizard::setUpCheck()
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(24, 20, 24, 16);
    layout->setSpacing(12);
    layout->addWidget(new PlainLabel(tr("Before you start"), TextRole::PageTitle));
    m_checkFindings = new QVBoxLayout;
    m_checkFindings->setSpacing(2);
    layout->addLayout(m_checkFindings);
    auto* text = new PlainLabel(tr("The data is frozen as a version first, so you can go on labeling while it trains. \"Stop and keep\" ends it early without loss; "
                                   "a crash or a power cut costs a minute or two, then Resume goes on."), TextRole::Table, Ink::Text3);
    text->setWordWrap(true);
    layout->addWidget(text);
    layout->addStretch();
    m_pages->addWidget(scrolled(page));
}

void TrainWizard::setUpConsequences(QHBoxLayout* layout)
{
    layout->addWidget(style::makeLine(Qt::Vertical));
    auto* panel = new QWidget;
    panel->setFixedWidth(kConsequencesWidth);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(16, 20, 16, 16);
    column->setSpacing(4);
    column->addWidget(new PlainLabel(tr("What will happen"), TextRole::Section));
    m_figure = new PlainLabel({}, TextRole::Figure);
    column->addWidget(m_figure);
    m_figureSource = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_figureSource->setWordWrap(true);
    column->addWidget(m_figureSource);
    column->addSpacing(12);
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addSpacing(8);
    m_facts = new QVBoxLayout;
    m_facts->setSpacing(4);
    column->addLayout(m_facts);
    column->addStretch();
    layout->addWidget(panel);
}

void TrainWizard::setUpFooter(QVBoxLayout* layout)
{
    layout->addWidget(style::makeLine(Qt::Horizontal));
    auto* footer = new QHBoxLayout;
    footer->setContentsMargins(24, 12, 16, 12);
    footer->setSpacing(8);
    m_back = style::makeButton(tr("Back"), style::ButtonKind::Quiet, nullptr, style::ControlSize::Large);
    m_next = style::makeButton(tr("Next"), style::ButtonKind::Default, nullptr, style::ControlSize::Large);
    m_start = style::makeButton(tr("Start training"), style::ButtonKind::Primary, nullptr, style::ControlSize::Large);
    m_start->setObjectName(QStringLiteral("startTraining"));
    style::setTip(m_start, tr("Start training"), QStringLiteral("Ctrl+Return"));
    footer->addWidget(m_back);
    footer->addStretch();
    footer->addWidget(new PlainLabel(tr("Defaults are good"), TextRole::Table, Ink::Text3));
    footer->addWidget(m_next);
    footer->addWidget(m_start);
    layout->addLayout(footer);
    connect(m_back, &QPushButton::clicked, this, [this] { goTo(m_step - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { goTo(m_step + 1); });
    connect(m_start, &QPushButton::clicked, this, &TrainWizard::startRequested);
}

void TrainWizard::goTo(int step)
{
    m_step = std::clamp(step, 0, m_pages->count() - 1);
    m_pages->setCurrentIndex(m_step);
    const QSignalBlocker blocker(m_steps);
    m_steps->setCurrentRow(m_step);
    m_back->setEnabled(m_step > 0);
    m_next->setVisible(m_step + 1 < m_pages->count());
    updateConsequences();
}

void TrainWizard::prepare(std::optional<double> rate, const QString& busyWith)
{
    m_rate = rate;
    m_busyWith = busyWith;
    auto reader = m_session.openReader();
    if (reader.hasError()) {
        m_problem = qs(reader.error().message);
        return showFindings();
    }
    std::shared_ptr<dataset::ProjectReader> shared = std::move(reader).value();
    runInBackground(
        this, [shared] { return services::checkTrainingData(*shared); },
        [this](base::Result<services::DataCheck> check) {
            m_problem = check.hasError() ? qs(check.error().message) : QString();
            m_check.reset();
            if (check.hasValue())
                m_check = std::move(check).value();
            showFindings();
        });
}

void TrainWizard::showFindings()
{
    for (QVBoxLayout* layout : { m_findings, m_checkFindings }) {
        clear(layout);
        const auto open = [this](const QString& link) { emit linkRequested(link); };
        if (!m_problem.isEmpty())
            layout->addWidget(new FindingRow({ services::DataFinding::Level::Blocker, m_problem.toStdString(), {} }, open));
        if (!m_busyWith.isEmpty())
            layout->addWidget(new FindingRow({ services::DataFinding::Level::Blocker, tr("%1 is still training; stop it or wait for it first.").arg(m_busyWith).toStdString(), {} }, open));
        if (m_check)
            for (const auto& finding : m_check->findings)
                layout->addWidget(new FindingRow(finding, open));
    }
    if (m_check)
        m_split->setCounts(m_check->train, m_check->validation, m_check->test);
    updateConsequences();
}

bool TrainWizard::canStart() const { return m_check && m_check->canTrain && m_busyWith.isEmpty() && m_problem.isEmpty(); }

services::TrainRequest TrainWizard::request() const
{
    services::TrainRequest request;
    if (m_lengthKind->current() == 0)
        request.timeLimitMinutes = m_minutes->value();
    else
        request.epochs = m_epochs->value();
    request.seed = static_cast<std::uint64_t>(m_seed->value());
    return request;
}

TrainWizard::Estimate TrainWizard::estimate() const
{
    Estimate e;
    const double cores = std::max(1, QThread::idealThreadCount());
    const double low = m_rate ? *m_rate * 0.85 : kRatePerCoreLow * cores;
    const double high = m_rate ? *m_rate * 1.15 : kRatePerCoreHigh * cores;
    e.measured = m_rate.has_value();
    const double work = m_check ? static_cast<double>(m_check->train) + kValidationShare * static_cast<double>(m_check->validation) : 0;
    if (m_lengthKind->current() == 0) {
        e.low = e.middle = e.high = m_minutes->value();
        e.epochs = work > 0 ? std::max(1, static_cast<int>(m_minutes->value() * 60 * (low + high) / 2 / work)) : 0;
        return e;
    }
    e.epochs = m_epochs->value();
    e.low = e.epochs * work / high / 60;
    e.high = e.epochs * work / low / 60;
    e.middle = (e.low + e.high) / 2;
    return e;
}

void TrainWizard::updateConsequences()
{
    if (!m_start)
        return;
    m_start->setEnabled(canStart());
    const Estimate e = estimate();
    const bool byTime = m_lengthKind->current() == 0;
    m_figure->setText(qs(base::describeDuration(e.middle * 60)));
    const QString source = e.measured ? tr("from earlier runs on this computer") : tr("usual for this many cores; measured in the first steps");
    m_figureSource->setText(byTime ? tr("The limit that you set. About %1 epochs, %2.").arg(e.epochs).arg(source)
                                   : tr("%1 to %2, %3.").arg(qs(base::describeDuration(e.low * 60)), qs(base::describeDuration(e.high * 60)), source));
    clear(m_facts);
    const auto fact = [this](const QString& name, const QString& value) {
        auto* row = new QWidget;
        auto* layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(new PlainLabel(name, TextRole::Table, Ink::Text2));
        layout->addStretch();
        layout->addWidget(new PlainLabel(value, TextRole::Table));
        m_facts->addWidget(row);
    };
    fact(tr("Ready about"), QTime::currentTime().addSecs(static_cast<int>(e.middle * 60)).toString(QStringLiteral("HH:mm")));
    fact(tr("Epochs"), byTime ? tr("about %1").arg(e.epochs) : QString::number(e.epochs));
    fact(tr("Computer"), tr("this one, CPU, %1 threads").arg(QThread::idealThreadCount()));
}

void TrainWizard::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers() == Qt::ControlModifier && canStart())
        emit startRequested();
    else if (event->key() == Qt::Key_Escape)
        emit closeRequested();
    else
        QWidget::keyPressEvent(event);
}

}
