#pragma once

#include "core/base/ids.h"
#include "widgets/canvas/picture_levels.h"

#include <QObject>
#include <QString>
#include <condition_variable>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace percept::studio {

// Decodes the pictures around the current one on a thread of its own. What is asked for replaces what was asked before, so
// holding D never queues decodes. Interface thread.
class ItemLoader : public QObject {
    Q_OBJECT
public:
    struct Wanted { ItemId item; std::filesystem::path file; };
    struct Picture { std::shared_ptr<const canvas::PictureLevels> levels; QString problem; }; // problem: why there are no levels

    explicit ItemLoader(QObject* parent = nullptr);
    ~ItemLoader() override;

    // The first is wanted now, the others may follow.
    void want(std::vector<Wanted> wanted);
    std::optional<Picture> cached(ItemId item);
    void clear();
    void forgetProblems(); // what could not be loaded is tried again when it is wanted again

Q_SIGNALS:
    // Not cached then: it failed where it was looked for before forgetProblems().
    void loaded(percept::ItemId item);

private:
    struct Entry { ItemId item; Picture picture; };
    void work();
    struct Times { int generation = 0, tries = 0; }; // how often everything, what failed, was forgotten
    void take(ItemId item, Picture picture, Times begun);

    std::list<Entry> m_cache; // newest use first
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<Wanted> m_wanted;
    std::optional<ItemId> m_running;
    bool m_quit = false;
    Times m_times;
    std::thread m_thread;
};

}
