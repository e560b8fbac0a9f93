#include "app/studio/validate/mistake_delegate.h"

#include "app/studio/frame/item_name.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using evaluation::EvaluationImage;
using evaluation::Judgement;
using style::tokens;

namespace {

constexpr int kCropSide = 132;

// Start of a stretch of `length`, moved so that it lies in 0..all; in its middle when it is longer.
double keptInside(double start, double length, double all)
{
    return length >= all ? (all - length) / 2 : std::clamp(start, 0.0, all - length);
}

// The box that the mistake is about.
const domain::Box& focusOf(const Judgement& j, const EvaluationImage& image)
{
    return j.truth >= 0 ? image.truths[static_cast<std::size_t>(j.truth)].box : image.detections[static_cast<std::size_t>(j.detection)].box;
}

// What part of a picture a cell shows. Boxes are in pixels of the original, which the stored picture is smaller than.
struct Crop {
    QRectF cell, source; // on the screen; in pixels of the original
    Crop(const QRectF& target, const domain::Box& focus, const EvaluationImage& image)
        : cell(target)
    {
        // 2.6 times the box, at least 64 pixels, kept inside where possible.
        const double h = std::max({ focus.w, focus.h, 24.0 }) * 2.6, w = h * cell.width() / cell.height();
        source = QRectF(QPointF(keptInside(focus.x + focus.w / 2 - w / 2, w, image.width), keptInside(focus.y + focus.h / 2 - h / 2, h, image.height)), QSizeF(w, h));
    }
    QRectF onScreen(const domain::Box& b) const
    {
        const double k = cell.height() / source.height();
        return { cell.left() + (b.x - source.left()) * k, cell.top() + (b.y - source.top()) * k, b.w * k, b.h * k };
    }
};

void drawBox(QPainter& painter, const QRectF& box, const QColor& color, bool dashed, double width)
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(0, 0, 0, 110), width + 2));
    painter.drawRect(box);
    QPen pen(color, width);
    if (dashed)
        pen.setDashPattern({ 4, 3 });
    painter.setPen(pen);
    painter.drawRect(box);
}

void drawPicture(QPainter& painter, const Crop& crop, const QImage& picture, const MistakesModel& model, int row)
{
    const Judgement& j = model.at(row);
    const EvaluationImage& image = model.imageOf(row);
    painter.setClipRect(crop.cell);
    const double scale = image.width > 0 ? picture.width() / static_cast<double>(image.width) : 1.0;
    const QRectF& s = crop.source;
    painter.drawImage(crop.cell, picture, QRectF(s.left() * scale, s.top() * scale, s.width() * scale, s.height() * scale));
    if (j.truth >= 0)
        drawBox(painter, crop.onScreen(focusOf(j, image)), model.colorOf(j.trueLabel), false, 2);
    if (j.detection >= 0)
        drawBox(painter, crop.onScreen(image.detections[static_cast<std::size_t>(j.detection)].box), model.colorOf(j.predictedLabel), true, 1.5);
    painter.setClipping(false);
}

void drawProblem(QPainter& painter, const QRectF& cell, const QString& words)
{
    painter.setFont(style::font(style::TextRole::Caption));
    painter.setPen(tokens().text2);
    painter.drawText(cell.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, words);
}

void drawWords(QPainter& painter, const QRectF& cell, const MistakesModel& model, int row)
{
    const EvaluationImage& image = model.imageOf(row);
    const domain::Box& focus = focusOf(model.at(row), image);
    const QRectF line(cell.left(), cell.bottom() + 4, cell.width(), 18);
    const auto elided = [&](const QString& text) { return painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(line.width())); };
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(tokens().text);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, elided(model.caption(row)));
    painter.setFont(style::font(style::TextRole::Caption));
    painter.setPen(tokens().text2);
    painter.drawText(line.translated(0, 17), Qt::AlignLeft | Qt::AlignVCenter, elided(model.detail(row)));
    painter.setPen(tokens().text3);
    const QRectF last = line.translated(0, 32);
    painter.drawText(last, Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("%1 × %2 px").arg(std::lround(focus.w)).arg(std::lround(focus.h)));
    painter.drawText(last, Qt::AlignLeft | Qt::AlignVCenter, shortItemName(image.name, painter.fontMetrics(), static_cast<int>(last.width() / 2)));
}

}

QSize MistakeDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return { m_width, kCropSide + 60 }; }

void MistakeDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    // The model owns the pictures and loads them when they are first painted.
    auto* model = const_cast<MistakesModel*>(qobject_cast<const MistakesModel*>(index.model()));
    const int row = index.row();
    const QRectF cell(option.rect.left() + 4, option.rect.top() + 4, option.rect.width() - 10, kCropSide);
    painter->save();
    painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    painter->fillRect(cell, tokens().canvas);
    if (const QImage picture = model->picture(row); !picture.isNull())
        drawPicture(*painter, Crop(cell, focusOf(model->at(row), model->imageOf(row)), model->imageOf(row)), picture, *model, row);
    else
        drawProblem(*painter, cell, model->pictureProblem(row));
    if (option.state & (QStyle::State_Selected | QStyle::State_HasFocus)) {
        painter->setPen(QPen(tokens().accent, 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(cell.adjusted(-2, -2, 2, 2), style::radius::kThumb, style::radius::kThumb);
    }
    drawWords(*painter, cell, *model, row);
    painter->restore();
}

}
