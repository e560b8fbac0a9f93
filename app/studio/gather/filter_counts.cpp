#include "app/studio/gather/filter_counts.h"

namespace percept::studio {

FilterCounter::FilterCounter(StudioContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
    , m_newest(std::make_shared<std::atomic<int>>(0))
{
    connect(&context, &StudioContext::projectAboutToClose, this, [this] {
        ++*m_newest;
        m_counts = {};
    });
}

std::vector<FilterCounter::Choice> FilterCounter::choices(const dataset::ItemFilter& filter) const
{
    std::vector<Choice> all;
    const auto add = [&](Store store, const std::function<void(dataset::ItemFilter&)>& choose) {
        all.push_back({ filter, std::move(store) });
        choose(all.back().filter);
    };
    const bool filtered = filter != dataset::ItemFilter(); // else the project keeps these itself
    for (const auto state : { domain::ItemState::Done, domain::ItemState::ToReview, domain::ItemState::ToDo })
        if (filtered)
            add([state](FilterCounts& counts, qint64 n) { counts.byState[state] = n; }, [state](dataset::ItemFilter& f) { f.states = { state }; });
    for (const auto set : { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test, domain::SplitSet::Reserve, domain::SplitSet::None })
        if (filtered)
            add([set](FilterCounts& counts, qint64 n) { counts.bySet[set] = n; }, [set](dataset::ItemFilter& f) { f.sets = { set }; });
    for (const domain::Label& label : m_context.labels())
        if (filtered)
            add([id = label.id](FilterCounts& counts, qint64 n) { counts.byLabel[id] = n; }, [id = label.id](dataset::ItemFilter& f) {
                f.labels = { id };
                f.noObjects = false;
            });
    add([](FilterCounts& counts, qint64 n) { counts.noObjects = n; }, [](dataset::ItemFilter& f) {
        f.noObjects = true;
        f.labels.clear();
    });
    add([](FilterCounts& counts, qint64 n) { counts.flagged = n; }, [](dataset::ItemFilter& f) { f.flaggedBoxes = true; });
    add([](FilterCounts& counts, qint64 n) { counts.unreadable = n; }, [](dataset::ItemFilter& f) { f.unreadable = true; });
    if (filtered)
        add([](FilterCounts& counts, qint64 n) { counts.trashed = n; }, [](dataset::ItemFilter& f) { f.inTrash = true; });
    return all;
}

void FilterCounter::takeKnown()
{
    const dataset::Counts& known = m_context.counts();
    m_counts.byState.clear();
    m_counts.bySet.clear();
    m_counts.byLabel.clear();
    for (const auto& [state, n] : known.byState)
        m_counts.byState[state] = n;
    for (const auto& [set, n] : known.bySet)
        m_counts.bySet[set] = n;
    for (const auto& [label, n] : known.byLabel)
        m_counts.byLabel[label] = n.items;
    m_counts.trashed = known.trashed;
}

void FilterCounter::count(const dataset::ItemFilter& filter)
{
    const int number = ++*m_newest;
    if (filter == dataset::ItemFilter()) {
        takeKnown();
        Q_EMIT counted();
    }
    m_coming = m_counts;
    const std::vector<Choice> all = choices(filter);
    for (std::size_t i = 0; i < all.size(); ++i)
        m_context.readInBackground<qint64>(
            this,
            [filter = all[i].filter, newest = m_newest, number](dataset::ProjectReader& reader) -> qint64 {
                const auto ids = *newest == number ? reader.readItemIds(filter) : base::Result<std::vector<ItemId>>(base::cancelled());
                return ids.hasValue() ? static_cast<qint64>(ids->size()) : 0;
            },
            [this, number, store = all[i].store, isLast = i + 1 == all.size()](qint64 n) {
                if (*m_newest != number)
                    return;
                store(m_coming, n);
                if (!isLast)
                    return;
                m_counts = m_coming; // all at once: no numbers of two filters side by side
                Q_EMIT counted();
            });
}

}
