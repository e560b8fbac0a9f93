#pragma once

#include "core/device/supervisor.h"
#include "core/transport/http_server.h"

#include <atomic>

namespace percept::device {

// The last picture that was answered, for people who watch: drawn on by the model process (no foreign byte is decoded here),
// at most kMostPerSecond times a second, and not at all while nobody watches. Any thread.
class LiveFrames {
public:
    static constexpr int kMostWatchers = 4;
    static constexpr double kMostPerSecond = 10;
    explicit LiveFrames(Supervisor& supervisor);

    // Of the supervisor.
    void add(const Supervisor::Frame& frame);
    // Parts of a multipart/x-mixed-replace answer for one who watches; Failed when there are too many already.
    base::Result<transport::HttpServer::Pieces> watch();

private:
    struct Last {
        std::int64_t number = 0; // 0: nothing yet
        std::string file;
        std::vector<std::uint8_t> payload;
        nlohmann::json predictions = nlohmann::json::array();
    };
    std::optional<std::string> drawn(const Last& last);
    // The newest picture with its boxes, as JPEG, once it is another than `number`, or after `seconds`.
    std::optional<std::string> next(std::int64_t& number, double seconds);

    Supervisor& m_supervisor;
    std::atomic<int> m_watchers = 0;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    Last m_last;
    double m_lastAt = 0;
    std::mutex m_drawing;
    std::int64_t m_drawnNumber = 0;
    std::string m_drawnJpeg; // shared by all who watch
};

inline constexpr const char* kStreamType = "multipart/x-mixed-replace; boundary=frame";

}
