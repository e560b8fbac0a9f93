// Ways to another picture.
#include "app/studio/label/go_field.h"
#include "app/studio/label/label_page.h"
#include "widgets/style/widgets.h"

#include <algorithm>

namespace percept::studio {

namespace {
    // Those that are called so, else those that have it in their names.
    std::vector<ItemId> picturesNamed(dataset::ProjectReader& reader, const std::string& text)
    {
        dataset::ItemFilter filter;
        filter.nameContains = text;
        std::vector<ItemId> named = reader.readItemIds(filter).valueOr({}), whole;
        constexpr std::size_t kLooked = 1000; // at names one by one
        for (std::size_t i = 0; i < std::min(named.size(), kLooked); ++i)
            if (const auto item = reader.readItem(named[i]).valueOr({}); item && item->name == text)
                whole.push_back(named[i]);
        return whole.empty() ? named : whole;
    }
}

dataset::ItemFilter LabelPage::unfinished()
{
    dataset::ItemFilter filter;
    filter.states = { domain::ItemState::ToDo, domain::ItemState::ToReview };
    return filter;
}

std::vector<ItemId> LabelPage::thoseRunThrough(std::vector<ItemId> ids) const
{
    if (m_within)
        std::erase_if(ids, [this](ItemId id) { return !std::binary_search(m_within->items.begin(), m_within->items.end(), id); });
    return ids;
}

void LabelPage::go(int by)
{
    const int to = m_index + by;
    if (to >= 0 && to < int(m_ids.size()))
        openIndex(to);
}

void LabelPage::goToUnfinished()
{
    if (!context().session() || m_ids.empty())
        return;
    if (m_within)
        return goToUnfinishedWithin();
    const dataset::ProjectReader& reader = context().session()->reader();
    const ItemId current = m_document->item().id;
    auto open = reader.readItems(unfinished(), current, 1).valueOr({});
    if (open.empty()) {
        const auto apart = leftOut(current);
        open = reader.readItems(unfinished(), {}, int(apart.size()) + 1).valueOr({}); // from the beginning
        std::erase_if(open, [&apart](const domain::Item& item) { return std::find(apart.begin(), apart.end(), item.id) != apart.end(); });
    }
    if (open.empty())
        return context().showToast(m_document->item().state == domain::ItemState::Done ? tr("All pictures are done") : tr("This is the last unfinished picture"));
    showItem(open.front().id, {});
}

// Lists are read forwards only: the one before is found on another thread.
void LabelPage::goBackToUnfinished()
{
    const ItemId current = m_document->item().id;
    if (!context().session() || !current.isValid())
        return;
    withOtherUnfinished([this, current](const std::vector<ItemId>& open) {
        const auto here = std::lower_bound(open.begin(), open.end(), current);
        if (here == open.begin())
            return context().showToast(tr("No unfinished picture before this one"));
        showItem(*std::prev(here), {});
    });
}

void LabelPage::goToUnfinishedWithin()
{
    const ItemId current = m_document->item().id;
    withOtherUnfinished([this, current](const std::vector<ItemId>& open) {
        if (open.empty())
            return context().showToast(tr("No other of these pictures is unfinished"));
        const auto next = std::upper_bound(open.begin(), open.end(), current);
        showItem(next == open.end() ? open.front() : *next, {});
    });
}

// That one and those whose end is on its way: the store may not know of it when it is asked.
std::vector<ItemId> LabelPage::leftOut(ItemId current) const
{
    std::vector<ItemId> apart = m_document->finishing();
    apart.push_back(current);
    return apart;
}

void LabelPage::withOtherUnfinished(std::function<void(const std::vector<ItemId>&)> then)
{
    auto apart = leftOut(m_document->item().id);
    context().readInBackground<std::vector<ItemId>>(
        this, [](dataset::ProjectReader& reader) { return reader.readItemIds(unfinished()).valueOr({}); },
        [this, apart = std::move(apart), then = std::move(then)](std::vector<ItemId> open) {
            if (m_document->item().id != apart.back())
                return; // went elsewhere meanwhile
            open = thoseRunThrough(std::move(open));
            std::erase_if(open, [&apart](ItemId id) { return std::find(apart.begin(), apart.end(), id) != apart.end(); });
            then(open);
        });
}

void LabelPage::showItem(const ItemTarget& target)
{
    m_groupLeft = false;
    if (target.within != m_within) {
        m_within = target.within;
        m_ids = m_within ? m_within->items : std::vector<ItemId>();
        m_index = -1; // of another list
    }
    const auto it = std::lower_bound(m_ids.begin(), m_ids.end(), target.item);
    if (it == m_ids.end() || *it != target.item) {
        m_target = target;
        if (context().session())
            readItems();
        return;
    }
    m_target.reset(); // of an earlier request, which this one overtook
    openIndex(int(it - m_ids.begin()));
    pointAt(target.annotation, target.answer);
}

void LabelPage::leaveGroup(const std::shared_ptr<const ItemTarget::Group>& group)
{
    m_groupLeft = m_groupLeft || (group && group == m_within);
}

void LabelPage::showAll() { showItem({ m_document->item().id }); }

void LabelPage::showItem(ItemId item, AnnotationId annotation) { showItem({ item, annotation, {}, m_within }); }

void LabelPage::pointAt(AnnotationId annotation, const std::optional<ItemTarget::Answer>& answer)
{
    selectObject(annotation);
    const bool changes = m_answer || answer;
    m_answer = answer;
    if (changes)
        showProposals();
    if (answer)
        m_canvas->bringIntoView(answer->box);
}

void LabelPage::selectObject(AnnotationId annotation)
{
    if (!m_document->find(annotation))
        return;
    selectByHand({ annotation });
    m_canvas->bringIntoView(m_document->find(annotation)->box);
}

// A number counts among the pictures that are run through, as the bar does; of a name any part will do, a whole name goes
// before a part, and what comes after this picture before what lies behind.
void LabelPage::goTo(const QString& text)
{
    bool isNumber = false; // "0017" is a name
    if (const qlonglong number = text.toLongLong(&isNumber); isNumber && !text.startsWith(QLatin1Char('0')) && number >= 1 && number <= qlonglong(m_ids.size())) {
        m_goField->leave();
        return openIndex(int(number - 1));
    }
    context().readInBackground<std::vector<ItemId>>(
        this, [text = text.toStdString()](dataset::ProjectReader& reader) { return picturesNamed(reader, text); },
        [this, text, isNumber](const std::vector<ItemId>& named) {
            const auto found = thoseRunThrough(named);
            if (found.empty() && isNumber)
                return m_goField->showProblem(tr("There is no picture %1: they are 1 to %2").arg(text, style::count(qint64(m_ids.size()))));
            if (found.empty())
                return m_goField->showProblem(m_within ? tr("None of these pictures is called that") : tr("No picture is called that"));
            m_goField->leave();
            const auto next = std::upper_bound(found.begin(), found.end(), m_document->item().id);
            showItem(next == found.end() ? found.front() : *next, {});
        });
}

}
