#include "app/studio/label/label_document.h"

#include <QCoreApplication>
#include <QEvent>
#include <QPointer>
#include <algorithm>

namespace percept::studio {

domain::Annotation corrected(domain::Annotation annotation)
{
    if (annotation.origin == domain::Origin::ProposalAccepted)
        annotation.origin = domain::Origin::ProposalCorrected;
    return annotation;
}

LabelDocument::LabelDocument(StudioContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
    connect(&context, &StudioContext::committed, this, &LabelDocument::onCommitted);
    connect(&context, &StudioContext::projectAboutToClose, this, &LabelDocument::close);
}

void LabelDocument::open(const domain::Item& item)
{
    m_item = item;
    // Ids on their way for the item that is left are of no more interest here; their edits are with the session or held.
    m_stale = false;
    reload();
}

void LabelDocument::close()
{
    // A held edit waits for the id of a box that is being written: let the answers in, then nothing is held any more.
    for (int round = 0; !m_held.empty() && m_context.session() && round < 100; ++round) {
        m_context.session()->call([](dataset::ProjectStore&) { return 0; });
        QCoreApplication::sendPostedEvents(&m_context, QEvent::MetaCall);
    }
    m_item = {};
    m_annotations.clear();
    m_sent.clear();
    m_held.clear();
    m_stored.clear();
    m_storedLabels.clear();
}

void LabelDocument::reload()
{
    m_stale = false;
    if (!m_context.session() || !isOpen())
        return;
    dataset::ProjectReader& reader = m_context.session()->reader();
    m_knownRevision = reader.readRevision().valueOr(m_knownRevision);
    if (auto item = reader.readItem(m_item.id); item.hasValue() && item->has_value())
        m_item = **item;
    auto annotations = reader.readAnnotations(m_item.id);
    if (annotations.hasError()) {
        m_context.reportError(tr("The objects of %1 could not be read").arg(QString::fromStdString(m_item.name)), annotations.error());
        return;
    }
    m_annotations = std::move(annotations).value();
    m_stale = replayUnsaved(); // it may be in the store already: look again when all is answered
    Q_EMIT itemChanged();
    Q_EMIT annotationsReset();
}

// Brings what is not on disk yet into the view of the store. False: there was nothing.
bool LabelDocument::replayUnsaved()
{
    bool any = false;
    for (const auto* steps : { &m_sent, &m_held })
        for (const Step& step : *steps)
            if (step.item == m_item.id) {
                replay(step);
                any = true;
            }
    return any;
}

void LabelDocument::replay(const Step& step)
{
    auto added = step.adds.begin();
    for (const dataset::Edit& edit : step.edits) {
        if (const auto* add = std::get_if<dataset::AddAnnotation>(&edit); add && added != step.adds.end()) {
            m_annotations.push_back(add->annotation);
            m_annotations.back().id = *added++;
        } else if (const auto* update = std::get_if<dataset::UpdateAnnotation>(&edit)) {
            if (domain::Annotation* mine = findMutable(update->annotation.id))
                *mine = update->annotation;
        } else if (const auto* gone = std::get_if<dataset::DeleteAnnotation>(&edit)) {
            std::erase_if(m_annotations, [gone](const auto& a) { return a.id == gone->id; });
        } else if (const auto* state = std::get_if<dataset::SetItemState>(&edit)) {
            m_item.state = state->state;
        }
    }
}

const domain::Annotation* LabelDocument::find(AnnotationId id) const
{
    const auto it = std::find_if(m_annotations.begin(), m_annotations.end(), [id](const auto& a) { return a.id == id; });
    return it == m_annotations.end() ? nullptr : &*it;
}

domain::Annotation* LabelDocument::findMutable(AnnotationId id) { return const_cast<domain::Annotation*>(std::as_const(*this).find(id)); }

void LabelDocument::makeLabel(Step& step, std::vector<domain::Annotation>& annotations, const std::optional<domain::Label>& made)
{
    if (!made)
        return;
    step.edits.push_back(dataset::AddLabel { *made });
    step.makes = { m_nextTemporary-- };
    for (domain::Annotation& a : annotations)
        a.label = step.makes;
}

std::vector<AnnotationId> LabelDocument::add(std::vector<domain::Annotation> annotations, const QString& title, const std::optional<domain::Label>& made)
{
    Step step { {}, title, {}, m_item.id };
    makeLabel(step, annotations, made);
    for (domain::Annotation& a : annotations) {
        a.id = {};
        a.item = m_item.id;
        step.edits.push_back(dataset::AddAnnotation { a });
        a.id = { m_nextTemporary-- };
        step.adds.push_back(a.id);
        m_annotations.push_back(a);
    }
    const auto ids = step.adds;
    submit(std::move(step));
    Q_EMIT annotationsEdited(ids);
    return ids;
}

void LabelDocument::update(std::vector<domain::Annotation> annotations, const QString& title, const std::optional<domain::Label>& made)
{
    Step step { {}, title, {}, m_item.id };
    makeLabel(step, annotations, made);
    std::vector<AnnotationId> ids;
    for (const domain::Annotation& a : annotations) {
        domain::Annotation* mine = findMutable(a.id);
        if (!mine || *mine == a)
            continue;
        *mine = a;
        step.edits.push_back(dataset::UpdateAnnotation { a });
        ids.push_back(a.id);
    }
    if (ids.empty())
        return;
    submit(std::move(step));
    Q_EMIT annotationsEdited(ids);
}

void LabelDocument::remove(const std::vector<AnnotationId>& ids, const QString& title)
{
    Step step { {}, title, {}, m_item.id };
    for (AnnotationId id : ids)
        if (std::erase_if(m_annotations, [id](const auto& a) { return a.id == id; }))
            step.edits.push_back(dataset::DeleteAnnotation { id });
    if (step.edits.empty())
        return;
    submit(std::move(step));
    Q_EMIT annotationsEdited(ids);
}

void LabelDocument::setState(domain::ItemState state, const QString& title)
{
    if (state == m_item.state)
        return;
    m_item.state = state;
    submit({ { dataset::SetItemState { m_item.id, state } }, title, {}, m_item.id });
    Q_EMIT itemChanged();
}

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
        m_held.clear(); // they stood on what was refused
        Q_EMIT editRefused(QString::fromStdString(result.error().message));
        if (step.item == m_item.id)
            reload();
        return;
    }
    const dataset::Committed& committed = *result;
    takeStoredIds(step, committed);
    // Only an unbroken line of own changes is known to be in the view.
    if (committed.change.value == m_knownRevision + 1)
        m_knownRevision = committed.change.value;
    else if (committed.change.value > m_knownRevision)
        m_stale = true;
    sendHeld();
    if (!hasPending()) {
        m_stored.clear();
        m_storedLabels.clear();
        if (m_stale || m_seenRevision > m_knownRevision)
            reload();
    }
}

void LabelDocument::takeStoredIds(const Step& step, const dataset::Committed& committed)
{
    const bool here = step.item == m_item.id;
    for (std::size_t i = 0; i < step.adds.size() && i < committed.added.size(); ++i) {
        const AnnotationId from = step.adds[i], to = committed.added[i];
        m_stored[from] = to;
        // Read from the store already, by a reload: its double goes with the next one.
        if (domain::Annotation* mine = here && !find(to) ? findMutable(from) : nullptr) {
            mine->id = to;
            Q_EMIT idChanged(from, to);
        }
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
    Q_EMIT labelMade(label);
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

void LabelDocument::onCommitted(const services::ProjectSession::Notice& notice)
{
    if (!isOpen() || notice.revision <= m_knownRevision)
        return;
    const bool mine = notice.everything || std::find(notice.items.begin(), notice.items.end(), m_item.id) != notice.items.end();
    if (!mine) {
        if (!hasPending())
            m_knownRevision = notice.revision;
        return;
    }
    if (hasPending())
        m_seenRevision = notice.revision; // may be an own change whose answer is on its way
    else
        reload();
}

}
