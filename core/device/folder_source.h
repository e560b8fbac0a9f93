#pragma once

#include "core/base/cancel.h"
#include "core/device/metrics.h"
#include "core/device/result_log.h"
#include "core/device/supervisor.h"

namespace percept::device {

// Pictures that lie in a folder or come into it, and single picture files. A picture that is still being written is left
// until it has not changed from one look to the next.
class FolderSource {
public:
    // "folder:PATH" or PATH; NotFound when there is nothing.
    static base::Result<FolderSource> parse(const std::string& text);
    bool isFolder() const { return m_isFolder; }

    struct Picture {
        std::filesystem::path path;
        std::string file; // the same as text; in a name that is not UTF-8, which no JSON can carry, \xHH for what is not ASCII
        std::int64_t bytes = 0, modifiedMs = 0;
        bool operator==(const Picture&) const = default;
    };
    // What is there now and looks complete, by name.
    std::vector<Picture> look();
    // What the last look found, complete or not; sawAll(): nothing was hidden from it.
    const std::vector<Picture>& present() const { return m_before; }
    bool sawAll() const { return m_sawAll; }

private:
    bool wasThere(const Picture& picture) const;

    std::filesystem::path m_path;
    bool m_isFolder = false, m_sawAll = true;
    std::vector<Picture> m_before; // of the last look, by name
};

// Answers every picture of the sources that the log does not know, once there is a model. Goes on until cancelled when one of them is a
// folder, else until all files are done. An error is about the model process, or about the log: only where nobody is left to
// read it (standard output), or when no folder is watched. A watched folder goes on without the lines that cannot be written.
base::Result<void> runSources(std::vector<FolderSource>& sources, Supervisor& supervisor, ResultLog& log, Metrics& metrics,
    const base::CancelToken& cancel);

}
