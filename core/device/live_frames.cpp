#include "core/device/live_frames.h"

#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/device/model_session.h"

#include <fmt/format.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr int kLongSide = 1280;
constexpr double kPatienceSeconds = 2; // then something is sent, to see whether anybody is there

std::string partOf(const std::string& jpeg)
{
    return fmt::format("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", jpeg.size()) + jpeg + "\r\n";
}

}

LiveFrames::LiveFrames(Supervisor& supervisor)
    : m_supervisor(supervisor)
{
}

void LiveFrames::add(const Supervisor::Frame& frame)
{
    if (m_watchers == 0 || frame.answer.hasError() || errorOfAnswer(frame.answer.value()))
        return;
    const double now = base::monotonicSeconds();
    const std::lock_guard lock(m_mutex);
    if (now - m_lastAt < 1 / kMostPerSecond) // a large picture is not copied to be thrown away
        return;
    m_lastAt = now;
    m_last = { m_last.number + 1, frame.request.value("file", ""), frame.payload, frame.answer.value().value("predictions", json::array()) };
    m_wake.notify_all();
}

std::optional<std::string> LiveFrames::drawn(const Last& last)
{
    const std::lock_guard lock(m_drawing);
    if (m_drawnNumber == last.number)
        return m_drawnJpeg;
    const auto answer = m_supervisor.ask({ { "id", 0 }, { "type", "picture" }, { "file", last.file }, { "longSide", kLongSide }, { "boxes", last.predictions } }, last.payload);
    if (answer.hasError() || errorOfAnswer(answer.value()))
        return std::nullopt;
    const auto jpeg = base::fromBase64(answer.value().value("jpeg", ""));
    if (jpeg.hasError())
        return std::nullopt;
    m_drawnNumber = last.number;
    m_drawnJpeg.assign(jpeg->begin(), jpeg->end());
    return m_drawnJpeg;
}

std::optional<std::string> LiveFrames::next(std::int64_t& number, double seconds)
{
    Last last;
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return m_last.number != number; });
        if (m_last.number == 0)
            return std::nullopt;
        last = m_last;
    }
    number = last.number;
    return drawn(last);
}

base::Result<transport::HttpServer::Pieces> LiveFrames::watch()
{
    if (++m_watchers > kMostWatchers) {
        --m_watchers;
        return base::failed(fmt::format("{} watch already; no more can.", kMostWatchers));
    }
    struct Watching {
        std::atomic<int>& watchers;
        std::int64_t number = 0;
        double sentAt = 0;
        ~Watching() { --watchers; }
    };
    const std::shared_ptr<Watching> watching(new Watching { m_watchers });
    // Short waits: between them the server looks whether it is to stop.
    return transport::HttpServer::Pieces([this, watching]() -> std::string {
        const double now = base::monotonicSeconds();
        const std::int64_t before = watching->number;
        const auto jpeg = next(watching->number, 0.1);
        if (jpeg && watching->number != before) {
            const double early = 1 / kMostPerSecond - (now - watching->sentAt);
            if (early > 0)
                std::this_thread::sleep_for(std::chrono::duration<double>(early));
            watching->sentAt = base::monotonicSeconds();
            return partOf(*jpeg);
        }
        if (now - watching->sentAt < kPatienceSeconds)
            return {};
        watching->sentAt = now;
        return jpeg ? partOf(*jpeg) : "\r\n";
    });
}

}
