#pragma once

#include "core/base/cancel.h"
#include "core/device/metrics.h"
#include "core/device/supervisor.h"
#include "core/device/video_log.h"
#include "core/device/video_process.h"

namespace percept::device {

// A video file, played at its own pace: while the model answers one picture, those that become due are dropped, and the
// newest one is next. A decoder that dies is started again behind the place where it died, at most kMostDeaths times in a row.
class VideoSource {
public:
    static constexpr int kMostDeaths = 3;
    struct Options {
        bool loops = false;
        std::filesystem::path decoder; // see VideoProcess
    };

    // "video:PATH", or a PATH with the ending of a video.
    static bool isVideo(const std::string& text);
    VideoSource(const std::string& text, const Options& options);

    // Whether it can be played: starts the decoder once, so that a wrong file is told at the start.
    base::Result<void> check() const;
    // Blocks until the end of the video, or until cancelled. An error is about the file or its decoder, and in status() as well.
    base::Result<void> play(Supervisor& supervisor, VideoLog& log, Metrics& metrics, const base::CancelToken& cancel);
    // {"file","state":"waiting|playing|ended|failed","answered","failed","dropped","damaged","loops","message"}. Any thread.
    nlohmann::json status() const;

private:
    struct Progress {
        std::string state = "waiting", message;
        protocol::VideoCounts counts; // of all decoders together
        std::int64_t answered = 0, failed = 0;
    };
    VideoProcess::Options processOptions(double fromSeconds) const;
    base::Result<void> playFrom(double fromSeconds, Supervisor& supervisor, VideoLog& log, Metrics& metrics, const base::CancelToken& cancel);
    base::Result<void> answer(VideoProcess::Picture picture, Supervisor& supervisor, VideoLog& log, Metrics& metrics);
    std::int64_t count(bool hasFailed);
    void addCounts(const protocol::VideoCounts& before, const protocol::VideoCounts& now);
    void setState(const std::string& state, const std::string& message);

    const std::filesystem::path m_file;
    const Options m_options;
    double m_lastSeconds = 0; // of the picture that came last
    int m_deaths = 0;         // since a picture came
    std::string m_problem;    // of the picture before, in the log already
    mutable std::mutex m_mutex;
    Progress m_progress;
};

}
