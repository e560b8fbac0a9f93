#include "widgets/canvas/live_painter.h"

#include <QCache>
#include <QLocale>
#include <QStaticText>
#include <cmath>
#include <utility>

namespace percept::canvas {

namespace {
    const QColor kTagGround(0x16, 0x18, 0x1B, 224);
    const QColor kTagInk(0xE7, 0xE9, 0xEC);
    constexpr std::size_t kManySelected = 200; // from here the whole view counts as live and only outlines are drawn

    QColor withOpacity(QRgb color, double opacity)
    {
        QColor c = QColor::fromRgb(color);
        c.setAlphaF(float(opacity));
        return c;
    }
    QColor black(double opacity) { return withOpacity(0xFF000000, opacity); }

    QPen pen(const QColor& color, double width)
    {
        QPen p(color, width);
        p.setJoinStyle(Qt::MiterJoin);
        p.setCapStyle(Qt::FlatCap);
        return p;
    }

    QRectF crisp(const QRectF& r)
    {
        const auto snap = [](double v) { return std::floor(v) + 0.5; };
        return { QPointF(snap(r.left()), snap(r.top())), QPointF(snap(r.right()), snap(r.bottom())) };
    }

    // As a pen would draw it, without the general machinery for paths, which costs many times as much.
    void outline(QPainter& painter, const QRectF& r, double width, const QColor& color)
    {
        const double h = width / 2;
        if (r.width() <= width || r.height() <= width)
            return painter.fillRect(r.adjusted(-h, -h, h, h), color);
        painter.fillRect(QRectF(r.left() - h, r.top() - h, r.width() + width, width), color);
        painter.fillRect(QRectF(r.left() - h, r.bottom() - h, r.width() + width, width), color);
        painter.fillRect(QRectF(r.left() - h, r.top() + h, width, r.height() - width), color);
        painter.fillRect(QRectF(r.right() - h, r.top() + h, width, r.height() - width), color);
    }

    // Text of tags as it was shaped when it was first shown.
    struct TagText { QStaticText text; double width; };
    const TagText& tagText(const QFont& font, const QString& text)
    {
        constexpr int kKept = 500;
        thread_local auto& cache = *new QCache<std::pair<QFont, QString>, TagText>(kKept); // outlives the application
        const std::pair key(font, text);
        if (const TagText* known = cache.object(key))
            return *known;
        auto* made = new TagText { QStaticText(text), 0 };
        made->text.setTextFormat(Qt::PlainText);
        made->text.prepare({}, font);
        made->width = made->text.size().width();
        cache.insert(key, made);
        return *made;
    }

