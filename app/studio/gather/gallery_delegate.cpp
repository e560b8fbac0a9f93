#include "app/studio/gather/gallery_delegate.h"

#include "app/studio/frame/item_name.h"
#include "app/studio/frame/thumbnails.h"
#include "app/studio/gather/gallery_model.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>
#include <QPainterPath>
#include <map>

namespace percept::studio {
namespace {

using style::tokens;

void paintBoxes(QPainter& painter, const QRectF& picture, const GalleryModel::Cell& cell, const StudioContext& context)
{
    if (cell.item.width <= 0 || cell.item.height <= 0)
        return;
    const qreal sx = picture.width() / cell.item.width, sy = picture.height() / cell.item.height;
    painter.setBrush(Qt::NoBrush);
    for (const domain::Annotation& annotation : cell.annotations) {
        const QRectF box(picture.left() + annotation.box.x * sx, picture.top() + annotation.box.y * sy, annotation.box.w * sx, annotation.box.h * sy);
        painter.setPen(QPen(context.labelColor(annotation.label), 1.25));
        painter.drawRect(box);
    }
}

// The whole picture covers the thumbnail; what sticks out is cut.
QRectF cover(const QSizeF& picture, const QRectF& area)
{
    const QSizeF size = picture.scaled(area.size(), Qt::KeepAspectRatioByExpanding);
    return QRectF(area.center() - QPointF(size.width() / 2, size.height() / 2), size);
}

void paintThumb(QPainter& painter, const QRectF& area, const GalleryModel& model, const GalleryModel::Cell& cell, int row)
{
    painter.save();
    QPainterPath clip;
    clip.addRoundedRect(area, style::radius::kThumb, style::radius::kThumb);
    painter.setClipPath(clip);
    const QImage image = model.thumbnail(row);
    if (image.isNull()) {
        painter.fillRect(area, tokens().dark ? tokens().raised : tokens().hover);
        const QString problem = cell.item.problem.empty() ? model.context().thumbnails().problem(cell.item.id) : QString::fromStdString(cell.item.problem);
        if (!problem.isEmpty()) {
            style::paintIcon(painter, QStringLiteral("alert"), QRectF(area.center().x() - 10, area.top() + 16, 20, 20), tokens().error);
            painter.setFont(style::font(style::TextRole::Caption));
            painter.setPen(tokens().text2);
            painter.drawText(area.adjusted(8, 40, -8, -4), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, problem);
        }
    } else {
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        const QRectF picture = cover(image.size(), area);
        painter.drawImage(picture, image);
        painter.setRenderHint(QPainter::Antialiasing);
        paintBoxes(painter, picture, cell, model.context());
    }
    painter.restore();
}

style::StateMark markOf(const domain::Item& item)
{
    if (!item.problem.empty())
        return style::StateMark::Issue;
    return item.state == domain::ItemState::Done ? style::StateMark::Done
        : item.state == domain::ItemState::ToReview ? style::StateMark::ToReview : style::StateMark::ToDo;
}

// Names get one half of the line, counts the other: names of a series are then shortened alike, whatever is in their pictures.
constexpr int kMark = 18;
int nameWidth(const QRect& line) { return line.width() / 2 - kMark; }

// Dots and counts from the right: the classes that fit.
void paintCounts(QPainter& painter, const QRect& line, const GalleryModel::Cell& cell, const StudioContext& context)
{
    std::map<int, std::pair<LabelId, int>> byPlace;
    for (const domain::Annotation& annotation : cell.annotations)
        if (const domain::Label* label = context.label(annotation.label)) {
            auto& entry = byPlace[label->position];
            entry.first = label->id;
            ++entry.second;
        }
    int x = line.right();
    for (auto it = byPlace.rbegin(); it != byPlace.rend(); ++it) {
        const QString count = style::count(it->second.second);
        const int wide = painter.fontMetrics().horizontalAdvance(count) + 9;
        if (x - wide < line.left() + line.width() / 2)
            break;
        painter.setPen(tokens().text2);
        painter.drawText(QRect(x - wide + 9, line.top(), wide, line.height()), Qt::AlignVCenter, count);
        painter.setPen(Qt::NoPen);
        painter.setBrush(context.labelColor(it->second.first));
        painter.drawEllipse(QRectF(x - wide, line.center().y() - 2.5, 6, 6));
        x -= wide + 6;
    }
}

void paintTick(QPainter& painter, const QRectF& area, bool selected)
{
    const QRectF box(area.left() + 6, area.top() + 6, 16, 16);
    if (selected)
        return style::paintCheck(painter, box, 1, false, true);
    style::paintRounded(painter, box, style::radius::kThumb, QColor(22, 24, 27, 178), QColor(0xA8AEB7));
}

}

void GalleryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* model = static_cast<const GalleryModel*>(index.model());
    const GalleryModel::Cell* cell = model->cell(index.row());
    const bool selected = option.state & QStyle::State_Selected, hover = option.state & QStyle::State_MouseOver;
    const QRectF thumb(option.rect.left(), option.rect.top(), option.rect.width(), option.rect.height() - 24);
    painter->save();
    if (selected)
        style::paintRounded(*painter, thumb.adjusted(-4, -4, 4, 4), 6, QColor(), tokens().accent, 2);
    else if (option.state & QStyle::State_HasFocus)
        style::paintRounded(*painter, thumb.adjusted(-3, -3, 3, 3), 5, QColor(), tokens().accent, 1.5);
    if (!cell) {
        style::paintRounded(*painter, thumb, style::radius::kThumb, tokens().hover);
        painter->restore();
        return;
    }
    paintThumb(*painter, thumb, *model, *cell, index.row());
    if (selected || hover)
        paintTick(*painter, thumb, selected);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(style::font(style::TextRole::Caption));
    const QRect line(option.rect.left() + 2, option.rect.bottom() - 23, option.rect.width() - 4, 24);
    style::paintStateMark(*painter, QRectF(line.left(), line.top() + 6, 12, 12), markOf(cell->item));
    paintCounts(*painter, line, *cell, model->context());
    painter->setPen(tokens().text);
    const QRect name(line.left() + kMark, line.top(), nameWidth(line), line.height());
    painter->drawText(name, Qt::AlignVCenter, shortItemName(cell->item.name, painter->fontMetrics(), name.width()));
    painter->restore();
}

}
