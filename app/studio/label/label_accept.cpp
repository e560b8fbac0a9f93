// What is done with a proposal: accepted, moved by hand, dropped and brought back, walked to.
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_list.h"

#include <algorithm>
#include <utility>

namespace percept::studio {

void LabelPage::acceptProposals(const std::vector<int>& keys, std::optional<LabelId> as)
{
    if (onlyCompares())
        return context().showToast(tr("Test pictures are labeled by hand: the model's answers are there to compare"));
    std::vector<domain::Annotation> added;
    for (const VisibleProposal& p : m_visible)
        if (std::find(keys.begin(), keys.end(), p.key) != keys.end()) {
            domain::Annotation a;
            a.label = as.value_or(p.label);
            a.box = p.box;
            a.origin = a.label == p.label ? domain::Origin::ProposalAccepted : domain::Origin::ProposalCorrected;
            a.score = p.score;
            added.push_back(a);
        }
    if (added.empty())
        return;
    const std::size_t n = added.size();
    showHidden(n == 1 ? added.front().label : LabelId {});
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

// It becomes an object where the hand left it, in one step.
void LabelPage::takeProposal(const canvas::ProposalChange& change)
{
    const auto p = std::find_if(m_visible.begin(), m_visible.end(), [&](const VisibleProposal& v) { return v.key == change.key; });
    if (p == m_visible.end() || onlyCompares())
        return;
    domain::Annotation a;
    a.label = p->label;
    a.box = change.box;
    a.origin = domain::Origin::ProposalCorrected;
    a.score = p->score;
    showHidden(a.label);
    const bool moved = a.box.w == p->box.w && a.box.h == p->box.h;
    selectByHand(m_document->add({ a }, moved ? tr("Accepted a proposal, moved") : tr("Accepted a proposal, resized")));
}

// Of one that somebody went to; one that highlighted itself must not take the arrows.
bool LabelPage::nudgeProposal(double dx, double dy, bool grows)
{
    const auto key = m_canvas->scene().highlightedProposal();
    const canvas::Proposal* p = key && m_chosenProposal && selection().empty() ? m_canvas->scene().findProposal(*key) : nullptr;
    if (!p || p->fixed || p->shownOnly)
        return false;
    const QSizeF picture = m_canvas->scene().pictureSize();
    takeProposal({ *key, grows ? canvas::grown(p->box, dx, dy, picture) : canvas::moved(p->box, dx, dy, picture) });
    return true;
}

void LabelPage::dropProposal(int key)
{
    const auto p = std::find_if(m_visible.begin(), m_visible.end(), [key](const VisibleProposal& v) { return v.key == key; });
    if (p == m_visible.end())
        return;
    const domain::Label* label = context().label(p->label);
    const QString name = label ? QString::fromStdString(label->name) : tr("Object");
    const QString what = tr("Dropped the proposal %1 %2").arg(name, QString::number(p->score, 'f', 2));
    const ItemId item = m_document->item().id;
    m_dropped[item].insert(key);
    m_drops.push_back(key);
    showProposals();
    const auto back = [self = QPointer(this), item, key] {
        if (self)
            self->bringBack(item, key);
    };
    context().showToast(what, tr("Undo"), back, QStringLiteral("Ctrl Z"));
    m_dropToast = true;
}

// It is no step of the history: until something else is done on the picture, undo means this.
bool LabelPage::takeBackDrop()
{
    if (m_drops.empty())
        return false;
    bringBack(m_document->item().id, m_drops.back());
    return true;
}

void LabelPage::bringBack(ItemId item, int key)
{
    endDropToast();
    if (const auto dropped = m_dropped.find(item); dropped == m_dropped.end() || dropped->second.erase(key) == 0)
        return; // another model came, or all were shown again
    if (item != m_document->item().id)
        return;
    std::erase(m_drops, key);
    showProposals();
    if (m_canvas->scene().findProposal(key))
        highlight(key);
}

void LabelPage::forgetDrops()
{
    m_drops.clear();
    endDropToast();
}

void LabelPage::endDropToast()
{
    if (std::exchange(m_dropToast, false))
        Q_EMIT context().toastEnded();
}

void LabelPage::highlight(std::optional<int> key, bool bringIntoView)
{
    m_canvas->setHighlightedProposal(key);
    m_objects->setHighlighted(key);
    m_chosenProposal = key.has_value();
    m_restProposals = m_restProposals && !key;
    if (key) {
        if (const canvas::Proposal* p = m_canvas->scene().findProposal(*key); p && bringIntoView)
            m_canvas->bringIntoView(p->box);
        selectByHand({});
    }
    refreshHints();
}

// What was just drawn or clicked is meant by Del, and not the proposal that highlighted itself; Tab and Enter lead back to it.
void LabelPage::yieldToSelection()
{
    if (!selection().empty() && m_canvas->scene().highlightedProposal())
        highlight({});
}

// Enter while none is highlighted, unless they were left by Esc: the best one, to be looked at before it is accepted.
bool LabelPage::goToProposals()
{
    if (m_visible.empty() || onlyCompares() || m_restProposals)
        return false;
    highlight(m_visible.front().key);
    return true;
}

// Tab: proposals, best first, then objects in the order of the list; round.
void LabelPage::walk(int by)
{
    if (m_sideIsQueued)
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
