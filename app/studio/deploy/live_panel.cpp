#include "app/studio/deploy/live_panel.h"

#include "app/studio/background.h"
#include "core/base/files.h"
#include "core/media/picture.h"
#include "core/transport/http_client.h"
#include "widgets/style/paint.h"
#include "widgets/style/text.h"

#include <QPainter>
#include <QTimer>
#include <nlohmann/json.hpp>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kPaceMs = 700, kPictureSide = 640;
constexpr int kHead = 28, kPad = 12;

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

LivePanel::LivePanel(QWidget* parent)
    : QWidget(parent)
    , m_timer(new QTimer(this))
{
    setObjectName(QStringLiteral("livePanel"));
    setAccessibleName(tr("Live on this computer"));
    setToolTip(tr("Pictures that the Deploy page tries do not count on Monitor; those of a source or of programs that ask do."));
    setMinimumHeight(160);
    m_timer->setInterval(kPaceMs);
    connect(m_timer, &QTimer::timeout, this, &LivePanel::askNext);
}

void LivePanel::setPictures(std::vector<std::filesystem::path> files)
{
    m_files = std::move(files);
    m_next = 0;
}

void LivePanel::setColors(QHash<QString, QColor> colors) { m_colors = std::move(colors); }

void LivePanel::setServer(const QString& server)
{
    if (server == m_server)
        return;
    m_server = server;
    m_last = {};
    m_answered = 0;
    update();
}

void LivePanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_timer->start();
}

void LivePanel::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    m_timer->stop();
}

LivePanel::Answer LivePanel::ask(const QString& server, const std::filesystem::path& file)
{
    Answer answer;
    const auto fail = [&](const base::Error& error) {
        answer.problem = qs(error.message);
        return answer;
    };
    const auto bytes = base::readFile(file, 64u << 20);
    if (bytes.hasError())
        return fail(bytes.error());
    const transport::HttpClient http(server.toStdString(), [] {
        transport::HttpClient::Options options;
        options.connectSeconds = 2;
        options.readSeconds = 15;
        return options;
    }());
    const auto said = http.post("/predict?probe=1", std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()), "application/octet-stream");
    if (said.hasError())
        return fail(said.error());
    const auto json = nlohmann::json::parse(said->body, nullptr, /*allow_exceptions=*/false);
    if (said->status != 200)
        return fail(base::failed(json.is_object() && json.contains("error") && json["error"].is_string() ? json["error"].get<std::string>() : "The device gave no answer."));
    auto result = protocol::edgeResultFromJson(json);
    if (result.hasError())
        return fail(result.error());
    const auto rgb = media::decodeThumbnail(file, kPictureSide);
    if (rgb.hasError())
        return fail(rgb.error());
    const cv::Mat& m = rgb.value();
    answer.picture = QImage(m.data, m.cols, m.rows, static_cast<qsizetype>(m.step), QImage::Format_RGB888).copy();
    answer.result = std::move(result).value();
    return answer;
}

void LivePanel::askNext()
{
    if (m_isAsking || m_server.isEmpty() || m_files.empty())
        return;
    m_isAsking = true;
    runInBackground(
        this, [server = m_server, file = m_files[m_next++ % m_files.size()]] { return ask(server, file); },
        [this, server = m_server](Answer answer) {
            m_isAsking = false;
            if (server != m_server)
                return;
            m_answered += answer.result.has_value();
            if (answer.result || !m_last.result)
                m_last = std::move(answer);
            setAccessibleDescription(m_last.result ? tr("%1 found in the last picture").arg(m_last.result->predictions.size()) : m_last.problem);
            update();
        });
}

void LivePanel::paintBoxes(QPainter& painter, const QRectF& target) const
{
    const double scale = target.width() / m_last.result->width;
    painter.setFont(style::font(style::TextRole::CaptionStrong));
    for (const auto& p : m_last.result->predictions) {
        const QColor color = m_colors.value(qs(p.label), style::classBright(p.labelIndex));
        const QRectF box(target.left() + p.box.x * scale, target.top() + p.box.y * scale, p.box.w * scale, p.box.h * scale);
        style::paintFound(painter, box, color);
    }
}

void LivePanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    painter.setFont(style::font(style::TextRole::Section));
    painter.setPen(tokens().text);
    painter.drawText(QRect(kPad, 0, width(), kHead), Qt::AlignLeft | Qt::AlignVCenter, tr("Live on this computer"));
    const QRectF area = QRectF(rect()).adjusted(kPad, kHead, -kPad, -28);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(tokens().text2);
    const QRectF foot(kPad, height() - 26, width() - 2 * kPad, 20);
    if (!m_last.result || m_last.picture.isNull()) {
        style::paintRounded(painter, area, style::radius::kThumb, tokens().canvas);
        const QString why = m_files.empty() ? tr("The project has no picture to show it.") : m_last.problem.isEmpty() ? tr("The first picture is on its way.") : m_last.problem;
        painter.drawText(area.adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, why);
        return;
    }
    const double scale = std::min(area.width() / m_last.result->width, area.height() / m_last.result->height);
    const QSizeF size(m_last.result->width * scale, m_last.result->height * scale);
    const QRectF target(area.left() + (area.width() - size.width()) / 2, area.top() + (area.height() - size.height()) / 2, size.width(), size.height());
    painter.fillRect(area, tokens().canvas);
    painter.drawImage(target, m_last.picture);
    paintBoxes(painter, target);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(tokens().text2);
    // Tries are no pictures of the field: a device does not tell them.
    const QString words = tr("%1, answered in %2 ms; does not count on Monitor").arg(style::counted(static_cast<qint64>(m_last.result->predictions.size()), tr("object"), tr("objects"))).arg(m_last.result->ms, 0, 'f', 0);
    painter.drawText(foot, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(words, Qt::ElideRight, static_cast<int>(foot.width())));
}

}
