#include "app/studio/label/label_document.h"

#include <QCoreApplication>
#include <QEvent>
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
    countHeld();
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
    const auto it = std::lower_bound(m_annotations.begin(), m_annotations.end(), id,
        [](const domain::Annotation& a, AnnotationId wanted) { return madeBefore(a.id, wanted); });
    return it == m_annotations.end() || it->id != id ? nullptr : &*it;
}

domain::Annotation* LabelDocument::findMutable(AnnotationId id) { return const_cast<domain::Annotation*>(std::as_const(*this).find(id)); }

// The id that the new class has until it is stored.
LabelId LabelDocument::makeLabel(Step& step, const domain::Label& made)
{
    if (const LabelId known = labelOnItsWay(made.name); known.value != 0)
        return known;
    step.edits.push_back(dataset::AddLabel { made });
    step.makes = { m_nextTemporary-- };
    return step.makes;
}

void LabelDocument::makeClass(const domain::Label& label, const QString& title)
{
    Step step { {}, title, {}, {} };
    makeLabel(step, label);
    if (!step.edits.empty())
        submit(std::move(step));
}

std::vector<AnnotationId> LabelDocument::add(std::vector<domain::Annotation> annotations, const QString& title, const std::optional<domain::Label>& made)
{
    Step step { {}, title, {}, m_item.id };
    const LabelId newLabel = made ? makeLabel(step, *made) : LabelId {};
    for (domain::Annotation& a : annotations) {
        a.label = made ? newLabel : a.label;
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
    const LabelId newLabel = made ? makeLabel(step, *made) : LabelId {};
    std::vector<AnnotationId> ids;
    for (domain::Annotation& a : annotations) {
        a.label = made ? newLabel : a.label;
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
        if (const domain::Annotation* known = find(id)) {
            m_annotations.erase(m_annotations.begin() + (known - m_annotations.data()));
            step.edits.push_back(dataset::DeleteAnnotation { id });
        }
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

std::vector<ItemId> LabelDocument::finishing() const
{
    std::vector<ItemId> items;
    for (const auto* steps : { &m_sent, &m_held })
        for (const Step& step : *steps)
            for (const dataset::Edit& edit : step.edits)
                if (const auto* state = std::get_if<dataset::SetItemState>(&edit); state && state->state == domain::ItemState::Done)
                    items.push_back(state->item);
    return items;
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