    QRect grown(const QRectF& rect, int by, const QRect& view)
    {
        return rect.intersected(QRectF(view).adjusted(-20, -20, 20, 20)).toAlignedRect().adjusted(-by, -by, by, by);
    }
}

LivePainter::LivePainter(const State& state)
    : m_state(state)
    , m_font(state.font)
{
    m_font.setPixelSize(11);
    const QRectF view(QPointF(), QSizeF(m_state.view));
    if (!m_state.shapesHidden) {
        for (AnnotationId id : m_state.scene->selection()) {
            domain::Box box;
            const QRectF rect = liveRect(id, &box);
            if (!m_state.scene->find(id)->hidden && rect.intersects(view.adjusted(-8, -8, 8, 8)))
                m_selected.emplace_back(id, box);
        }
    }
    layOutTags();
}

QRectF LivePainter::liveRect(AnnotationId id, domain::Box* out) const
{
    domain::Box box = m_state.scene->find(id)->box;
    const auto& live = m_state.interaction->liveBoxes();
    // While many move, they are in the order of the selection: the linear search ends early for the usual single one.
    for (const BoxChange& change : live)
        if (change.id == id) {
            box = change.box;
            break;
        }
    if (out)
        *out = box;
    return m_state.transform.viewFromImage(box);
}

domain::Box LivePainter::boxOf(const Proposal& proposal) const
{
    const auto& live = m_state.interaction->liveProposal();
    return live && live->key == proposal.key ? live->box : proposal.box;
}

bool LivePainter::placeTag(Tag tag)
{
    const QRectF view(QPointF(), QSizeF(m_state.view));
    tag.rect.moveLeft(std::clamp(tag.rect.left(), 1.0, std::max(view.right() - tag.rect.width() - 1, 1.0)));
    if (!tag.rect.intersects(view))
        return false;
    for (const Tag& other : m_tags)
        if (other.rect.adjusted(-1, -1, 1, 1).intersects(tag.rect))
            return false;
    m_tags.push_back(std::move(tag));
    return true;
}

void LivePainter::addTag(const QRectF& box, const QString& text, QRgb color, bool solid)
{
    if (text.isEmpty() || !box.intersects(QRectF(QPointF(), QSizeF(m_state.view))))
        return;
    QFont font = m_font;
    font.setWeight(solid ? QFont::DemiBold : QFont::Medium);
    const double width = tagText(font, text).width + (solid ? 12 : 8), height = solid ? 18 : 16;
    const double above = box.top() - height - (solid ? 3 : 1);
    const double y = above >= 0 ? above : std::max(box.top(), 0.0) + (solid ? 5 : 1);
    Tag tag { { box.left() - 1, y, width, height }, text, kTagGround, QColor::fromRgb(color), font.weight() };
    if (solid) {
        tag.background = QColor::fromRgb(color);
        tag.ink = QColor(0x1B, 0x14, 0x00);
    }
    placeTag(std::move(tag));
}

void LivePainter::addSizeTag(const QRectF& rect, const domain::Box& box)
{
    const auto number = [](double v) { return QString::number(std::lround(v)); };
    const QString text = QStringLiteral("%1 \u00D7 %2").arg(number(box.w), number(box.h));
    const double width = std::max(tagText(m_font, text).width + 14, 48.0);
    double y = rect.bottom() + 8;
    if (y + 18 > m_state.view.height())
        y = std::min(rect.bottom(), double(m_state.view.height())) - 26;
    placeTag({ { rect.center().x() - width / 2, y, width, 18 }, text, kTagGround, kTagInk, QFont::Normal });
}

void LivePainter::layOutTags()
{
    if (const auto draft = m_state.interaction->draft())
        addSizeTag(m_state.transform.viewFromImage(*draft), *draft);
    const bool one = m_selected.size() == 1;
    if (one) {
        const QRectF rect = m_state.transform.viewFromImage(m_selected.front().second);
        const Shape& shape = *m_state.scene->find(m_selected.front().first);
        addTag(rect, shape.name, shape.color, true);
        addSizeTag(rect, m_selected.front().second);
    }
    if (const auto key = m_state.scene->highlightedProposal())
        if (const Proposal* p = m_state.scene->findProposal(*key))
            addTag(rectOf(*p), p->tag, p->color, false);
    if (const auto& live = m_state.interaction->liveProposal())
        addSizeTag(m_state.transform.viewFromImage(live->box), live->box);
    if (const Shape* s = m_state.scene->find(m_state.scene->hovered()); s && !m_state.scene->isSelected(s->id) && !s->hidden)
        addTag(m_state.transform.viewFromImage(s->box), s->name, s->color, false);
    for (const Proposal& p : m_state.scene->proposals())
        if (p.key != m_state.scene->highlightedProposal())
            addTag(rectOf(p), p.tag, p.color, false);
}

QRegion LivePainter::region() const
{
    const QRect view(QPoint(0, 0), m_state.view);
    if (m_selected.size() > kManySelected)
        return view;
    QRegion region;
    for (const auto& [id, box] : m_selected)
        region += grown(m_state.transform.viewFromImage(box), 6, view);
    if (const Shape* s = m_state.scene->find(m_state.scene->hovered()))
        region += grown(m_state.transform.viewFromImage(s->box), 4, view);
    for (const Proposal& p : m_state.scene->proposals())
        region += grown(rectOf(p), 6, view);
    if (const auto draft = m_state.interaction->draft())
        region += grown(m_state.transform.viewFromImage(*draft), 6, view);
    if (const auto band = m_state.interaction->band())
        region += grown(m_state.transform.viewFromImage(*band), 3, view);
    for (const Tag& tag : m_tags)
        region += grown(tag.rect, 2, view);
    if (m_state.crosshair) {
        const QPoint c = m_state.crosshair->toPoint();
        region += QRect(c.x() - 2, 0, 5, view.height());
        region += QRect(0, c.y() - 2, view.width(), 5);
        region += QRect(c.x() - 11, c.y() - 11, 23, 23);
    }
    return region.intersected(view);
}

void LivePainter::paint(QPainter& painter) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    paintHover(painter);
    paintProposals(painter);
    paintSelection(painter);
    paintDraft(painter);
    paintTags(painter);
    paintCrosshair(painter);
}

void LivePainter::paintHover(QPainter& painter) const
{
    const Shape* s = m_state.scene->find(m_state.scene->hovered());
    if (!s || s->hidden || m_state.scene->isSelected(s->id) || m_state.shapesHidden)
        return;
    const QRectF rect = crisp(m_state.transform.viewFromImage(s->box));
    painter.fillRect(rect, withOpacity(s->color, 0.14));
    outline(painter, rect, 3.5, black(0.35));
    outline(painter, rect, 2, QColor::fromRgb(s->color));
}

void LivePainter::paintProposals(QPainter& painter) const
{
    const QRectF view = QRectF(QPointF(), QSizeF(m_state.view)).adjusted(-4, -4, 4, 4);
    for (const Proposal& p : m_state.scene->proposals())
        if (const QRectF rect = crisp(rectOf(p)); rect.intersects(view))
            paintProposal(painter, p, rect);
}

