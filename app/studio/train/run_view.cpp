#include "app/studio/train/run_view.h"

#include "app/studio/background.h"
#include "app/studio/train/learning_strip.h"
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/media/picture.h"
#include "core/protocol/json_fields.h"
#include "core/protocol/run_config.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kStripPictureSide = 480; // px; cells are about 170 wide, twice that on a fine screen

QString qs(const std::string& text) { return QString::fromStdString(text); }

QImage imageOf(const cv::Mat& rgb)
{
    return QImage(rgb.data, rgb.cols, rgb.rows, static_cast<qsizetype>(rgb.step), QImage::Format_RGB888).copy();
}

// The first validation items of the run's snapshot that samples speak of, with their true boxes.
std::vector<LearningStrip::Truth> readTruths(const std::filesystem::path& folder, const std::vector<protocol::SampleMessage>& samples)
{
    std::vector<LearningStrip::Truth> truths;
    if (samples.empty())
        return truths;
    const auto text = base::readTextFile(folder / "snapshot" / "items.jsonl");
    if (text.hasError())
        return truths;
    QHash<std::int64_t, LearningStrip::Truth> found;
    for (const QByteArray& line : QByteArray::fromStdString(text.value()).split('\n')) {
        if (line.isEmpty())
            continue;
        const auto json = protocol::parseJson(std::string_view(line.constData(), static_cast<std::size_t>(line.size())), "snapshot");
        if (json.hasError())
            continue;
        const auto item = protocol::snapshotItemFromJson(json.value());
        if (item.hasError() || item->set != domain::SplitSet::Validation)
            continue;
        LearningStrip::Truth truth { item->id, qs(std::filesystem::path(item->path).stem().string()), item->width, item->height, {} };
        for (const auto& box : item->boxes)
            truth.boxes.emplace_back(box.label, box.box);
        found.insert(item->id, std::move(truth));
    }
    for (const auto& item : samples.back().items)
        if (found.contains(item.item))
            truths.push_back(found.value(item.item));
    return truths;
}

}

RunView::RunView(RunListModel& model, TrainingController& controller, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_controller(controller)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    setUpHeader(layout);
    setUpPlots(layout);
    setUpStrip(layout);
    connect(&m_model, &RunListModel::tickedChanged, this, &RunView::refreshMetrics);
}

void RunView::setUpHeader(QVBoxLayout* layout)
{
    auto* header = new QHBoxLayout;
    header->setContentsMargins(16, 10, 16, 10);
    header->setSpacing(16);
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    auto* first = new QHBoxLayout;
    first->setSpacing(8);
    m_title = new style::PlainLabel({}, style::TextRole::PageTitle);
    m_chip = new style::Chip({}, style::Tone::Neutral);
    m_chip->setFocusPolicy(Qt::NoFocus);
    first->addWidget(m_title);
    first->addWidget(m_chip);
    first->addStretch();
    names->addLayout(first);
    m_facts = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    names->addWidget(m_facts);
    header->addLayout(names, 3);

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

    m_pause = style::makeButton(tr("Pause"), style::ButtonKind::Default, "pause");
    m_stop = style::makeButton(tr("Stop and keep"), style::ButtonKind::Danger, "stop");
    m_stop->setObjectName(QStringLiteral("stopAndKeep"));
    m_resume = style::makeButton(tr("Resume"), style::ButtonKind::Default, "play");
    m_validate = style::makeButton(tr("Validate"), style::ButtonKind::Default, "validate");
    m_validate->setObjectName(QStringLiteral("validateRun"));
    for (QPushButton* button : { m_pause, m_stop, m_resume, m_validate })
        header->addWidget(button);
    connect(m_pause, &QPushButton::clicked, this, [this] { m_controller.setPaused(!m_controller.isPaused()); });
    connect(m_stop, &QPushButton::clicked, this, [this] { m_controller.stopAndKeep(); });
    connect(m_resume, &QPushButton::clicked, this, [this] {
        m_note->hide(); // what stopped it is over
        m_controller.resume(m_run);
    });
    connect(m_validate, &QPushButton::clicked, this, [this] { emit validateRequested(m_run); });
    layout->addLayout(header);
    m_note = new style::Note(style::Tone::Warning);
    m_note->hide();
    auto* noteRow = new QHBoxLayout;
    noteRow->setContentsMargins(16, 0, 16, 8);
    noteRow->addWidget(m_note);
    layout->addLayout(noteRow);
    layout->addWidget(style::makeLine(Qt::Horizontal));
}

