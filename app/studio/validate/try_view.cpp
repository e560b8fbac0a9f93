#include "app/studio/validate/try_view.h"

#include "app/studio/background.h"
#include "core/evaluation/detection_metrics.h"
#include "core/media/picture.h"
#include "core/packaging/package.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace percept::studio {

namespace {

constexpr int kListWidth = 240, kPictureSide = 1600;
constexpr double kFloor = 0.05; // the weakest answers that can be looked at
constexpr int kLastHundredth = 98; // of the slider; behind it:
constexpr std::array kFine { 0.99, 0.995, 0.999 };

int positionOf(double threshold)
{
    if (threshold < 0.985)
        return static_cast<int>(std::lround(threshold * 100));
    const auto nearest = std::min_element(kFine.begin(), kFine.end(), [threshold](double a, double b) { return std::abs(a - threshold) < std::abs(b - threshold); });
    return kLastHundredth + 1 + static_cast<int>(nearest - kFine.begin());
}

QString textOf(double threshold) { return QString::fromStdString(evaluation::thresholdText(threshold)); }

}

struct TryView::Shared {
    std::mutex mutex;
    std::unique_ptr<runs::EdgeProcess> edge;
    std::filesystem::path loaded;
    std::filesystem::file_time_type loadedFrom; // of its manifest: thresholds change while it is loaded
};

TryView::TryView(QWidget* parent)
    : QWidget(parent)
    , m_shared(std::make_shared<Shared>())
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_list = new QListWidget;
    m_list->setFixedWidth(kListWidth);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Pictures tried"));
    connect(m_list, &QListWidget::currentRowChanged, this, &TryView::choose);
    layout->addWidget(m_list);
    layout->addWidget(style::makeLine(Qt::Vertical));
    auto* right = new QVBoxLayout;
    right->setContentsMargins(16, 8, 16, 10);
    right->setSpacing(8);
    m_bar = setUpBar();
    m_note = new style::Note(style::Tone::Error);
    m_note->hide();
    m_area = new QWidget; // where the picture is painted
    m_summary = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_empty = new style::EmptyState("camera", tr("Drop pictures here to see what the model answers. They are not added to the project."));
    connect(m_empty->addPrimary(tr("Choose pictures…")), &QPushButton::clicked, this, &TryView::chooseRequested);
    right->addWidget(m_bar);
    right->addWidget(m_note);
    right->addWidget(m_empty, 1);
    right->addWidget(m_area, 1);
    right->addWidget(m_summary);
    layout->addLayout(right, 1);
    clear();
}

TryView::~TryView() = default;

QWidget* TryView::setUpBar()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto* add = style::makeButton(tr("Add pictures…"), style::ButtonKind::Default, "plus");
    auto* clearAll = style::makeButton(tr("Clear"), style::ButtonKind::Quiet, "x");
    clearAll->setObjectName(QStringLiteral("clearTried"));
    connect(add, &QPushButton::clicked, this, &TryView::chooseRequested);
    connect(clearAll, &QPushButton::clicked, this, &TryView::clear);
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("trySlider"));
    m_slider->setAccessibleName(tr("Threshold of what is shown"));
    m_slider->setRange(static_cast<int>(kFloor * 100), kLastHundredth + static_cast<int>(kFine.size()));
    m_slider->setPageStep(5);
    m_slider->setFixedWidth(200);
    m_value = new style::PlainLabel({}, style::TextRole::Table);
    m_value->setObjectName(QStringLiteral("tryThreshold"));
    m_own = new style::LinkButton(tr("As the model"));
    row->addWidget(add);
    row->addWidget(clearAll);
    row->addStretch();
    row->addWidget(new style::PlainLabel(tr("Shown from"), style::TextRole::Table, style::Ink::Text2));
    row->addWidget(m_slider);
    row->addWidget(m_value);
    row->addWidget(m_own);
    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        setThreshold(position <= kLastHundredth ? position / 100.0 : kFine[static_cast<std::size_t>(position - kLastHundredth - 1)]);
    });
    connect(m_own, &QAbstractButton::clicked, this, [this] { setThreshold(std::nullopt); });
    return bar;
}

void TryView::setModel(const std::filesystem::path& package)
{
    if (package == m_package)
        return;
    auto before = std::exchange(m_answers, {});
    if (package.empty())
        m_kept.clear();
    else if (!m_package.empty())
        m_kept[m_package] = std::move(before);
    m_package = package;
    auto answers = std::exchange(m_kept[package], {});
    clear();
    for (Answer& answer : answers)
        show(std::move(answer));
}

void TryView::clear()
{
    m_waiting.clear();
    m_answers.clear();
    m_list->clear();
    choose(-1);
    for (QWidget* widget : { m_bar, m_area })
        widget->hide();
    m_empty->show();
    setThreshold(std::nullopt);
}

void TryView::choose(int row)
{
    m_current = row >= 0 && row < static_cast<int>(m_answers.size()) ? row : -1;
    const QString error = m_current >= 0 ? m_answers[static_cast<std::size_t>(m_current)].error : QString();
    m_note->setVisible(!error.isEmpty());
    m_note->setText(error);
    showThreshold();
    showSummary();
    update();
}

void TryView::setThreshold(std::optional<double> threshold)
{
    m_threshold = threshold;
    showThreshold();
    showSummary();
    update();
}

