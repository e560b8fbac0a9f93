// What the page shows of the picture: shapes, lists, hints, figures.
#include "app/studio/frame/side_panel.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_fields.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/state_mark.h"
#include "widgets/style/widgets.h"

#include <QCursor>
#include <QPushButton>
#include <algorithm>
#include <cmath>
#include <utility>

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
    shape.locked = isLocked(a.id);
    shape.problem = problemText(problemOf(a.box, m_canvas->scene().pictureSize()));
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
    std::vector<canvas::Shape> shapes;
    for (AnnotationId id : ids) {
        if (const domain::Annotation* a = m_document->find(id))
            shapes.push_back(shapeOf(*a));
        else
            m_canvas->removeShape(id);
    }
    m_canvas->updateShapes(shapes);
    updateProposals();
    refreshSide(ids);
}

// A new object was stored.
void LabelPage::replaceId(AnnotationId from, AnnotationId to)
{
    m_canvas->replaceId(from, to);
    m_objects->replaceId(from, to);
    std::replace(m_sideIds.begin(), m_sideIds.end(), from, to);
    for (std::set<AnnotationId>* marked : { &m_hiddenObjects, &m_lockedObjects })
        if (marked->erase(from))
            marked->insert(to);
    if (m_redrawn == from)
        m_redrawn = to;
}

void LabelPage::refreshSide()
{
    m_sideIsStale = true;
    queueSide();
}

void LabelPage::refreshSide(const std::vector<AnnotationId>& ids)
{
    constexpr std::size_t kFew = 16; // of more it is as quick to show all
    m_sideIsStale = m_sideIsStale || m_sideIds.size() + ids.size() > kFew;
    m_sideIds.insert(m_sideIds.end(), ids.begin(), ids.end());
    queueSide();
}

// Behind what is being done, but before the painting that it asked for.
void LabelPage::queueSide()
{
    if (std::exchange(m_sideIsQueued, true))
        return;
    const auto due = [this] {
        if (m_sideIsQueued)
            refreshSideNow();
    };
    QMetaObject::invokeMethod(this, due, Qt::QueuedConnection);
}

// As the list names it, which knows its number without counting.
QString LabelPage::nameOf(AnnotationId id)
{
    if (m_sideIsStale || !m_sideIds.empty())
        refreshRows();
    return m_objects->nameOf(id);
}

ObjectRow LabelPage::rowOf(const domain::Annotation& a) const
{
    ObjectRow row;
    row.id = a.id;
    row.label = a.label;
    row.flags = a.flags;
    row.width = a.box.w;
    row.height = a.box.h;
    row.hidden = m_classes->isHidden(a.label) || m_hiddenObjects.count(a.id) > 0;
    row.locked = isLocked(a.id);
    row.problem = problemOf(a.box, m_canvas->scene().pictureSize());
    return row;
}

std::vector<ObjectRow> LabelPage::proposalRows() const
{
    std::vector<ObjectRow> rows;
    for (const VisibleProposal& p : m_visible) {
        ObjectRow row;
        row.proposal = p.key;
        row.label = p.label;
        row.score = p.score;
        row.shownOnly = onlyCompares();
        rows.push_back(row);
    }
    return rows;
}

void LabelPage::refreshRows()
{
    if (std::exchange(m_sideIsStale, false) || m_objects->isFiltered()) { // which are listed may have changed
        std::vector<ObjectRow> rows;
        rows.reserve(m_document->annotations().size());
        for (const domain::Annotation& a : m_document->annotations())
            rows.push_back(rowOf(a));
        m_objects->setRows(proposalRows(), std::move(rows));
    } else {
        m_objects->setProposals(proposalRows());
        for (AnnotationId id : m_sideIds) {
            const domain::Annotation* a = m_document->find(id);
            m_objects->changeRow(id, a ? std::optional(rowOf(*a)) : std::nullopt);
        }
    }
    m_sideIds.clear();
}

void LabelPage::refreshSideNow()
{
    m_sideIsQueued = false;
    refreshRows();
    m_classes->setCounts(m_objects->counts());
    showObjectCount();
    m_objects->setSelectedIds(selection());
    m_objects->setHighlighted(m_canvas->scene().highlightedProposal());
    refreshFields();
    refreshEditCommands();
    showHints();
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
    const bool locked = std::any_of(objects.begin(), objects.end(), [this](const auto& a) { return isLocked(a.id); });
    m_fields->show(title, locked ? tr("Locked") : origin, objects, m_canvas->scene().pictureSize(), locked);
}

void LabelPage::refreshState()
{
    const bool open = m_document->isOpen();
    const domain::Item& item = m_document->item();
    m_stateMark->setVisible(open);
    m_done->setEnabled(open);
    m_empty->setVisible(!open && m_ids.empty() && !m_reading);
    placeOverlays();
    refreshEditCommands();
    if (!open) {
        m_bar->showNothing();
        m_stateText->setText({});
        return;
    }
    m_objects->setDone(item.state == domain::ItemState::Done);
    m_bar->showItem(item, m_index, int(m_ids.size()), m_within ? m_within->name : QString());
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

QList<QWidget*> LabelPage::panels() { return { m_bar, m_canvas, m_classes, m_side }; }
bool LabelPage::showsStep(const dataset::Committed& step) const
{
    return !step.labelsChanged && step.touchedItems.size() == 1 && step.touchedItems.front() == m_document->item().id;
}

// An edit that was not of the picture in front came or went unseen.
StepPlace LabelPage::placeOf(const dataset::Committed& step)
{
    if (step.labelsChanged || step.touchedItems.size() != 1 || step.touchedItems.front() == m_document->item().id || !context().session())
        return {};
    const ItemId item = step.touchedItems.front();
    const auto there = context().session()->reader().readItems({}, { item.value - 1 }, 1).valueOr({}); // not in the trash
    if (there.empty() || there.front().id != item)
        return {};
    const auto within = std::binary_search(m_ids.begin(), m_ids.end(), item) ? m_within : nullptr;
    return { QString::fromStdString(there.front().name), [&ctx = context(), item, within] { ctx.openItem({ item, {}, {}, within }); } };
}

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
