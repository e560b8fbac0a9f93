// What the annotator does: each of these is one step of the history.
#include "app/studio/label/label_page.h"
#include "widgets/style/widgets.h"

#include <QToolButton>
#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {
    bool& flagOf(domain::AnnotationFlags& flags, int flag)
    {
        switch (flag) {
        case 0: return flags.occluded;
        case 1: return flags.truncated;
        case 2: return flags.crowd;
        default: return flags.difficult;
        }
    }
}

void LabelPage::setTool(canvas::Tool tool)
{
    m_canvas->setTool(tool);
    if (tool == canvas::Tool::Select)
        m_redrawn = {};
    else
        m_drawTool = tool;
    m_selectTool->setChecked(tool == canvas::Tool::Select);
    m_boxTool->setChecked(tool == canvas::Tool::Box);
    m_extremesTool->setChecked(tool == canvas::Tool::Extremes);
    refreshHints();
}

// The selected object gets another box and stays what it is: its class, flags and id.
void LabelPage::startRedrawing()
{
    const auto ids = unlocked(selection());
    if (ids.size() != 1)
        return;
    selectByHand(ids);
    setTool(m_drawTool);
    m_redrawn = ids.front();
    refreshHints();
}

bool LabelPage::redraws() const { return m_redrawn.value != 0 && selection() == std::vector<AnnotationId> { m_redrawn }; }

void LabelPage::takeDrawn(const domain::Box& box)
{
    if (redraws()) {
        domain::Annotation next = corrected(*m_document->find(std::exchange(m_redrawn, {})));
        next.box = box;
        return m_document->update({ next }, tr("Redrew %1").arg(nameOf(next.id)));
    }
    if (m_armed.isValid())
        return addBox(box, m_armed);
    m_waitingBox = box;
    m_purpose = FieldPurpose::Draw;
    const QRectF rect = m_canvas->view().viewFromImage(box);
    openClassField(tr("Class of this object"), QPoint(int(rect.left()), int(rect.bottom()) + 6));
}

void LabelPage::addBox(const domain::Box& box, LabelId label, const std::optional<domain::Label>& made)
{
    if (!m_document->isOpen())
        return;
    domain::Annotation a;
    a.label = label;
    a.box = box;
    showHidden(made ? LabelId {} : label);
    const domain::Label* known = made ? &*made : context().label(label);
    const auto ids = m_document->add({ a }, tr("Drew %1").arg(known ? QString::fromStdString(known->name) : tr("a box")), made);
    // Shown as selected, so that flags, arrows and Delete reach it; digits still arm the class of the next box.
    m_canvas->setSelection(ids);
    yieldToSelection();
    m_fresh = true;
    refreshHints();
}

void LabelPage::takeChanges(const std::vector<canvas::BoxChange>& changes)
{
    std::vector<domain::Annotation> after;
    bool moved = true;
    for (const canvas::BoxChange& change : changes)
        if (const domain::Annotation* a = m_document->find(change.id)) {
            domain::Annotation next = corrected(*a);
            moved = moved && a->box.w == change.box.w && a->box.h == change.box.h;
            next.box = change.box;
            after.push_back(next);
        }
    if (after.empty())
        return;
    const QString what = after.size() == 1 ? nameOf(after.front().id) : tr("%1 objects").arg(after.size());
    m_document->update(after, (moved ? tr("Moved %1") : tr("Resized %1")).arg(what));
}

void LabelPage::selectByHand(std::vector<AnnotationId> ids)
{
    m_canvas->setSelection(std::move(ids));
    yieldToSelection();
    m_fresh = false;
    refreshHints();
}

void LabelPage::deleteObjects(const std::vector<AnnotationId>& chosen, bool alsoLocked)
{
    const auto ids = alsoLocked ? chosen : unlocked(chosen);
    if (ids.empty())
        return;
    const QString title = ids.size() == 1 ? tr("Deleted 1 object, %1").arg(nameOf(ids.front())) : tr("Deleted %1 objects").arg(ids.size());
    m_document->remove(ids, title);
    context().showUndoToast(title);
}

void LabelPage::toggleFlag(int flag, std::optional<bool> on)
{
    std::vector<domain::Annotation> after;
    for (AnnotationId id : unlocked(selection()))
        if (const domain::Annotation* a = m_document->find(id))
            after.push_back(*a);
    if (after.empty())
        return;
    // Of several: on for all unless all have it.
    const bool value = on.value_or(!std::all_of(after.begin(), after.end(), [flag](domain::Annotation a) { return flagOf(a.flags, flag); }));
    for (domain::Annotation& a : after)
        flagOf(a.flags, flag) = value;
    const QString name = QStringList { tr("occluded"), tr("truncated"), tr("crowd"), tr("difficult") }.at(flag);
    m_document->update(after, value ? tr("Marked as %1").arg(name) : tr("No longer %1").arg(name));
}

// What somebody may not have meant who calls the picture done: where nothing is marked is background.
QString LabelPage::whatIsLeft(const QString& name) const
{
    if (m_document->item().state == domain::ItemState::Done)
        return {};
    const auto open = onlyCompares() ? 0 : qint64(m_visible.size());
    const QString proposals = tr("%1 not taken").arg(style::counted(open, tr("proposal was"), tr("proposals were")));
    if (m_document->annotations().empty()) {
        const QString background = tr("%1 is done without objects: it trains as background").arg(name);
        return open == 0 ? background : background + QStringLiteral("; ") + proposals;
    }
    return open == 0 ? QString() : tr("%1 is done; %2").arg(name, proposals);
}

void LabelPage::finishAndGo()
{
    if (m_document->isOpen() && m_canvas->isDrawing())
        return context().showToast(tr("Finish the box or press Esc first"));
    if (!m_document->isOpen() || m_canvas->isBusy())
        return;
    const QString name = QString::fromStdString(m_document->item().name), left = whatIsLeft(name);
    forgetDrops();
    m_document->setState(domain::ItemState::Done, tr("Finished %1").arg(name));
    if (!left.isEmpty())
        context().showUndoToast(left);
    goToUnfinished();
}

void LabelPage::setState(domain::ItemState state)
{
    if (!m_document->isOpen() || state == m_document->item().state)
        return;
    const QString words = state == domain::ItemState::Done ? tr("done") : state == domain::ItemState::ToReview ? tr("to review") : tr("to do");
    const QString title = tr("Marked %1 as %2").arg(QString::fromStdString(m_document->item().name), words);
    forgetDrops();
    m_document->setState(state, title);
    context().showUndoToast(title);
}

void LabelPage::moveToTrash()
{
    if (!m_document->isOpen())
        return;
    const QString title = tr("Moved %1 to the trash").arg(QString::fromStdString(m_document->item().name));
    context().apply({ dataset::SetItemTrashed { m_document->item().id } }, title, [self = QPointer(this), title](const auto& result) {
        if (self && result.hasError())
            self->context().reportError({}, result.error());
        else if (self)
            self->context().showUndoToast(title);
    });
}

}
