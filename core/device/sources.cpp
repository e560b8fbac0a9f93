#include "core/device/sources.h"

#include <spdlog/spdlog.h>

namespace percept::device {

base::Result<void> Sources::add(const std::string& text, const VideoSource::Options& options)
{
    if (VideoSource::isVideo(text)) {
        auto video = std::make_unique<VideoSource>(text, options);
        PERCEPT_TRY(video->check());
        m_videos.push_back(std::move(video));
        return {};
    }
    PERCEPT_ASSIGN(folder, FolderSource::parse(text));
    m_folders.push_back(std::move(folder));
    return {};
}

base::Result<void> Sources::openLogs(const std::filesystem::path& state)
{
    if (!m_folders.empty()) {
        PERCEPT_ASSIGN(log, ResultLog::open(state.empty() ? state : state / "results.jsonl"));
        m_results.emplace(std::move(log));
    }
    if (!m_videos.empty())
        m_videoLog.emplace(state.empty() ? state : state / "videos.jsonl");
    return {};
}

void Sources::run(std::function<base::Result<void>()> work, bool isFatal)
{
    ++m_running;
    m_threads.emplace_back([this, work = std::move(work), isFatal] {
        const auto result = work();
        if (result.hasError()) {
            spdlog::error("{}", result.error().message);
            const std::lock_guard lock(m_mutex);
            if (!m_error.has_value())
                m_error = result.error();
            m_hasFatalError = m_hasFatalError || isFatal;
        }
        --m_running;
    });
}

void Sources::start(Supervisor& supervisor, Metrics& metrics)
{
    if (!m_folders.empty())
        run([&] { return runSources(m_folders, supervisor, *m_results, metrics, m_cancel); }, /*isFatal=*/!m_results->isFile());
    for (const auto& video : m_videos)
        run([this, &supervisor, &metrics, source = video.get()] { return source->play(supervisor, *m_videoLog, metrics, m_cancel); },
            /*isFatal=*/false);
}

std::optional<base::Error> Sources::error() const
{
    const std::lock_guard lock(m_mutex);
    return m_error;
}

void Sources::stop()
{
    m_cancel.cancel();
    for (auto& thread : m_threads)
        thread.join();
    m_threads.clear();
}

nlohmann::json Sources::describeVideos() const
{
    auto videos = nlohmann::json::array();
    for (const auto& video : m_videos)
        videos.push_back(video->status());
    return videos;
}

}
