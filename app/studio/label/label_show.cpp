// What the page shows of the picture: shapes, lists, hints, figures.
#include "app/studio/frame/side_panel.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/hint_strip.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_fields.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/state_mark.h"
#include "widgets/style/widgets.h"

#include <QCursor>
#include <QPushButton>
#include <QTimer>
#include <algorithm>
#include <cmath>

namespace percept::studio {

namespace {
    QString originText(domain::Origin origin)
    {
        switch (origin) {
        case domain::Origin::Imported: return LabelPage::tr("Imported");
        case domain::Origin::ProposalAccepted: return LabelPage::tr("Proposal, accepted");
        case domain::Origin::ProposalCorrected: return LabelPage::tr("Proposal, corrected");
        default: return LabelPage::tr("Drawn");
        }
    }
}

canvas::Shape LabelPage::shapeOf(const domain::Annotation& a) const
{
    canvas::Shape shape;
    shape.id = a.id;
    shape.box = a.box;
    shape.color = context().labelColor(a.label).rgb();
    if (const domain::Label* label = context().label(a.label))
        shape.name = QString::fromStdString(label->name);
    shape.hidden = m_classes->isHidden(a.label) || m_hiddenObjects.count(a.id);
    shape.dimmed = m_dimOthers && !m_canvas->scene().isSelected(a.id);
    shape.flagged = !a.box.hasArea();
    return shape;
}

void LabelPage::showShapes()
{
    std::vector<canvas::Shape> shapes;
    shapes.reserve(m_document->annotations().size());
    for (const domain::Annotation& a : m_document->annotations())
        shapes.push_back(shapeOf(a));
    m_canvas->setShapes(std::move(shapes));
    showProposals();
    refreshSide();
}

void LabelPage::showEdited(const std::vector<AnnotationId>& ids)
{
    constexpr std::size_t kMany = 300;
    if (ids.size() > kMany)
        return showShapes();
    for (AnnotationId id : ids) {
        if (const domain::Annotation* a = m_document->find(id))
            m_canvas->updateShape(shapeOf(*a));
        else
            m_canvas->removeShape(id);
    }
    showProposals();
    refreshSide();
}

void LabelPage::refreshSide() { m_sideTimer->start(); }

QString LabelPage::nameOf(AnnotationId id) const
{
    const domain::Annotation* wanted = m_document->find(id);
    if (!wanted)
        return {};
    int number = 0;
    for (const domain::Annotation& a : m_document->annotations()) {
        number += a.label == wanted->label;
        if (a.id == id)
            break;
    }
    const domain::Label* label = context().label(wanted->label);
    return tr("%1 %2").arg(label ? QString::fromStdString(label->name) : tr("Object")).arg(number);
}

void LabelPage::refreshSideNow()
{
    m_sideTimer->stop();
    std::vector<ObjectList::Row> rows;
    for (const VisibleProposal& p : m_visible) {
        ObjectList::Row row;
        row.proposal = p.key;
        row.name = context().label(p.label) ? QString::fromStdString(context().label(p.label)->name) : QString();
        row.note = tr("proposal");
        row.figure = QString::number(p.score, 'f', 2);
        row.color = context().labelColor(p.label);
        rows.push_back(row);
    }
    std::vector<const domain::Annotation*> order;
    QHash<qint64, int> counts;
    for (const domain::Annotation& a : m_document->annotations()) {
        order.push_back(&a);
        ++counts[a.label.value];
    }
    QHash<qint64, int> places;
    for (const domain::Label& label : context().labels())
        places.insert(label.id.value, label.position);
    const auto place = [&places](const domain::Annotation* a) { return places.value(a->label.value, 1 << 20); };
    std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return place(a) < place(b); });
    // What rows of one class share is made once: with thousands of objects this runs after every edit.
    struct Shared { QString name; QColor color; bool hatched, hidden; int number; };
    QHash<qint64, Shared> shared;
    rows.reserve(rows.size() + order.size());
    for (const domain::Annotation* a : order) {
        auto kind = shared.find(a->label.value);
        if (kind == shared.end()) {
            const domain::Label* label = context().label(a->label);
            kind = shared.insert(a->label.value, { label ? QString::fromStdString(label->name) : tr("Object"),
                context().labelColor(a->label), context().labelHatched(a->label), m_classes->isHidden(a->label), 0 });
        }
        ObjectList::Row row;
        row.id = a->id;
        row.name = kind->name + QLatin1Char(' ') + QString::number(++kind->number);
        row.figure = QString::number(std::lround(a->box.w)) + QStringLiteral(" × ") + QString::number(std::lround(a->box.h));
        const std::pair<bool, char> letters[] = { { a->flags.occluded, 'Q' }, { a->flags.truncated, 'T' }, { a->flags.crowd, 'Y' }, { a->flags.difficult, 'U' } };
        for (const auto& [on, letter] : letters)
            if (on)
                row.flags += QLatin1Char(letter);
        row.color = kind->color;
        row.hatched = kind->hatched;
        row.hidden = kind->hidden || m_hiddenObjects.count(a->id);
        rows.push_back(std::move(row));
    }
    m_classes->setCounts(counts);
    m_objectCount->setText(style::count(qint64(order.size())));
    m_objects->setRows(std::move(rows));
    m_objects->setSelectedIds(selection());
    m_objects->setHighlighted(m_canvas->scene().highlightedProposal());
    refreshFields();
    refreshHints();
    refreshStatus();
}