// The model's own thresholds are those of the picture that is looked at: they may have been moved since.
void TryView::showThreshold()
{
    const std::vector<double> own = m_current >= 0 ? m_answers[static_cast<std::size_t>(m_current)].thresholds : std::vector<double>();
    m_own->setVisible(m_threshold.has_value());
    const QSignalBlocker blocker(m_slider);
    if (m_threshold || own.empty()) {
        m_value->setText(m_threshold ? textOf(*m_threshold) : QString());
        m_slider->setValue(positionOf(m_threshold.value_or(0.5)));
        return;
    }
    const auto [low, high] = std::minmax_element(own.begin(), own.end());
    m_slider->setValue(positionOf((*low + *high) / 2));
    m_value->setText(textOf(*low) != textOf(*high) ? tr("%1–%2, as the model").arg(textOf(*low), textOf(*high)) : tr("%1, as the model").arg(textOf(*low)));
}

void TryView::showSummary()
{
    if (m_current < 0 || !m_answers[static_cast<std::size_t>(m_current)].error.isEmpty())
        return m_summary->setText({});
    const Answer& answer = m_answers[static_cast<std::size_t>(m_current)];
    m_summary->setText(tr("%1, answered in %2 ms by percept-edge").arg(style::counted(static_cast<qint64>(shownOf(answer).size()), tr("object"), tr("objects"))).arg(answer.result.ms, 0, 'f', 0));
}

std::vector<protocol::EdgePrediction> TryView::shownOf(const Answer& answer) const
{
    std::vector<protocol::EdgePrediction> shown;
    for (const auto& p : answer.result.predictions) {
        const auto label = static_cast<std::size_t>(std::max(p.labelIndex, 0));
        if (p.score >= m_threshold.value_or(label < answer.thresholds.size() ? answer.thresholds[label] : 0.5))
            shown.push_back(p);
    }
    return shown;
}

void TryView::setColors(const QVector<QColor>& colors)
{
    m_colors = colors;
    update();
}

TryView::Answer TryView::ask(Shared& shared, const std::filesystem::path& package, const std::filesystem::path& file)
{
    Answer answer { file, {}, {}, {}, {} };
    const auto fail = [&](const base::Error& error) {
        answer.error = QString::fromStdString(error.message);
        return answer;
    };
    const std::lock_guard lock(shared.mutex);
    if (!shared.edge) {
        auto edge = runs::EdgeProcess::start();
        if (edge.hasError())
            return fail(edge.error());
        shared.edge = std::move(edge).value();
        shared.loaded.clear();
    }
    std::error_code ec;
    const auto written = std::filesystem::last_write_time(package / "manifest.json", ec);
    if (shared.loaded != package || shared.loadedFrom != written) {
        if (const auto loaded = shared.edge->load(package); loaded.hasError())
            return fail(loaded.error());
        shared.loaded = package;
        shared.loadedFrom = written;
    }
    const auto manifest = packaging::readManifest(package); // the edge has verified it
    if (manifest.hasError())
        return fail(manifest.error());
    for (const auto& label : manifest->spec.labels)
        answer.thresholds.push_back(label.threshold);
    auto result = shared.edge->predict(file, kFloor); // the slider asks for weaker ones than the model ships
    if (result.hasError())
        return fail(result.error());
    answer.result = std::move(result).value();
    const auto rgb = media::decodeThumbnail(file, kPictureSide);
    if (rgb.hasError())
        return fail(rgb.error());
    const cv::Mat& m = rgb.value();
    answer.picture = QImage(m.data, m.cols, m.rows, static_cast<qsizetype>(m.step), QImage::Format_RGB888).copy();
    return answer;
}

void TryView::tryFiles(const std::vector<std::filesystem::path>& files)
{
    m_waiting.insert(m_waiting.end(), files.begin(), files.end());
    if (!m_isAsking)
        askNext();
}

// One after the other: the process answers one at a time, and the pool has other work.
void TryView::askNext()
{
    m_isAsking = !m_waiting.empty();
    if (!m_isAsking)
        return;
    const auto file = m_waiting.front();
    m_waiting.pop_front();
    runInBackground(
        this, [shared = m_shared, package = m_package, file] { return ask(*shared, package, file); },
        [this, package = m_package](Answer answer) {
            if (package == m_package)
                show(std::move(answer));
            askNext();
        });
}

void TryView::show(Answer answer)
{
    m_empty->hide();
    for (QWidget* widget : { m_bar, m_area })
        widget->show();
    const QString name = QString::fromStdString(answer.file.filename().string());
    m_answers.push_back(std::move(answer));
    m_list->addItem(name);
    m_list->setCurrentRow(m_list->count() - 1);
}

void TryView::paintEvent(QPaintEvent*)
{
    if (m_current < 0 || m_current >= static_cast<int>(m_answers.size()))
        return;
    const Answer& answer = m_answers[static_cast<std::size_t>(m_current)];
    if (answer.picture.isNull() || answer.result.width <= 0)
        return;
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    const QRectF area = m_area->geometry();
    const double scale = std::min({ area.width() / answer.result.width, area.height() / answer.result.height, 2.0 });
    const QRectF target(area.left(), area.top(), answer.result.width * scale, answer.result.height * scale);
    painter.drawImage(target, answer.picture);
    painter.setFont(style::font(style::TextRole::CaptionStrong));
    for (const auto& p : shownOf(answer)) {
        const QColor color = m_colors.value(p.labelIndex, QColor(Qt::white));
        const QRectF box(target.left() + p.box.x * scale, target.top() + p.box.y * scale, p.box.w * scale, p.box.h * scale);
        style::paintFound(painter, box, color);
        const QString tag = QStringLiteral("%1 %2").arg(QString::fromStdString(p.label)).arg(p.score, 0, 'f', 2);
        const QRectF label(box.left(), box.top() - 16, painter.fontMetrics().horizontalAdvance(tag) + 8, 15);
        if (box.width() > 40) {
            style::paintRounded(painter, label, 2, QColor(0, 0, 0, 170));
            painter.setPen(color);
            painter.drawText(label, Qt::AlignCenter, tag);
        }
    }
}

}
