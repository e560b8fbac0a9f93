#include "app/studio/label/filmstrip.h"

#include "app/studio/frame/item_name.h"
#include "app/studio/frame/thumbnails.h"
#include "widgets/canvas/span_raster.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>

namespace percept::studio {

namespace {
    constexpr int kHeight = 92, kThumbWidth = 84, kThumbHeight = 63, kPitch = 91, kLeft = 12, kTop = 9;
    constexpr int kMaxKnown = 400;

    bool looksSame(const domain::Item& a, const domain::Item& b) { return a.state == b.state && a.problem == b.problem; }
    bool looksSame(const domain::Annotation& a, const domain::Annotation& b) { return a.label == b.label && a.box == b.box; }
}

Filmstrip::Filmstrip(StudioContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("filmstrip"));
    setAccessibleName(tr("Pictures around this one"));
    setFixedHeight(kHeight);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    connect(&context, &StudioContext::projectOpened, this, &Filmstrip::watchThumbnails);
    connect(&context, &StudioContext::labelsChanged, this, [this] {
        for (Known& known : m_known)
            known.picture = {}; // its classes may have other colours
        update();
    });
    watchThumbnails();
}

void Filmstrip::watchThumbnails()
{
    if (m_context.session())
        connect(&m_context.thumbnails(), &Thumbnails::thumbnailReady, this, &Filmstrip::updateCell);
}

void Filmstrip::setItems(const std::vector<ItemId>* ids)
{
    m_ids = ids;
    update();
}

void Filmstrip::setCurrent(int index)
{
    m_current = index;
    m_scroll = 0;
    update();
}

void Filmstrip::forget(ItemId item)
{
    m_known.remove(item.value);
    updateCell(item);
}

void Filmstrip::setItem(const domain::Item& item, std::span<const domain::Annotation> boxes)
{
    const auto some = boxes.first(std::min(boxes.size(), kMostBoxes));
    const auto before = m_known.constFind(item.id.value);
    const bool same = before != m_known.cend() && looksSame(before->item, item)
        && std::equal(before->boxes.begin(), before->boxes.end(), some.begin(), some.end(),
            [](const auto& a, const auto& b) { return looksSame(a, b); });
    Known next { item, { some.begin(), some.end() } };
    if (same) {
        next.picture = before->picture;
        next.thumbnail = before->thumbnail;
    }
    m_known.insert(item.id.value, std::move(next));
    if (!same)
        updateCell(item.id);
}

void Filmstrip::forgetAll()
{
    m_known.clear();
    update();
}

Filmstrip::Known* Filmstrip::known(ItemId id)
{
    if (!m_context.session())
        return nullptr;
    if (const auto it = m_known.find(id.value); it != m_known.end())
        return &*it;
    if (m_known.size() > kMaxKnown)
        m_known.clear();
    dataset::ProjectReader& reader = m_context.session()->reader();
    const auto item = reader.readItem(id);
    if (item.hasError() || !item->has_value())
        return nullptr;
    auto boxes = reader.readAnnotations(id).valueOr({});
    boxes.resize(std::min(boxes.size(), kMostBoxes));
    return &*m_known.insert(id.value, { **item, std::move(boxes) });
}

int Filmstrip::first() const
{
    const int cells = std::max((width() - kLeft) / kPitch, 1), count = m_ids ? int(m_ids->size()) : 0;
    return std::clamp(m_current - (cells - 1) / 2 + m_scroll, 0, std::max(count - cells, 0));
}

QRect Filmstrip::cellRect(int index) const { return { kLeft + (index - first()) * kPitch - 4, 1, kThumbWidth + 8, height() - 1 }; }

void Filmstrip::updateCell(ItemId item)
{
    if (!m_ids)
        return;
    const auto at = std::lower_bound(m_ids->begin(), m_ids->end(), item);
    if (at != m_ids->end() && *at == item)
        update(cellRect(int(at - m_ids->begin())));
}

int Filmstrip::indexAt(QPoint point) const
{
    const int cell = (point.x() - kLeft) / kPitch;
    if (point.x() < kLeft || (point.x() - kLeft) % kPitch >= kThumbWidth || !m_ids)
        return -1;
    const int index = first() + cell;
    return index < int(m_ids->size()) ? index : -1;
}

void Filmstrip::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    const auto& t = style::tokens();
    painter.fillRect(event->rect(), t.panel);
    painter.fillRect(0, 0, width(), 1, t.line);
    if (!m_ids)
        return;
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    for (int index = first(), x = kLeft; index < int(m_ids->size()) && x + kThumbWidth <= width(); ++index, x += kPitch)
        if (event->region().intersects(cellRect(index)))
            paintCell(painter, index, QRect(x, kTop, kThumbWidth, kThumbHeight));
}

