#pragma once

#include "core/protocol/video_messages.h"
#include "core/streams/bitmap.h"
#include "core/streams/video_input.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;
struct AVStream;

namespace percept::streams {

struct FreeFrame {
    void operator()(AVFrame* frame) const;
};
using FramePointer = std::unique_ptr<AVFrame, FreeFrame>;

// The pictures of one video file, one after the other. Pictures that are damaged are left out and counted; a file that ends
// in the middle just ends. Sizes are checked before anything is made for them, also where they change on the way. One thread.
class VideoFile {
public:
    struct Picture {
        FramePointer frame;
        double seconds = 0; // from the beginning of the file
    };
    // `fromSeconds` > 0: from the first place behind that time from which it can be decoded.
    static base::Result<std::unique_ptr<VideoFile>> open(const std::filesystem::path& path, double fromSeconds = 0);
    ~VideoFile();
    VideoFile(const VideoFile&) = delete;
    VideoFile& operator=(const VideoFile&) = delete;

    const protocol::VideoFacts& facts() const { return m_facts; } // all but what it is confined by
    Turn turn() const { return m_turn; }
    // Nothing: it is at its end.
    base::Result<std::optional<Picture>> next();
    std::int64_t damaged() const { return m_damaged; }
    // At the end: why that is not where the file says its end is; empty when all is well.
    std::string complaint() const;

private:
    explicit VideoFile(std::unique_ptr<VideoInput> input);
    base::Result<void> openStream();
    base::Result<void> openDecoder();
    base::Result<void> seek(double seconds);
    base::Result<bool> feed(); // false: the decoder has got the last of it
    std::optional<Picture> take();
    double secondsOf(const AVFrame& frame);

    std::unique_ptr<VideoInput> m_input;
    AVStream* m_stream = nullptr;
    AVCodecContext* m_decoder = nullptr;
    AVPacket* m_packet = nullptr;
    FramePointer m_frame; // the one to decode into
    protocol::VideoFacts m_facts;
    Turn m_turn = Turn::None;
    std::int64_t m_pictures = 0, m_damaged = 0;
    double m_lastSeconds = 0;
    bool m_isDraining = false, m_hasReadProblem = false;
};

}