void RunView::setUpPlots(QVBoxLayout* layout)
{
    auto* plots = new QHBoxLayout;
    plots->setContentsMargins(16, 10, 16, 8);
    plots->setSpacing(24);
    m_lossPlot = new plots::CurvePlot;
    m_lossPlot->setTitle(tr("Loss"), tr("log scale · thin: each step, thick: smoothed"));
    m_lossPlot->setXLabel(tr("epoch"));
    m_lossPlot->setLogarithmic(true);
    m_lossPlot->setEmptyText(tr("The curve starts with the first steps."));
    m_scorePlot = new plots::CurvePlot;
    m_scorePlot->setTitle(tr("AP50 on validation"), tr("ticked runs; dotted: best epoch"));
    m_scorePlot->setXLabel(tr("epoch"));
    m_scorePlot->setYRange(0, 1);
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
    auto* help = new style::PlainLabel(tr("The same validation pictures, score ≥ 0.30. Solid: found. Dashed red: still missed."), style::TextRole::Table, style::Ink::Text3);
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

void RunView::pageStrip(int by)
{
    const int last = std::max(0, (m_strip->pictures() - 1) / LearningStrip::kRows * LearningStrip::kRows);
    m_strip->setFirst(std::clamp(m_strip->first() + by, 0, last));
    const int first = m_strip->first(), n = m_strip->pictures();
    m_stripPage->setText(n == 0 ? QString() : tr("pictures %1–%2 of %3").arg(first + 1).arg(std::min(first + LearningStrip::kRows, n)).arg(n));
    m_stripBack->setEnabled(first > 0);
    m_stripNext->setEnabled(first < last);
}

void RunView::showRun(const QString& id)
{
    if (id != m_run) {
        m_run = id;
        if (m_noteRun != id)
            m_note->hide();
        m_strip->setTruths({}, {});
        m_strip->setSamples({}, false);
        m_truthsOf.clear();
    }
    refreshHeader();
    refreshMetrics();
    refreshSamples();
}

QString RunView::timeText() const
{
    const auto& p = m_controller.progress();
    if (p.secondsLeft < 0)
        return tr("time left is being measured");
    const QString left = tr("%1 left").arg(qs(base::describeDuration(p.secondsLeft)));
    if (p.secondsLeftLow < 0 || base::describeDuration(p.secondsLeftLow) == base::describeDuration(p.secondsLeftHigh))
        return left;
    return tr("%1 (%2 to %3)").arg(left, qs(base::describeDuration(p.secondsLeftLow)), qs(base::describeDuration(p.secondsLeftHigh)));
}

void RunView::refreshHeader()
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run)
        return;
    const bool mine = m_controller.isBusy() && m_controller.currentRun() == m_run;
    const bool training = mine && m_controller.phase() == tr("Training");
    m_title->setText(runTitle(run->id));
    m_facts->setText(runFacts(*run));
    const bool bad = !mine && (run->status == "failed" || run->status == "crashed");
    m_chip->setText(mine ? (m_controller.isPaused() ? tr("Paused") : m_controller.phase()) : runStatusText(*run));
    m_chip->setTone(mine || isLive(*run) ? style::Tone::Accent : (bad ? style::Tone::Error : style::Tone::Good));
    const auto& p = mine ? m_controller.progress() : run->progress.value_or(protocol::ProgressMessage {});
    m_epoch->setText(p.epochs > 0 ? tr("Epoch %1 of %2").arg(p.epoch).arg(p.epochs) : (mine ? tr("Starting") : QString()));
    m_time->setText(training ? timeText() : (mine ? tr("scoring the validation set") : QString()));
    m_bar->setVisible(mine || isLive(*run));
    m_bar->setValue(p.steps > 0 ? static_cast<int>(1000 * p.step / p.steps) : 0);
    m_pause->setVisible(training);
    m_pause->setText(m_controller.isPaused() ? tr("Continue") : tr("Pause"));
    m_stop->setVisible(training);
    m_resume->setVisible(!m_controller.isBusy() && (run->status == "crashed" || run->status == "failed" || run->status == "prepared"));
    m_validate->setVisible(!mine && run->hasModel);
    if (bad && !run->message.empty() && !m_note->isVisible())
        showFailure(m_run, qs(run->message));
}

