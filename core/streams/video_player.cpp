#include "core/streams/video_player.h"

#include "core/base/time.h"
#include "core/streams/ffmpeg.h"

namespace percept::streams {

base::Result<std::unique_ptr<VideoPlayer>> VideoPlayer::open(const std::filesystem::path& path, const Options& options)
{
    PERCEPT_ASSIGN(file, VideoFile::open(path, options.fromSeconds));
    return std::unique_ptr<VideoPlayer>(new VideoPlayer(path, options, std::move(file)));
}

VideoPlayer::VideoPlayer(std::filesystem::path path, const Options& options, std::unique_ptr<VideoFile> file)
    : m_path(std::move(path))
    , m_options(options)
    , m_facts(file->facts())
    , m_turn(file->turn())
    , m_file(std::move(file))
    , m_clock(m_facts.framesPerSecond)
{
}

VideoPlayer::~VideoPlayer()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

base::Result<VideoPlayer::Shown> VideoPlayer::next()
{
    if (!m_thread.joinable())
        m_thread = std::thread([this] { play(); });
    std::optional<VideoFile::Picture> picture;
    Shown shown;
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_newest.has_value() || m_end.has_value(); });
        shown.step.counts = m_counts;
        if (m_newest.has_value())
            picture.swap(m_newest);
        else if (m_end->hasError())
            return m_end->error();
        else
            shown.step.message = m_end->value();
    }
    if (!picture.has_value()) {
        shown.step.isEnd = true;
        return shown;
    }
    const bool isAcross = m_turn == Turn::Quarter || m_turn == Turn::ThreeQuarters;
    shown.step.width = isAcross ? picture->frame->height : picture->frame->width;
    shown.step.height = isAcross ? picture->frame->width : picture->frame->height;
    shown.step.seconds = picture->seconds;
    PERCEPT_ASSIGN(bmp, m_converter.toBmp(*picture->frame, m_turn));
    shown.bmp = std::move(bmp);
    shown.step.bytes = shown.bmp.size();
    return shown;
}

void VideoPlayer::play()
{
    base::Result<std::string> end = std::string();
    while (true) {
        const auto goesOn = playOnce();
        if (goesOn.hasError()) {
            end = goesOn.error();
            break;
        }
        end = m_file->complaint();
        if (!goesOn.value() || !m_options.loops)
            break;
        if (const auto again = rewind(); again.hasError()) {
            end = again.error();
            break;
        }
    }
    const std::lock_guard lock(m_mutex);
    m_end = std::move(end);
    m_changed.notify_all();
}

base::Result<bool> VideoPlayer::playOnce()
{
    while (true) {
        PERCEPT_ASSIGN(picture, m_file->next());
        {
            const std::lock_guard lock(m_mutex);
            m_counts.damaged = m_damagedBefore + m_file->damaged();
            if (m_isStopping)
                return false;
        }
        if (!picture.has_value())
            return true;
        if (!show(std::move(*picture)))
            return false;
    }
}

// When it is due; false when all is to end.
bool VideoPlayer::show(VideoFile::Picture picture)
{
    const double now = base::monotonicSeconds(), due = m_clock.due(picture.seconds, now);
    std::unique_lock lock(m_mutex);
    if (m_changed.wait_for(lock, std::chrono::duration<double>(due - now), [this] { return m_isStopping; }))
        return false;
    if (m_newest.has_value())
        ++m_counts.dropped;
    ++m_counts.frames;
    m_newest = std::move(picture);
    m_changed.notify_all();
    return true;
}

// Opened anew: not every kind of file can be gone back in, and a decoder keeps nothing of the round before.
base::Result<void> VideoPlayer::rewind()
{
    {
        const std::lock_guard lock(m_mutex);
        const bool wasEmpty = m_counts.frames == 0;
        if (wasEmpty)
            return base::refused(m_file->complaint());
        ++m_counts.loops;
    }
    m_damagedBefore += m_file->damaged();
    PERCEPT_ASSIGN(file, VideoFile::open(m_path));
    m_file = std::move(file);
    m_clock.beginAgain();
    return {};
}

}
