// What the annotator does: each of these is one step of the history.
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/proposal_source.h"
#include "widgets/style/widgets.h"

#include <QToolButton>
#include <algorithm>

namespace percept::studio {

namespace {
    constexpr double kSameObject = 0.5; // a proposal that overlaps an object that much is that object

    // What a proposal was accepted as is no longer what the model said.
    domain::Annotation corrected(domain::Annotation a)
    {
        if (a.origin == domain::Origin::ProposalAccepted)
            a.origin = domain::Origin::ProposalCorrected;
        return a;
    }

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

void LabelPage::arm(LabelId id)
{
    m_armed = context().label(id) ? id : LabelId {};
    m_classes->setArmed(m_armed);
    m_canvas->setArmedColor(m_armed.isValid() ? context().labelColor(m_armed).rgb() : style::tokens().text.rgb());
    refreshHints();
}

void LabelPage::setTool(canvas::Tool tool)
{
    m_canvas->setTool(tool);
    m_selectTool->setChecked(tool == canvas::Tool::Select);
    m_boxTool->setChecked(tool == canvas::Tool::Box);
    refreshHints();
}

void LabelPage::takeDrawn(const domain::Box& box)
{
    if (m_armed.isValid())
        return addBox(box, m_armed);
    m_waitingBox = box;
    m_purpose = FieldPurpose::Draw;
    const QRectF rect = m_canvas->view().viewFromImage(box);
    openClassField(tr("Class of this object"), QPoint(int(rect.left()), int(rect.bottom()) + 6));
}

void LabelPage::addBox(const domain::Box& box, LabelId label)
{
    if (!m_document->isOpen())
        return;
    domain::Annotation a;
    a.label = label;
    a.box = box;
    const domain::Label* known = context().label(label);
    const auto ids = m_document->add({ a }, tr("Drew %1").arg(known ? QString::fromStdString(known->name) : tr("a box")));
    // Shown as selected, so that flags, arrows and Delete reach it; digits still arm the class of the next box.
    m_canvas->setSelection(ids);
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
    m_fresh = false;
    refreshHints();
}

void LabelPage::changeClass(LabelId id)
{
    const domain::Label* label = context().label(id);
    std::vector<domain::Annotation> after;
    for (AnnotationId object : selection())
        if (const domain::Annotation* a = m_document->find(object); a && a->label != id) {
            after.push_back(corrected(*a));
            after.back().label = id;
        }
    if (!label || after.empty())
        return;
    const QString name = QString::fromStdString(label->name);
    m_document->update(after, after.size() == 1 ? tr("Changed the class to %1").arg(name) : tr("Changed the class of %1 objects to %2").arg(after.size()).arg(name));
}

void LabelPage::deleteObjects(const std::vector<AnnotationId>& ids)
{
    if (ids.empty())
        return;
    const QString title = ids.size() == 1 ? tr("Deleted 1 object, %1").arg(nameOf(ids.front())) : tr("Deleted %1 objects").arg(ids.size());
    m_document->remove(ids, title);
    context().showUndoToast(title);
}

void LabelPage::toggleFlag(int flag, std::optional<bool> on)
{
    std::vector<domain::Annotation> after;
    for (AnnotationId id : selection())
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

void LabelPage::copySelection()
{
    std::vector<domain::Annotation> copied;
    for (AnnotationId id : selection())
        if (const domain::Annotation* a = m_document->find(id))
            copied.push_back(*a);
    if (!copied.empty())
        m_clipboard = std::move(copied);
}

void LabelPage::paste(std::vector<domain::Annotation> annotations, const QString& title)
{
    const QSizeF size = m_canvas->scene().pictureSize();
    std::vector<domain::Annotation> added;
    for (domain::Annotation& a : annotations) {
        a.origin = domain::Origin::Drawn; // a person put it here
        a.score = 0;
        a.box = domain::clipped(a.box, size.width(), size.height());
        if (a.box.hasArea() && context().label(a.label))
            added.push_back(a);
    }
    if (added.empty() || !m_document->isOpen())
        return;
    const auto ids = m_document->add(std::move(added), title);
    selectByHand(ids);
}

void LabelPage::duplicateSelection()
{
    constexpr double kShift = 10; // picture pixels
    std::vector<domain::Annotation> copies;
    for (AnnotationId id : selection())
        if (const domain::Annotation* a = m_document->find(id))
            copies.push_back(*a);
    std::vector<domain::Box> boxes;
    for (const auto& a : copies)
        boxes.push_back(a.box);
    QPointF shift = canvas::clampedMove(boxes, kShift, kShift, m_canvas->scene().pictureSize());
    if (shift.isNull())
        shift = canvas::clampedMove(boxes, -kShift, -kShift, m_canvas->scene().pictureSize());
    for (auto& a : copies) {
        a.box.x += shift.x();
        a.box.y += shift.y();
    }
    if (!copies.empty())
        paste(copies, copies.size() == 1 ? tr("Duplicated %1").arg(nameOf(copies.front().id)) : tr("Duplicated %1 objects").arg(copies.size()));
}

void LabelPage::pasteFromPrevious()
{
    if (m_index <= 0 || !context().session())
        return;
    auto before = context().session()->reader().readAnnotations(m_ids[std::size_t(m_index - 1)]).valueOr({});
    // What already lies here exactly so stays once.
    std::erase_if(before, [this](const domain::Annotation& a) {
        return std::any_of(m_document->annotations().begin(), m_document->annotations().end(),
            [&](const domain::Annotation& b) { return a.label == b.label && a.box == b.box; });
    });
    if (before.empty())
        return context().showToast(tr("The previous picture has no objects to take over"));
    const QString title = before.size() == 1 ? tr("Took over 1 object of the previous picture") : tr("Took over %1 objects of the previous picture").arg(before.size());
    paste(std::move(before), title);
    context().showUndoToast(title);
}

void LabelPage::setObjectHidden(AnnotationId id, bool hidden)
{
    if (hidden)
        m_hiddenObjects.insert(id);
    else
        m_hiddenObjects.erase(id);
    if (const domain::Annotation* a = m_document->find(id))
        m_canvas->updateShape(shapeOf(*a));
    refreshSide();
}

void LabelPage::finishAndGo()
{
    if (!m_document->isOpen() || m_canvas->isBusy())
        return;
    m_document->setState(domain::ItemState::Done, tr("Finished %1").arg(QString::fromStdString(m_document->item().name)));
    goToUnfinished();
}

// Classes.

void LabelPage::openClassField(const QString& asking, QPoint at) { m_classField->open(asking, at); }

void LabelPage::classChosen(LabelId id)
{
    const auto box = m_waitingBox;
    m_waitingBox.reset();
    if (m_purpose == FieldPurpose::Change)
        return changeClass(id);
    arm(id);
    if (m_purpose == FieldPurpose::Draw && box)
        addBox(*box, id);
    else
        setTool(canvas::Tool::Box);
}

void LabelPage::createClass(const QString& name)
{
    domain::Label label;
    label.name = name.toStdString();
    context().apply({ dataset::AddLabel { label } }, tr("Made the class %1").arg(name),
        [self = QPointer(this)](const base::Result<dataset::Committed>& result) {
            if (!self)
                return;
            if (result.hasError()) {
                self->m_waitingBox.reset();
                self->context().reportError({}, result.error());
            } else if (!result->addedLabels.empty()) {
                self->whenLabelKnown(result->addedLabels.front());
            }
        });
}

void LabelPage::whenLabelKnown(LabelId id)
{
    // The list of labels and the answer to the edit arrive in either order.
    if (!context().label(id)) {
        m_awaitedLabel = id;
        return;
    }
    m_awaitedLabel = {};
    classChosen(id);
}

void LabelPage::editLabel(LabelId id, const std::function<void(domain::Label&)>& change, const QString& title)
{
    const domain::Label* known = context().label(id);
    if (!known)
        return;
    domain::Label label = *known;
    change(label);
    context().apply({ dataset::UpdateLabel { label } }, title, [self = QPointer(this)](const base::Result<dataset::Committed>& result) {
        if (self && result.hasError())
            self->context().reportError({}, result.error());
    });
}

// Proposals.

void LabelPage::refreshProposals()
{
    const domain::Item& item = m_document->item();
    const bool allowed = m_document->isOpen() && (item.set != domain::SplitSet::Test || item.state == domain::ItemState::Done);
    if (!allowed || m_source->modelName().isEmpty()) {
        m_predicted.clear();
        m_predictedFor = {};
        return showProposals();
    }
    const auto* predictions = m_source->cached(item.id);
    if (!predictions && m_source->problem(item.id).isEmpty())
        m_source->want(item.id, context().session()->reader().mediaPath(item));
    m_predicted.clear();
    if (predictions) {
        int key = 0;
        for (const protocol::EdgePrediction& p : *predictions) {
            const auto label = std::find_if(context().labels().begin(), context().labels().end(), [&](const domain::Label& l) { return l.name == p.label; });
            const domain::Box box = domain::clipped(p.box, item.width, item.height);
            if (label != context().labels().end() && box.hasArea())
                m_predicted.push_back({ key, label->id, box, p.score });
            ++key;
        }
    }
    m_predictedFor = item.id;
    showProposals();
}

void LabelPage::setPredictionsForTest(std::vector<VisibleProposal> predictions)
{
    m_predicted = std::move(predictions);
    m_predictedFor = m_document->item().id;
    showProposals();
}

void LabelPage::showProposals()
{
    m_visible.clear();
    const auto& dropped = m_dropped[m_document->item().id];
    if (m_predictedFor == m_document->item().id && m_document->isOpen())
        for (const VisibleProposal& p : m_predicted) {
            const bool known = std::any_of(m_document->annotations().begin(), m_document->annotations().end(),
                [&](const domain::Annotation& a) { return domain::iou(a.box, p.box) >= kSameObject; });
            if (p.score >= m_bar->leastScore() && !dropped.count(p.key) && !known)
                m_visible.push_back(p);
        }
    std::stable_sort(m_visible.begin(), m_visible.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<canvas::Proposal> shown;
    for (const VisibleProposal& p : m_visible) {
        const domain::Label* label = context().label(p.label);
        shown.push_back({ p.key, p.box, context().labelColor(p.label).rgb(),
            (label ? QString::fromStdString(label->name) + QLatin1Char(' ') : QString()) + QString::number(p.score, 'f', 2) });
    }
    m_canvas->setProposals(std::move(shown));
    if (!m_canvas->scene().highlightedProposal() && !m_visible.empty())
        m_canvas->setHighlightedProposal(m_visible.front().key);
    const domain::Item& item = m_document->item();
    QString why = m_source->problem(item.id);
    if (why.isEmpty() && !m_source->modelName().isEmpty() && item.set == domain::SplitSet::Test && item.state != domain::ItemState::Done)
        why = tr("Test set: proposals only after it was finished by hand");
    m_bar->showProposals(m_predictedFor.isValid() && m_source->modelName().isEmpty() ? tr("Model") : m_source->modelName(), int(m_visible.size()), why);
    refreshSide();
}

void LabelPage::acceptProposals(const std::vector<int>& keys)
{
    std::vector<domain::Annotation> added;
    for (const VisibleProposal& p : m_visible)
        if (std::find(keys.begin(), keys.end(), p.key) != keys.end()) {
            domain::Annotation a;
            a.label = p.label;
            a.box = p.box;
            a.origin = domain::Origin::ProposalAccepted;
            a.score = p.score;
            added.push_back(a);
        }
    if (added.empty())
        return;
    const std::size_t n = added.size();
    m_document->add(std::move(added), n == 1 ? tr("Accepted a proposal") : tr("Accepted %1 proposals").arg(n));
    if (n > 1)
        context().showUndoToast(tr("Accepted %1 proposals").arg(n));
}

void LabelPage::acceptAll()
{
    std::vector<int> keys;
    for (const VisibleProposal& p : m_visible)
        keys.push_back(p.key);
    acceptProposals(keys);
}

void LabelPage::dropProposal(int key)
{
    m_dropped[m_document->item().id].insert(key);
    showProposals();
}

void LabelPage::highlight(std::optional<int> key)
{
    m_canvas->setHighlightedProposal(key);
    m_objects->setHighlighted(key);
    if (key) {
        if (const canvas::Proposal* p = m_canvas->scene().findProposal(*key))
            m_canvas->bringIntoView(p->box);
        selectByHand({});
    }
    refreshHints();
}

// Tab: proposals, best first, then objects in the order of the list; round.
void LabelPage::walk(int by)
{
    refreshSideNow();
    const auto& rows = m_objects->rows();
    if (rows.empty())
        return;
    const auto highlighted = m_canvas->scene().highlightedProposal();
    const auto selected = selection();
    int at = by > 0 ? -1 : 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool isHere = !selected.empty() ? rows[i].id.value && rows[i].id == selected.back() : highlighted && rows[i].proposal == *highlighted;
        if (isHere)
            at = int(i);
    }
    const int count = int(rows.size());
    const ObjectList::Row row = rows[std::size_t(((at + by) % count + count) % count)];
    if (row.proposal >= 0)
        return highlight(row.proposal);
    highlight({});
    selectByHand({ row.id });
    if (const domain::Annotation* a = m_document->find(row.id))
        m_canvas->bringIntoView(a->box);
}

}
