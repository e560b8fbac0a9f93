#pragma once

#include "core/streams/frame_converter.h"
#include "core/streams/play_clock.h"
#include "core/streams/video_file.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace percept::streams {

// Plays a video at its own pace for somebody who may be slower: a thread of its own decodes each picture when it is due and
// keeps the newest one; what nobody has asked for by then is dropped, and nothing queues. next() from one thread.
class VideoPlayer {
public:
    struct Options {
        bool loops = false;     // at its end it begins again
        double fromSeconds = 0; // see VideoFile::open(); of the first round
    };
    static base::Result<std::unique_ptr<VideoPlayer>> open(const std::filesystem::path& path, const Options& options);
    ~VideoPlayer();
    VideoPlayer(const VideoPlayer&) = delete;
    VideoPlayer& operator=(const VideoPlayer&) = delete;

    const protocol::VideoFacts& facts() const { return m_facts; }
    struct Shown {
        protocol::VideoStep step;
        std::vector<std::uint8_t> bmp; // none at the end
    };
    // Waits for the newest picture that was not given yet, or for the end. The first call starts the clock.
    base::Result<Shown> next();

private:
    VideoPlayer(std::filesystem::path path, const Options& options, std::unique_ptr<VideoFile> file);
    void play();
    base::Result<bool> playOnce(); // false: stopped
    bool show(VideoFile::Picture picture);
    base::Result<void> rewind();

    const std::filesystem::path m_path;
    const Options m_options;
    const protocol::VideoFacts m_facts;
    const Turn m_turn;
    FrameConverter m_converter;
    // Of the playing thread:
    std::unique_ptr<VideoFile> m_file;
    PlayClock m_clock;
    std::int64_t m_damagedBefore = 0; // in earlier rounds

    std::mutex m_mutex; // of all below
    std::condition_variable m_changed;
    std::optional<VideoFile::Picture> m_newest;
    protocol::VideoCounts m_counts;
    std::optional<base::Result<std::string>> m_end; // a complaint or none, or what went wrong
    bool m_isStopping = false;
    std::thread m_thread;
};

}
