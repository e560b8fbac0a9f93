#include "app/studio/train/learning_strip.h"

#include "app/studio/frame/item_name.h"
#include "core/domain/geometry.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kNameWidth = 84, kHeadHeight = 20, kCaptionHeight = 18, kGap = 8, kRoomForWords = 136;

// The boxes of one cell. Of the false alarms only the strongest are drawn, the paler the weaker: a model that has learned
// nothing yet marks everything, and a picture under hundreds of boxes shows nothing.
constexpr std::size_t kFalseShown = 8;

QString captionOf(const StripMarks& marks, const LearningStrip::Truth& truth, bool isShort)
{
    const QString found = (isShort ? LearningStrip::tr("%1 of %2") : LearningStrip::tr("%1 of %2 found")).arg(marks.found.size()).arg(truth.boxes.size());
    return marks.numFalse == 0 ? found : LearningStrip::tr("%1, %2 false").arg(found, style::count(marks.numFalse));
}

}

StripMarks stripMarks(const LearningStrip::Truth& truth, std::vector<domain::Detection> detections, double threshold, std::size_t mostFalse)
{
    std::erase_if(detections, [threshold](const domain::Detection& d) { return d.score < threshold; });
    std::stable_sort(detections.begin(), detections.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    StripMarks marks;
    std::vector<bool> taken(truth.boxes.size(), false);
    for (const domain::Detection& d : detections) {
        int best = -1;
        double bestIou = 0.5;
        for (std::size_t i = 0; i < truth.boxes.size(); ++i) {
            const double overlap = truth.boxes[i].first == d.label && !taken[i] ? domain::iou(truth.boxes[i].second, d.box) : 0;
            if (overlap >= bestIou) {
                bestIou = overlap;
                best = static_cast<int>(i);
            }
        }
        if (best >= 0) {
            taken[static_cast<std::size_t>(best)] = true;
            marks.found.push_back(d);
        } else if (++marks.numFalse <= static_cast<std::int64_t>(mostFalse)) {
            marks.falseAlarms.push_back(d);
        }
    }
    for (std::size_t i = 0; i < taken.size(); ++i)
        if (!taken[i])
            marks.missed.push_back(i);
    return marks;
}

LearningStrip::LearningStrip(QWidget* parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Validation pictures by epoch"));
}

void LearningStrip::setTruths(std::vector<Truth> truths, std::vector<QColor> classColors)
{
    m_truths = std::move(truths);
    m_colors = std::move(classColors);
    m_first = 0;
    update();
}

void LearningStrip::setPicture(std::int64_t item, const QImage& picture)
{
    m_pictures.insert(item, picture);
    update();
}

void LearningStrip::setSamples(std::vector<protocol::SampleMessage> samples, bool live)
{
    m_samples = std::move(samples);
    m_live = live;
    update();
}

void LearningStrip::setThreshold(double threshold)
{
    m_threshold = threshold;
    update();
}

void LearningStrip::setFirst(int first)
{
    m_first = std::clamp(first, 0, std::max(0, pictures() - 1));
    update();
}

std::vector<int> LearningStrip::shownEpochs() const
{
    // First and last always; between them evenly on a logarithmic axis, since most happens early.
    const int n = static_cast<int>(m_samples.size());
    std::vector<int> shown;
    if (n <= kColumns) {
        for (int i = 0; i < n; ++i)
            shown.push_back(i);
        return shown;
    }
    for (int c = 0; c < kColumns; ++c) {
        const double place = std::pow(static_cast<double>(n), static_cast<double>(c) / (kColumns - 1)) - 1;
        int index = static_cast<int>(std::lround(place));
        if (!shown.empty())
            index = std::max(index, shown.back() + 1);
        shown.push_back(std::min(index, n - kColumns + c));
    }
    return shown;
}

QColor LearningStrip::colorOf(int label) const
{
    return label >= 0 && label < static_cast<int>(m_colors.size()) ? m_colors[static_cast<std::size_t>(label)] : tokens().text;
}

void LearningStrip::paintCell(QPainter& painter, const QRectF& rect, const Truth& truth, const protocol::SampleMessage& sample, bool now)
{
    const QImage picture = m_pictures.value(truth.item);
    const double scale = std::min(rect.width() / std::max(1, truth.width), rect.height() / std::max(1, truth.height));
    const QRectF target(rect.left(), rect.top(), truth.width * scale, truth.height * scale);
    painter.fillRect(target, tokens().canvas);
    if (!picture.isNull())
        painter.drawImage(target, picture);
    const auto item = std::find_if(sample.items.begin(), sample.items.end(), [&](const auto& i) { return i.item == truth.item; });
    static const std::vector<domain::Detection> kNone;
    const auto& detections = item == sample.items.end() ? kNone : item->detections;
    const StripMarks marks = stripMarks(truth, detections, m_threshold, kFalseShown);
    painter.save();
    painter.setClipRect(target);
    painter.setBrush(Qt::NoBrush);
    const auto drawBox = [&](const domain::Box& b, const QPen& pen) {
        painter.setPen(pen);
        painter.drawRect(QRectF(target.left() + b.x * scale, target.top() + b.y * scale, b.w * scale, b.h * scale));
    };
    for (auto alarm = marks.falseAlarms.rbegin(); alarm != marks.falseAlarms.rend(); ++alarm) {
        QColor pale = colorOf(alarm->label);
        pale.setAlphaF(static_cast<float>(0.2 + 0.5 * std::clamp(alarm->score, 0.0, 1.0)));
        drawBox(alarm->box, QPen(pale, 1));
    }
    for (const std::size_t i : marks.missed) {
        QPen missed(tokens().error, 1.2);
        missed.setDashPattern({ 3, 3 });
        drawBox(truth.boxes[i].second, missed);
    }
    for (const domain::Detection& d : marks.found) {
        drawBox(d.box, QPen(QColor(0, 0, 0, 90), 2.6));
        drawBox(d.box, QPen(colorOf(d.label), 1.4));
    }
    painter.restore();
    if (now) {
        painter.setPen(QPen(tokens().accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(target.adjusted(-1, -1, 1, 1), style::radius::kThumb, style::radius::kThumb);
    }
    painter.setFont(style::font(style::TextRole::Caption));
    painter.setPen(tokens().text2);
    painter.drawText(QRectF(target.left(), target.bottom() + 2, rect.width(), kCaptionHeight), Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(captionOf(marks, truth, rect.width() < kRoomForWords), Qt::ElideRight, static_cast<int>(rect.width())));
}

void LearningStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    const std::vector<int> epochs = shownEpochs();
    if (epochs.empty() || m_truths.empty()) {
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(tokens().text3);
        painter.drawText(rect().adjusted(0, 24, 0, 0), Qt::AlignLeft | Qt::AlignTop,
            m_live ? tr("The first pictures come with the first validation.") : tr("This run left no pictures."));
        return;
    }
    const double cellWidth = (width() - kNameWidth - kGap * (kColumns - 1)) / static_cast<double>(kColumns);
    const double rowHeight = (height() - kHeadHeight) / static_cast<double>(kRows);
    const double cellHeight = rowHeight - kCaptionHeight - 6;
    for (std::size_t c = 0; c < epochs.size(); ++c) {
        const auto& sample = m_samples[static_cast<std::size_t>(epochs[c])];
        const bool now = m_live && c + 1 == epochs.size();
        const double x = kNameWidth + static_cast<double>(c) * (cellWidth + kGap);
        painter.setFont(style::font(now ? style::TextRole::Section : style::TextRole::Table));
        painter.setPen(now ? tokens().accent : tokens().text2);
        painter.drawText(QRectF(x, 0, cellWidth, kHeadHeight), Qt::AlignLeft | Qt::AlignVCenter,
            now ? tr("epoch %1, now").arg(sample.epoch) : tr("epoch %1").arg(sample.epoch));
        for (int row = 0; row < kRows && m_first + row < pictures(); ++row)
            paintCell(painter, QRectF(x, kHeadHeight + row * rowHeight, cellWidth, cellHeight), m_truths[static_cast<std::size_t>(m_first + row)], sample, now);
    }
    for (int row = 0; row < kRows && m_first + row < pictures(); ++row) {
        const Truth& truth = m_truths[static_cast<std::size_t>(m_first + row)];
        const double y = kHeadHeight + row * rowHeight;
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(tokens().text);
        painter.drawText(QRectF(0, y, kNameWidth - 6, 16), Qt::AlignLeft | Qt::AlignVCenter,
            shortItemName(truth.name, painter.fontMetrics(), kNameWidth - 8));
        painter.setFont(style::font(style::TextRole::Caption));
        painter.setPen(tokens().text3);
        painter.drawText(QRectF(0, y + 18, kNameWidth - 6, 16), Qt::AlignLeft | Qt::AlignVCenter, style::counted(static_cast<qint64>(truth.boxes.size()), tr("object"), tr("objects")));
    }
}

}
