#include "core/services/notice_hub.h"

#include <algorithm>

namespace percept::services {

namespace {

constexpr std::size_t kMaxItemsNamed = 10'000; // more: "everything" is cheaper for all who listen

void merge(ProjectSession::Notice& into, ProjectSession::Notice&& later)
{
    into.everything |= later.everything;
    into.labelsChanged |= later.labelsChanged;
    into.revision = std::max(into.revision, later.revision);
    into.title = std::move(later.title);
    into.items.insert(into.items.end(), later.items.begin(), later.items.end());
    if (into.items.size() > kMaxItemsNamed)
        into.everything = true;
    if (into.everything)
        into.items.clear();
}

void removeDoubles(std::vector<ItemId>& items)
{
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
}

// A subscriber may drop itself or others while being called.
template <typename Map, typename Value>
void callAll(Map& subscribers, const Value& value)
{
    std::vector<int> ids;
    for (const auto& [id, call] : subscribers)
        ids.push_back(id);
    for (const int id : ids) {
        const auto found = subscribers.find(id);
        if (found == subscribers.end())
            continue;
        const auto call = found->second;
        call(value);
    }
}

}

struct NoticeHub::Handle final : ProjectSession::Subscription {
    Handle(std::weak_ptr<NoticeHub> h, int i) : hub(std::move(h)), id(i) { }
    ~Handle() override
    {
        if (const auto alive = hub.lock())
            alive->remove(id);
    }
    std::weak_ptr<NoticeHub> hub;
    int id;
};

std::unique_ptr<ProjectSession::Subscription> NoticeHub::subscribe(std::function<void(const Notice&)> onChange)
{
    const std::scoped_lock lock(m_callMutex);
    m_onNotice[++m_lastId] = std::move(onChange);
    return std::make_unique<Handle>(weak_from_this(), m_lastId);
}

std::unique_ptr<ProjectSession::Subscription> NoticeHub::subscribeSaveState(std::function<void(const SaveState&)> onState)
{
    const std::scoped_lock lock(m_callMutex);
    m_onState[++m_lastId] = std::move(onState);
    return std::make_unique<Handle>(weak_from_this(), m_lastId);
}

void NoticeHub::remove(int id)
{
    const std::scoped_lock lock(m_callMutex);
    m_onNotice.erase(id);
    m_onState.erase(id);
}

void NoticeHub::addNotice(Notice notice)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_notice)
            m_notice = Notice();
        merge(*m_notice, std::move(notice));
    }
    scheduleFlush();
}

void NoticeHub::publishSaveState(SaveState state)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_state || m_state->number < state.number)
            m_state = std::move(state);
    }
    scheduleFlush();
}

void NoticeHub::deliver(std::function<void()> function) const
{
    if (m_deliver)
        m_deliver(std::move(function));
    else
        function();
}

void NoticeHub::close()
{
    const std::scoped_lock lock(m_callMutex);
    m_closed = true;
}

void NoticeHub::scheduleFlush()
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_scheduled)
            return;
        m_scheduled = true;
    }
    deliver([hub = shared_from_this()] { hub->flush(); });
}

void NoticeHub::flush()
{
    std::optional<Notice> notice;
    std::optional<SaveState> state;
    {
        const std::scoped_lock lock(m_mutex);
        m_scheduled = false;
        notice.swap(m_notice);
        state.swap(m_state);
    }
    const std::scoped_lock lock(m_callMutex);
    if (m_closed)
        return;
    if (notice) {
        removeDoubles(notice->items);
        callAll(m_onNotice, *notice);
    }
    if (state && state->number > m_lastState) {
        m_lastState = state->number;
        callAll(m_onState, *state);
    }
}

}
