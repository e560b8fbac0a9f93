#pragma once

#include "core/device/child_process.h"
#include "core/protocol/video_messages.h"

namespace percept::device {

// The decoder of one video (percept-video beside this program): foreign bytes meet FFmpeg in a process of their own, confined,
// so that a file that kills its decoder costs neither the model nor the supervisor anything. Dies with the thread that starts it.
class VideoProcess {
public:
    struct Options {
        std::filesystem::path program; // empty: percept-video beside this program
        std::filesystem::path file;
        bool loops = false;
        double fromSeconds = 0;
        double patienceSeconds = 60; // with an answer; the longest pause of a video is 10 s
    };
    // Refused, NotFound: it is the file.
    static base::Result<std::unique_ptr<VideoProcess>> start(const Options& options);

    const protocol::VideoFacts& facts() const { return m_facts; }
    struct Picture {
        protocol::VideoStep step;
        std::vector<std::uint8_t> bmp; // none at the end
    };
    // Waits for the next picture that is due, or the end. Refused: it is the file; Failed: the decoder has died.
    base::Result<Picture> next(const base::CancelToken& cancel);

private:
    VideoProcess(std::unique_ptr<ChildProcess> child, const Options& options, protocol::VideoFacts facts);

    std::unique_ptr<ChildProcess> m_child;
    const double m_patienceSeconds;
    const protocol::VideoFacts m_facts;
};

}