void RunView::readSeries(const QString& id)
{
    const runs::RunInfo* run = m_model.find(id);
    if (!run)
        return;
    Series& series = m_series[id];
    const auto metrics = runs::readMetrics(run->folder, series.offset);
    if (metrics.hasError())
        return;
    for (const auto& metric : metrics.value()) {
        if (!metric.value)
            continue;
        const QPointF point(metric.epoch, *metric.value);
        if (metric.name == "train/loss")
            series.loss.append(point);
        else if (metric.name == "val/loss")
            series.validationLoss.append(point);
        else if (metric.name == "val/map50")
            series.map50.append(point);
        else if (metric.name == "val/map")
            series.map.append(point);
    }
}

void RunView::refreshMetrics()
{
    readSeries(m_run);
    for (const QString& id : m_model.ticked())
        readSeries(id);
    redraw();
}

void RunView::redraw()
{
    const Series& own = m_series[m_run];
    QVector<plots::Curve> loss;
    if (!own.loss.isEmpty()) {
        const plots::Points smooth = plots::smoothed(own.loss, 25);
        loss.append({ tr("train %1").arg(smooth.last().y(), 0, 'f', 2), [] { return style::tokens().text2; }, smooth, own.loss, {}, {}, {}, false, true });
    }
    if (!own.validationLoss.isEmpty())
        loss.append({ tr("validation %1").arg(own.validationLoss.last().y(), 0, 'f', 2), [] { return style::tokens().accent; }, own.validationLoss, {}, {}, {}, {}, false, true });
    m_lossPlot->setCurves(loss);

    QVector<plots::Curve> score;
    QStringList drawn = m_model.ticked();
    if (!drawn.contains(m_run))
        drawn.prepend(m_run);
    for (const QString& id : drawn) {
        const Series& series = m_series[id];
        if (series.map50.isEmpty())
            continue;
        const auto best = std::max_element(series.map50.begin(), series.map50.end(), [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
        score.append({ QStringLiteral("%1 %2").arg(runTitle(id.toStdString())).arg(series.map50.last().y(), 0, 'f', 3),
            [this, id] { return m_model.colorOf(id); }, series.map50, {}, {}, {}, *best, false, id == m_run });
    }
    m_scorePlot->setCurves(score);
    if (!own.map50.isEmpty()) {
        const auto best = std::max_element(own.map50.begin(), own.map50.end(), [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
        m_scorePlot->setVerticalLine(best->x(), tr("best %1").arg(best->y(), 0, 'f', 3));
    } else {
        m_scorePlot->setVerticalLine(std::nullopt);
    }
}

void RunView::refreshSamples()
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run)
        return;
    const bool live = m_controller.isBusy() && m_controller.currentRun() == m_run;
    runInBackground(
        this, [folder = run->folder] { return runs::readSamples(folder); },
        [this, id = m_run, live](base::Result<std::vector<protocol::SampleMessage>> samples) {
            if (id != m_run || samples.hasError())
                return;
            const bool first = m_truthsOf != m_run && !samples->empty();
            m_strip->setSamples(std::move(samples).value(), live);
            if (first)
                loadTruths();
        });
}

void RunView::loadTruths()
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run)
        return;
    m_truthsOf = m_run;
    struct Loaded {
        std::vector<LearningStrip::Truth> truths;
        std::vector<std::pair<std::int64_t, QImage>> pictures;
    };
    runInBackground(
        this,
        [folder = run->folder] {
            Loaded loaded;
            const auto samples = runs::readSamples(folder);
            if (samples.hasError() || samples->empty())
                return loaded;
            loaded.truths = readTruths(folder, samples.value());
            for (const auto& item : samples->back().items)
                if (const auto picture = media::decodeThumbnail(item.path, kStripPictureSide); picture.hasValue())
                    loaded.pictures.emplace_back(item.item, imageOf(picture.value()));
            return loaded;
        },
        [this, id = m_run](Loaded loaded) {
            if (id != m_run)
                return;
            std::vector<QColor> colors;
            for (int i = 0; i < 64; ++i)
                colors.push_back(style::classBright(i));
            m_strip->setTruths(std::move(loaded.truths), std::move(colors));
            for (const auto& [item, picture] : loaded.pictures)
                m_strip->setPicture(item, picture);
            pageStrip(0);
        });
}

void RunView::showWarning(const QString& run, const QString& message)
{
    if (run != m_run)
        return;
    m_noteRun = run;
    m_note->setTone(style::Tone::Warning);
    m_note->setText(message);
    m_note->show();
}

void RunView::showFailure(const QString& run, const QString& message)
{
    if (run != m_run)
        return;
    m_noteRun = run;
    m_note->setTone(style::Tone::Error);
    m_note->setText(message);
    m_note->show();
}

}