void Filmstrip::paintCell(QPainter& p, int index, const QRect& thumb)
{
    const auto& t = style::tokens();
    Known* k = known((*m_ids)[std::size_t(index)]);
    if (!k)
        return;
    const QImage image = m_context.thumbnails().thumbnail(k->item, m_context.session()->reader().mediaPath(k->item));
    p.fillRect(thumb, t.window);
    if (!image.isNull() && k->item.width > 0) {
        if (k->picture.isNull() || k->thumbnail != image.cacheKey() || k->picture.devicePixelRatio() != devicePixelRatioF()) {
            k->picture = pictureOf(*k, image);
            k->thumbnail = image.cacheKey();
        }
        p.drawImage(thumb, k->picture);
    } else if (!k->item.problem.empty() || !m_context.thumbnails().problem(k->item.id).isEmpty()) {
        style::paintIcon(p, QStringLiteral("warn"), QRectF(thumb.center().x() - 10, thumb.center().y() - 10, 20, 20), t.warning);
    }
    const bool current = index == m_current;
    if (current || index == m_hover) {
        p.save();
        p.setRenderHint(QPainter::Antialiasing);
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(current ? t.accent : t.lineStrong, 2));
        p.drawRoundedRect(QRectF(thumb).adjusted(-3, -3, 3, 3), 4, 4);
        p.restore();
    }
    const QFont font = style::font(style::TextRole::Caption);
    const QFontMetrics metrics(font);
    const QString name = shortItemName(k->item.name, metrics, kThumbWidth - 18);
    const int width = 16 + metrics.horizontalAdvance(name), x = thumb.center().x() - width / 2, y = thumb.bottom() + 5;
    style::paintStateMark(p, QRectF(x, y + 2, 12, 12),
        k->item.state == domain::ItemState::Done       ? style::StateMark::Done
            : k->item.state == domain::ItemState::ToReview ? style::StateMark::ToReview
                                                           : style::StateMark::ToDo);
    p.setFont(font);
    p.setPen(current ? t.text : t.text3);
    p.drawText(QRect(x + 16, y, width, 16), Qt::AlignVCenter | Qt::TextSingleLine, name);
}

// The thumbnail with its boxes: made anew when one of them changes, which must not cost an edit much.
QImage Filmstrip::pictureOf(const Known& known, const QImage& thumbnail) const
{
    const double ratio = devicePixelRatioF();
    const QSize room = QSize(kThumbWidth, kThumbHeight) * ratio;
    const QSizeF size = QSizeF(known.item.width, known.item.height).scaled(room, Qt::KeepAspectRatioByExpanding);
    const QPointF corner((room.width() - size.width()) / 2, (room.height() - size.height()) / 2);
    QImage picture(room, QImage::Format_RGB32);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(QRectF(corner, size), thumbnail);
    painter.end();
    canvas::SpanRaster raster(picture, picture.rect());
    const double scale = size.width() / known.item.width;
    for (const domain::Annotation& a : known.boxes)
        raster.outline({ corner.x() + a.box.x * scale, corner.y() + a.box.y * scale, a.box.w * scale, a.box.h * scale }, ratio,
            m_context.labelColor(a.label).rgb(), 1);
    picture.setDevicePixelRatio(ratio);
    return picture;
}

void Filmstrip::mousePressEvent(QMouseEvent* event)
{
    const int index = indexAt(event->position().toPoint());
    if (index >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT itemClicked(index);
}

void Filmstrip::mouseMoveEvent(QMouseEvent* event)
{
    const int index = indexAt(event->position().toPoint());
    if (index == m_hover)
        return;
    setHover(index);
    const Known* k = index >= 0 ? known((*m_ids)[std::size_t(index)]) : nullptr;
    setToolTip(k ? QString::fromStdString(k->item.name).toHtmlEscaped() : QString());
}

void Filmstrip::setHover(int index)
{
    update(cellRect(m_hover));
    m_hover = index;
    update(cellRect(m_hover));
}

void Filmstrip::leaveEvent(QEvent*) { setHover(-1); }

void Filmstrip::wheelEvent(QWheelEvent* event)
{
    const int before = first();
    const QPoint delta = event->angleDelta();
    const int step = (delta.y() != 0 ? delta.y() : delta.x()) < 0 ? 1 : -1;
    m_scroll += step;
    if (first() == before)
        m_scroll -= step; // at the end
    event->accept();
    update();
}

}
