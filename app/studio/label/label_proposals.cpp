// What the newest model proposes for this picture.
#include "app/studio/label/label_bar.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/proposal_source.h"

#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {
    constexpr double kSameObject = 0.5; // a proposal that overlaps an object that much is that object
    constexpr int kAnswer = -1;         // the key of what a mistake shows

    // Best first: what overlaps a better one that much is the same thing seen twice, whatever its class.
    std::vector<LabelPage::VisibleProposal> oneForEachObject(std::vector<LabelPage::VisibleProposal> proposals)
    {
        std::vector<LabelPage::VisibleProposal> kept;
        for (LabelPage::VisibleProposal& p : proposals)
            if (std::none_of(kept.begin(), kept.end(), [&p](const auto& k) { return domain::iou(k.box, p.box) >= kSameObject; }))
                kept.push_back(std::move(p));
        return kept;
    }
}

void LabelPage::readDevice()
{
    const domain::Item& item = m_document->item();
    m_sample = context().session()->reader().readFieldSample(item.id).valueOr({});
    m_bar->showDevice(m_sample ? tr("from %1, version %2").arg(QString::fromStdString(m_sample->device), QString::fromStdString(m_sample->version)) : QString());
}

bool LabelPage::proposesFromDevice() const
{
    return m_document->isOpen() && !m_unreadable && m_sample && !m_sample->answers.empty() && m_document->item().state != domain::ItemState::Done;
}

// Those of a class that the project has; the thresholds were applied there.
void LabelPage::takeAnswers(const std::vector<dataset::FieldAnswer>& answers)
{
    const domain::Item& item = m_document->item();
    m_predicted.clear();
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto label = std::find_if(context().labels().begin(), context().labels().end(), [&](const domain::Label& l) { return l.name == answers[i].label; });
        const domain::Box box = domain::clipped(answers[i].box, item.width, item.height);
        if (label != context().labels().end() && box.hasArea())
            m_predicted.push_back({ static_cast<int>(i), label->id, box, answers[i].score });
    }
    m_predictedFor = item.id;
}