void LabelPage::refreshFields()
{
    std::vector<domain::Annotation> objects;
    for (AnnotationId id : selection())
        if (const domain::Annotation* a = m_document->find(id))
            objects.push_back(*a);
    const QString title = objects.empty() ? tr("No object selected") : objects.size() == 1 ? nameOf(objects.front().id) : tr("%1 objects").arg(objects.size());
    const QString origin = objects.size() == 1 ? originText(objects.front().origin) : QString();
    m_fields->show(title, origin, objects, m_canvas->scene().pictureSize());
}

void LabelPage::refreshState()
{
    const bool open = m_document->isOpen();
    const domain::Item& item = m_document->item();
    m_stateMark->setVisible(open);
    m_done->setEnabled(open);
    m_empty->setVisible(!open && m_ids.empty() && !m_reading);
    placeOverlays();
    if (!open) {
        m_bar->showNothing();
        m_stateText->setText({});
        return;
    }
    m_bar->showItem(item, m_index, int(m_ids.size()));
    switch (item.state) {
    case domain::ItemState::Done:
        m_stateMark->setMark(style::StateMark::Done);
        m_stateText->setText(tr("Done"));
        break;
    case domain::ItemState::ToReview:
        m_stateMark->setMark(style::StateMark::ToReview);
        m_stateText->setText(tr("To review"));
        break;
    default:
        m_stateMark->setMark(style::StateMark::ToDo);
        m_stateText->setText(tr("To do"));
    }
    m_done->setText(item.state == domain::ItemState::Done ? tr("Next") : tr("Done"));
}

void LabelPage::refreshHints()
{
    const bool box = m_canvas->tool() == canvas::Tool::Box;
    const domain::Label* label = context().label(m_armed);
    if (box) {
        const QString name = label ? tr("Box, %1").arg(QString::fromStdString(label->name)) : tr("Box");
        const QString how = m_canvas->isDrawing() ? tr("click the opposite corner")
            : label                               ? tr("drag, or click two corners")
                                                  : tr("draw one, then type the name of its class");
        m_hint->setTool(label ? context().labelColor(m_armed) : QColor(), name, how);
    } else {
        m_hint->setTool({}, tr("Select"), tr("click, Shift-click or drag a band"));
    }
    std::vector<HintStrip::Key> keys;
    QString subject;
    const auto highlighted = m_canvas->scene().highlightedProposal();
    const canvas::Proposal* proposal = highlighted ? m_canvas->scene().findProposal(*highlighted) : nullptr;
    if (m_canvas->isDrawing()) {
        keys = { { tr("Esc"), tr("give up") } };
    } else if (proposal) {
        subject = tr("Proposal %1").arg(proposal->tag);
        keys = { { QStringLiteral("↵"), tr("accept") }, { tr("Esc"), tr("drop") }, { tr("Tab"), tr("next") } };
    } else if (!selection().empty()) {
        subject = selection().size() == 1 ? nameOf(selection().front()) : tr("%1 objects").arg(selection().size());
        if (!m_fresh)
            keys.push_back({ QStringLiteral("1–9"), tr("class") });
        keys.push_back({ tr("Del"), tr("delete") });
        keys.push_back({ QStringLiteral("← →"), tr("nudge") });
    } else {
        keys = { { QStringLiteral("A"), tr("previous") }, { QStringLiteral("D"), tr("next") } };
        if (box)
            keys.insert(keys.begin(), { tr("Ctrl"), tr("select") });
    }
    keys.push_back({ QStringLiteral("F1"), tr("all keys") });
    m_hint->setKeys(subject, std::move(keys));
}

void LabelPage::refreshStatus()
{
    if (!m_document->isOpen())
        return setStatus({}, {});
    QStringList right;
    const QPoint local = m_canvas->mapFromGlobal(QCursor::pos());
    const QPointF at = m_canvas->view().imageFromView(local);
    if (m_canvas->rect().contains(local) && QRectF(QPointF(), m_canvas->scene().pictureSize()).contains(at))
        right << QStringLiteral("x %1  y %2").arg(int(std::floor(at.x()))).arg(int(std::floor(at.y())));
    right << QStringLiteral("%1 %").arg(qRound(m_canvas->view().scale() * devicePixelRatioF() * 100));
    QString objects = style::counted(qint64(m_document->annotations().size()), tr("object"), tr("objects"));
    if (!m_visible.empty())
        objects += QStringLiteral(", ") + style::counted(qint64(m_visible.size()), tr("proposal"), tr("proposals"));
    right << objects;
    setStatus({}, right);
}

QList<QWidget*> LabelPage::panels() { return { m_bar, m_canvas, m_side }; }
QRect LabelPage::toastArea() const { return QRect(m_canvas->mapTo(this, QPoint()), m_canvas->size()); }

void LabelPage::placeOverlays()
{
    m_problem->setGeometry(m_canvas->rect().adjusted(40, 40, -40, -40));
    const QSize size = m_empty->sizeHint().expandedTo({ 320, 160 });
    m_empty->setGeometry(QRect(QPoint((m_canvas->width() - size.width()) / 2, (m_canvas->height() - size.height()) / 2), size));
}

void LabelPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    placeOverlays();
}

}
