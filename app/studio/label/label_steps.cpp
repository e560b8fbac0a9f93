// LabelDocument: how its edits go to the store, in the order in which they were made.
#include "app/studio/label/label_document.h"
#include "core/domain/class_name.h"

#include <QPointer>
#include <algorithm>
#include <set>

namespace percept::studio {

namespace {
    AnnotationId* idOf(dataset::Edit& edit)
    {
        if (auto* update = std::get_if<dataset::UpdateAnnotation>(&edit))
            return &update->annotation.id;
        if (auto* gone = std::get_if<dataset::DeleteAnnotation>(&edit))
            return &gone->id;
        return nullptr;
    }

    LabelId* labelOf(dataset::Edit& edit)
    {
        if (auto* add = std::get_if<dataset::AddAnnotation>(&edit))
            return &add->annotation.label;
        if (auto* update = std::get_if<dataset::UpdateAnnotation>(&edit))
            return &update->annotation.label;
        return nullptr;
    }
}

bool LabelDocument::needsTemporary(const Step& step) const
{
    return std::any_of(step.edits.begin(), step.edits.end(), [&](const dataset::Edit& edit) {
        auto& mutableEdit = const_cast<dataset::Edit&>(edit);
        const AnnotationId* id = idOf(mutableEdit);
        const LabelId* label = labelOf(mutableEdit);
        return (id && id->value < 0 && !m_stored.count(*id)) || (label && label->value < 0 && *label != step.makes && !m_storedLabels.count(*label));
    });
}

void LabelDocument::submit(Step step)
{
    if (!m_held.empty() || needsTemporary(step))
        m_held.push_back(std::move(step)); // keeps the order of the annotator
    else
        send(std::move(step));
    countHeld();
}

// To people an edit that waits here is as little saved as one that waits for the disk.
void LabelDocument::countHeld() { m_context.setHeldEdits(int(m_held.size())); }

// A class that is made twice before its first making is on disk is one class.
LabelId LabelDocument::labelOnItsWay(const std::string& name) const
{
    for (const auto* steps : { &m_sent, &m_held })
        for (const Step& step : *steps)
            for (const dataset::Edit& edit : step.edits)
                if (const auto* add = std::get_if<dataset::AddLabel>(&edit); add && domain::isSameClassName(add->label.name, name))
                    return step.makes;
    return {};
}

void LabelDocument::giveStoredIds(Step& step) const
{
    for (dataset::Edit& edit : step.edits) {
        if (AnnotationId* id = idOf(edit); id && id->value < 0)
            *id = m_stored.at(*id);
        if (LabelId* label = labelOf(edit); label && label->value < 0 && *label != step.makes)
            *label = m_storedLabels.at(*label);
    }
}

void LabelDocument::send(Step step)
{
    giveStoredIds(step);
    step.number = ++m_lastNumber;
    m_sent.push_back(step);
    const QPointer<LabelDocument> self(this);
    auto edits = step.edits;
    for (dataset::Edit& edit : edits)
        if (LabelId* label = labelOf(edit); label && label->value < 0)
            *label = dataset::newLabel(0);
    const QString title = step.title;
    m_context.apply(std::move(edits), title, [self, step = std::move(step)](const base::Result<dataset::Committed>& result) {
        if (self)
            self->finished(step, result);
    });
}

void LabelDocument::finished(const Step& step, const base::Result<dataset::Committed>& result)
{
    std::erase_if(m_sent, [&step](const Step& sent) { return sent.number == step.number; });
    if (result.hasError()) {
        dropWhatBuiltOn(step);
        Q_EMIT editRefused(QString::fromStdString(result.error().message));
    } else {
        takeStored(step, *result);
    }
    sendHeld();
    countHeld();
    if (!hasPending()) {
        m_stored.clear();
        m_storedLabels.clear();
    }
    if (result.hasError() || (!hasPending() && (m_stale || m_seenRevision > m_knownRevision)))
        reload();
}

void LabelDocument::takeStored(const Step& step, const dataset::Committed& committed)
{
    takeStoredIds(step, committed);
    // Only an unbroken line of own changes is known to be in the view.
    if (committed.change.value == m_knownRevision + 1)
        m_knownRevision = committed.change.value;
    else if (committed.change.value > m_knownRevision)
        m_stale = true;
}

// What a refused step would have made never comes to be, and so on; what does not need it still goes its way.
void LabelDocument::dropWhatBuiltOn(const Step& refused)
{
    std::set<AnnotationId> gone(refused.adds.begin(), refused.adds.end());
    const LabelId goneLabel = refused.makes;
    for (Step& step : m_held) {
        auto added = step.adds.begin();
        std::erase_if(step.edits, [&](dataset::Edit& edit) {
            const AnnotationId* id = idOf(edit);
            const LabelId* label = labelOf(edit);
            const bool lost = (id && gone.count(*id)) || (label && label->value < 0 && *label == goneLabel);
            if (std::holds_alternative<dataset::AddAnnotation>(edit)) {
                if (lost)
                    gone.insert(*added);
                added = lost ? step.adds.erase(added) : std::next(added);
            }
            return lost;
        });
    }
    std::erase_if(m_held, [](const Step& step) { return step.edits.empty(); });
}

void LabelDocument::takeStoredIds(const Step& step, const dataset::Committed& committed)
{
    const bool here = step.item == m_item.id;
    for (std::size_t i = 0; i < step.adds.size() && i < committed.added.size(); ++i) {
        const AnnotationId from = step.adds[i], to = committed.added[i];
        m_stored[from] = to;
        domain::Annotation* mine = here ? findMutable(from) : nullptr;
        if (!mine)
            continue;
        domain::Annotation* read = findMutable(to); // when a reload found it in the store before this answer came
        (read ? *read = *mine : *mine).id = to;
        if (read)
            std::erase_if(m_annotations, [from](const auto& a) { return a.id == from; });
        Q_EMIT idChanged(from, to);
    }
    if (step.makes.value == 0 || committed.addedLabels.empty())
        return;
    const LabelId label = committed.addedLabels.front();
    m_storedLabels[step.makes] = label;
    std::vector<AnnotationId> named;
    for (domain::Annotation& a : m_annotations)
        if (a.label == step.makes) {
            a.label = label;
            named.push_back(a.id);
        }
    if (!named.empty())
        Q_EMIT annotationsEdited(named);
}

void LabelDocument::sendHeld()
{
    while (!m_held.empty() && !needsTemporary(m_held.front())) {
        Step step = std::move(m_held.front());
        m_held.pop_front();
        send(std::move(step));
    }
}

}
