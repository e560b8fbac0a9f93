#pragma once

#include "core/interchange/media_index.h"
#include "core/interchange/reader.h"

#include <atomic>
#include <deque>

namespace percept::interchange {

// Finds the pictures of a set and has them looked at while its boxes are still being read: most files list their pictures first.
// Asks in the same bunches as ItemAssembler; what that asks for otherwise is looked at as if nobody had asked before.
class ProbeAhead {
public:
    // The folder is walked at once, on a thread of its own.
    ProbeAhead(const ReadRequest& request, const std::filesystem::path& root, std::vector<std::string> linkedFolders);
    ~ProbeAhead();
    ProbeAhead(const ProbeAhead&) = delete;
    ProbeAhead& operator=(const ProbeAhead&) = delete;

    // The next pictures that will be asked for, in this order, as MediaIndex::find takes them.
    void lookFor(std::vector<std::string> names, std::vector<std::string> folders);
    // Waits for the walk.
    const base::Result<MediaIndex>& index() const { return m_index.get(); }
    // For one thread, when all was looked for. The object must outlive it.
    PictureProbe probe();

private:
    struct Bunch {
        std::vector<std::string> files; // a path takes several times as much
        std::future<base::Result<std::vector<base::Result<PictureFacts>>>> facts;
    };
    void ask(const std::vector<std::string>& names, const std::vector<std::string>& folders);

    const ReadRequest& m_request;
    std::atomic<bool> m_isStopped = false;
    std::vector<std::filesystem::path> m_rest; // less than a bunch
    std::deque<Bunch> m_asked;
    std::shared_future<base::Result<MediaIndex>> m_index;
    std::future<void> m_asking; // last: ends first
};

}