void LivePainter::paintProposal(QPainter& painter, const Proposal& p, const QRectF& rect) const
{
    const bool next = p.key == m_state.scene->highlightedProposal();
    const double width = next ? 2 : 1.5;
    QPen dashes = pen(QColor::fromRgb(p.color), width);
    dashes.setDashPattern({ 6 / width, 4 / width }); // in units of the width
    painter.setBrush(next ? QBrush(withOpacity(p.color, 0.16)) : QBrush(Qt::NoBrush));
    painter.setPen(pen(black(0.4), 3.5));
    painter.drawRect(rect);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(dashes);
    painter.drawRect(rect);
    if (next && m_state.handles && m_selected.empty() && !p.fixed && !p.shownOnly)
        paintHandles(painter, rect);
}

void LivePainter::paintHandles(QPainter& painter, const QRectF& rect) const
{
    for (const auto& [handle, centre] : Interaction::handlesOf(rect)) {
        const QRectF knob(std::floor(centre.x()) - 4, std::floor(centre.y()) - 4, 9, 9);
        painter.fillRect(knob, QColor(0x16, 0x18, 0x1B));
        painter.fillRect(knob.adjusted(1, 1, -1, -1), Qt::white);
    }
}

void LivePainter::paintSelection(QPainter& painter) const
{
    const bool many = m_selected.size() > kManySelected;
    painter.setRenderHint(QPainter::Antialiasing, !many);
    for (const auto& [id, box] : m_selected) {
        const QRectF rect = crisp(m_state.transform.viewFromImage(box));
        if (!many)
            painter.fillRect(rect, withOpacity(m_state.scene->find(id)->color, 0.10));
        outline(painter, rect, many ? 3 : 5, black(0.45));
        outline(painter, rect, many ? 1 : 2, Qt::white);
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    if (m_selected.size() == 1 && m_state.handles && !m_state.scene->find(m_selected.front().first)->locked)
        paintHandles(painter, crisp(m_state.transform.viewFromImage(m_selected.front().second)));
}

void LivePainter::paintDraft(QPainter& painter) const
{
    if (const auto draft = m_state.interaction->draft()) {
        const QRectF rect = crisp(m_state.transform.viewFromImage(*draft));
        painter.fillRect(rect, withOpacity(m_state.armedColor, 0.10));
        outline(painter, rect, 4, black(0.45));
        outline(painter, rect, 2, QColor::fromRgb(m_state.armedColor));
    }
    for (const QPointF& point : m_state.interaction->points()) {
        painter.setPen(pen(black(0.6), 1.5));
        painter.setBrush(QColor::fromRgb(m_state.armedColor));
        painter.drawEllipse(m_state.transform.viewFromImage(point), 3.5, 3.5);
    }
    if (const auto band = m_state.interaction->band()) {
        painter.setBrush(withOpacity(m_state.accent, 0.12));
        painter.setPen(pen(QColor::fromRgb(m_state.accent), 1));
        painter.drawRect(crisp(m_state.transform.viewFromImage(*band)));
    }
}

void LivePainter::paintTags(QPainter& painter) const
{
    QFont font = m_font;
    for (const Tag& tag : m_tags) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(tag.background);
        painter.drawRoundedRect(tag.rect, 2, 2);
        font.setWeight(QFont::Weight(tag.weight));
        painter.setFont(font);
        painter.setPen(tag.ink);
        const TagText& shaped = tagText(font, tag.text);
        const QSizeF room = tag.rect.size() - shaped.text.size();
        painter.drawStaticText(tag.rect.topLeft() + QPointF(room.width() / 2, room.height() / 2), shaped.text);
    }
}

void LivePainter::paintCrosshair(QPainter& painter) const
{
    if (!m_state.crosshair)
        return;
    const QPointF c(std::floor(m_state.crosshair->x()) + 0.5, std::floor(m_state.crosshair->y()) + 0.5);
    painter.setRenderHint(QPainter::Antialiasing, false);
    QPen dots = pen(withOpacity(0xFFFFFFFF, 0.55), 1);
    dots.setDashPattern({ 2, 4 });
    painter.setPen(dots);
    painter.drawLine(QPointF(c.x(), 0), QPointF(c.x(), m_state.view.height()));
    painter.drawLine(QPointF(0, c.y()), QPointF(m_state.view.width(), c.y()));
    painter.setRenderHint(QPainter::Antialiasing, true);
    const auto cross = [&](const QPen& p, double arm) {
        painter.setPen(p);
        painter.drawLine(QPointF(c.x() - arm, c.y()), QPointF(c.x() + arm, c.y()));
        painter.drawLine(QPointF(c.x(), c.y() - arm), QPointF(c.x(), c.y() + arm));
    };
    cross(pen(black(0.6), 3), 9);
    cross(pen(QColor::fromRgb(m_state.armedColor), 1.5), 8);
}

}
