#include "app/studio/validate/try_view.h"

#include "app/studio/background.h"
#include "core/media/picture.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

constexpr int kListWidth = 240, kPictureSide = 1600;

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
    connect(m_list, &QListWidget::currentRowChanged, this, [this](int row) {
        m_current = row;
        const bool has = row >= 0 && row < static_cast<int>(m_answers.size());
        const QString error = has ? m_answers[static_cast<std::size_t>(row)].error : QString();
        m_note->setVisible(!error.isEmpty());
        m_note->setText(error);
        if (has && error.isEmpty()) {
            const auto& result = m_answers[static_cast<std::size_t>(row)].result;
            m_summary->setText(tr("%1, answered in %2 ms by percept-edge").arg(style::counted(static_cast<qint64>(result.predictions.size()), tr("object"), tr("objects"))).arg(result.ms, 0, 'f', 0));
        } else {
            m_summary->setText({});
        }
        update();
    });
    layout->addWidget(m_list);
    layout->addWidget(style::makeLine(Qt::Vertical));
    auto* right = new QVBoxLayout;
    right->setContentsMargins(16, 10, 16, 10);
    m_note = new style::Note(style::Tone::Error);
    m_note->hide();
    m_summary = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_empty = new style::EmptyState("camera", tr("Drop pictures here to see what the model answers. They are not added to the project."));
    connect(m_empty->addPrimary(tr("Choose pictures…")), &QPushButton::clicked, this, &TryView::chooseRequested);
    right->addWidget(m_note);
    right->addWidget(m_empty, 1);
    right->addStretch();
    right->addWidget(m_summary);
    layout->addLayout(right, 1);
}

TryView::~TryView() = default;

void TryView::setModel(const std::filesystem::path& package)
{
    if (package == m_package)
        return;
    m_package = package;
    m_waiting.clear();
    m_answers.clear();
    m_list->clear();
    m_empty->show();
}

void TryView::setColors(const QVector<QColor>& colors)
{
    m_colors = colors;
    update();
}

TryView::Answer TryView::ask(Shared& shared, const std::filesystem::path& package, const std::filesystem::path& file)
{
    Answer answer { file, {}, {}, {} };
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
    auto result = shared.edge->predict(file, std::nullopt);
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
    const QString name = QString::fromStdString(answer.file.filename().string());
    m_answers.push_back(std::move(answer));
    m_list->addItem(name);
    m_list->setCurrentRow(m_list->count() - 1);
}

QRectF TryView::pictureArea() const { return QRectF(rect().adjusted(kListWidth + 17, 12, -16, -36)); }

void TryView::paintEvent(QPaintEvent*)
{
    if (m_current < 0 || m_current >= static_cast<int>(m_answers.size()))
        return;
    const Answer& answer = m_answers[static_cast<std::size_t>(m_current)];
    if (answer.picture.isNull() || answer.result.width <= 0)
        return;
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    const QRectF area = pictureArea();
    const double scale = std::min({ area.width() / answer.result.width, area.height() / answer.result.height, 2.0 });
    const QRectF target(area.left(), area.top(), answer.result.width * scale, answer.result.height * scale);
    painter.drawImage(target, answer.picture);
    painter.setFont(style::font(style::TextRole::CaptionStrong));
    for (const auto& p : answer.result.predictions) {
        const QColor color = m_colors.value(p.labelIndex, QColor(Qt::white));
        const QRectF box(target.left() + p.box.x * scale, target.top() + p.box.y * scale, p.box.w * scale, p.box.h * scale);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 90), 3.5));
        painter.drawRect(box);
        painter.setPen(QPen(color, 1.5));
        painter.drawRect(box);
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
