#pragma once

#include "app/studio/frame/studio_context.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>

namespace percept::studio {

// What stands beside each filter: how many pictures one would see with this choice and the other filters as they are.
struct FilterCounts {
    std::map<domain::ItemState, qint64> byState;
    std::map<domain::SplitSet, qint64> bySet;
    std::map<LabelId, qint64> byLabel;
    qint64 noObjects = 0, flagged = 0, unreadable = 0, trashed = 0;
};

// Counts on the reading thread, one choice after the other, so that what a newer filter asks for waits for one at most.
class FilterCounter : public QObject {
    Q_OBJECT
public:
    explicit FilterCounter(StudioContext& context, QObject* parent = nullptr);
    // counted() follows; without a filter at once for what the project counts itself, and once more for the rest.
    void count(const dataset::ItemFilter& filter);
    const FilterCounts& counts() const { return m_counts; }

Q_SIGNALS:
    void counted();

private:
    using Store = std::function<void(FilterCounts&, qint64)>;
    struct Choice { dataset::ItemFilter filter; Store store; };
    std::vector<Choice> choices(const dataset::ItemFilter& filter) const;
    void takeKnown();
    StudioContext& m_context;
    FilterCounts m_counts, m_coming;
    std::shared_ptr<std::atomic<int>> m_newest;
};

}
