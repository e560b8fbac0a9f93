#pragma once

#include "core/device/folder_source.h"
#include "core/device/video_source.h"

#include <atomic>
#include <thread>

namespace percept::device {

// All that `percept-edge run --source` names: pictures and folders of them on one thread, each video on one of its own, so that
// none waits for another but for the model.
class Sources {
public:
    ~Sources() { stop(); }

    // Usage, NotFound, Refused: it is the text, or the file. Starts the decoder of a video for a look into it.
    base::Result<void> add(const std::string& text, const VideoSource::Options& options);
    bool isEmpty() const { return m_folders.empty() && m_videos.empty(); }
    // Answers go to results.jsonl and videos.jsonl in that folder; with an empty path to standard output.
    base::Result<void> openLogs(const std::filesystem::path& state);
    void start(Supervisor& supervisor, Metrics& metrics);
    // There is nothing left to answer (a folder never ends).
    bool areDone() const { return m_running == 0; }
    // Of a log that cannot be written, or of the file when one ended with it; only when areDone(), or for what ends all.
    std::optional<base::Error> error() const;
    bool hasFatalError() const { return m_hasFatalError; }
    void stop();

    nlohmann::json describeVideos() const; // see VideoSource::status()

private:
    void run(std::function<base::Result<void>()> work, bool isFatal);

    std::vector<FolderSource> m_folders;
    std::vector<std::unique_ptr<VideoSource>> m_videos;
    std::optional<ResultLog> m_results;
    std::optional<VideoLog> m_videoLog;
    base::CancelToken m_cancel;
    std::vector<std::thread> m_threads;
    std::atomic<int> m_running = 0;
    std::atomic<bool> m_hasFatalError = false;
    mutable std::mutex m_mutex;
    std::optional<base::Error> m_error; // the first
};

}