void LabelPage::refreshProposals()
{
    const domain::Item& item = m_document->item();
    m_fromDevice = proposesFromDevice();
    if (m_fromDevice) {
        takeAnswers(m_sample->answers);
        return showProposals();
    }
    const bool allowed = m_document->isOpen() && (item.set != domain::SplitSet::Test || item.state == domain::ItemState::Done) && !m_unreadable;
    if (m_unreadable)
        m_source->forgetProblem(item.id); // it is the picture's
    if (!allowed || m_source->modelName().isEmpty()) {
        m_predicted.clear();
        m_predictedFor = {};
        return showProposals();
    }
    const auto* predictions = m_source->cached(item.id);
    if (!predictions && m_source->problem(item.id).isEmpty())
        if (const auto now = context().session()->reader().readItem(item.id).valueOr({})) // its file may have moved
            m_source->want(item.id, context().session()->reader().mediaPath(*now));
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

std::vector<LabelPage::VisibleProposal> LabelPage::visibleProposals() const
{
    std::vector<VisibleProposal> visible;
    const ItemId item = m_document->item().id;
    if (m_predictedFor != item || !m_document->isOpen() || m_unreadable)
        return visible;
    const auto dropped = m_dropped.find(item);
    if (!proposalsWanted())
        return visible;
    const auto taken = proposalsTaken();
    for (const VisibleProposal& p : m_predicted) {
        const bool isDropped = dropped != m_dropped.end() && dropped->second.count(p.key) > 0;
        if ((m_fromDevice || p.score >= m_bar->leastScore()) && !isDropped && !m_canvas->scene().overlaps(p.box, kSameObject) && !taken.count(p.key))
            visible.push_back(p);
    }
    std::stable_sort(visible.begin(), visible.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    return onlyCompares() ? visible : oneForEachObject(std::move(visible));
}

// Those that became an object, which a hand has moved far since: it still has their score and lies there.
std::set<int> LabelPage::proposalsTaken() const
{
    std::multimap<double, const VisibleProposal*> byScore;
    for (const VisibleProposal& p : m_predicted)
        byScore.emplace(p.score, &p);
    std::set<int> taken;
    for (const domain::Annotation& a : m_document->annotations())
        if (a.origin == domain::Origin::ProposalAccepted || a.origin == domain::Origin::ProposalCorrected)
            for (auto [it, end] = byScore.equal_range(a.score); it != end; ++it)
                if (domain::iou(it->second->box, a.box) > 0)
                    taken.insert(it->second->key);
    return taken;
}

bool LabelPage::proposalsWanted() const { return m_document->item().state == domain::ItemState::Done ? m_proposeDone : m_proposeToDo; }

// Shown again, those that were dropped on this picture are there too.
void LabelPage::toggleProposals()
{
    bool& wanted = m_document->item().state == domain::ItemState::Done ? m_proposeDone : m_proposeToDo;
    wanted = !wanted;
    forgetDrops();
    if (wanted)
        m_dropped.erase(m_document->item().id);
    m_restProposals = false;
    showProposals();
}

// The slider begins where the model's own thresholds lie; who moves it keeps it until another model comes.
void LabelPage::adoptThreshold()
{
    const auto own = m_source->ownThreshold();
    if (!own || m_thresholdOf == m_source->modelName())
        return;
    m_thresholdOf = m_source->modelName();
    m_bar->setLeastScore(*own);
}

void LabelPage::updateProposals()
{
    if (visibleProposals() != m_visible)
        showProposals();
}

// What measures a model must not come from one: on a finished test picture its answers may be looked at, and that is all. What a device
// answered is part of the picture that it sent: whoever called it wrong mends it.
bool LabelPage::onlyCompares() const { return m_document->item().set == domain::SplitSet::Test && !m_fromDevice; }

canvas::Proposal LabelPage::shownProposal(int key, LabelId id, const domain::Box& box, double score, const QString& words) const
{
    const domain::Label* label = context().label(id);
    const QString name = label ? QString::fromStdString(label->name) : tr("Object");
    return { key, box, context().labelColor(id).rgb(), words.arg(name, QString::number(score, 'f', 2)), key == kAnswer, onlyCompares() };
}

void LabelPage::showProposals()
{
    m_visible = visibleProposals();
    std::vector<canvas::Proposal> shown;
    for (const VisibleProposal& p : m_visible)
        shown.push_back(shownProposal(p.key, p.label, p.box, p.score, QStringLiteral("%1 %2")));
    if (m_answer)
        shown.push_back(shownProposal(kAnswer, m_answer->label, m_answer->box, m_answer->score, tr("the model said %1 %2")));
    m_canvas->setProposals(std::move(shown));
    m_objects->setProposing(!m_source->modelName().isEmpty() && !onlyCompares());
    if (!m_canvas->scene().highlightedProposal()) {
        m_chosenProposal = false;
        if (!m_visible.empty() && !onlyCompares() && !m_restProposals && selection().empty()) // keys mean what is selected
            m_canvas->setHighlightedProposal(m_visible.front().key);
    }
    const domain::Item& item = m_document->item();
    if (m_fromDevice) {
        m_bar->showProposals(tr("Version %1 on %2").arg(QString::fromStdString(m_sample->version), QString::fromStdString(m_sample->device)), int(m_visible.size()), {}, true, proposalsWanted(), /*slider=*/false);
        return refreshSide({});
    }
    QString why = m_source->problem(item.id);
    if (why.isEmpty() && !m_source->modelName().isEmpty() && item.set == domain::SplitSet::Test && item.state != domain::ItemState::Done)
        why = tr("Test set: proposals only after it was finished by hand");
    m_bar->showProposals(m_predictedFor.isValid() && m_source->modelName().isEmpty() ? tr("Model") : m_source->modelName(), int(m_visible.size()), why, !onlyCompares(), proposalsWanted());
    refreshSide({});
}

}
