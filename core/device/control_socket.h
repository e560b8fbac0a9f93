#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

namespace percept::device {

// STATE/control: a Unix socket on which other programs of the same user ask a running percept-edge, a JSON line for a JSON
// line. The file system keeps others out (mode 0600), and the kernel's word about who asks is checked as well. Nothing of it
// can be reached from the network or from a browser.
class ControlServer {
public:
    using Handler = std::function<nlohmann::json(const nlohmann::json& request)>; // on threads of the server, several at once

    ControlServer() = default;
    ~ControlServer(); // stops
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    base::Result<void> start(const std::filesystem::path& state, Handler handler);
    // Lets running handlers end.
    void stop();

private:
    struct Connection {
        int fd;
        std::thread thread;
        bool isDone = false;
    };
    void accept();
    void answer(Connection& connection);
    nlohmann::json handled(const nlohmann::json& request) const;
    void joinFinished(bool all);

    std::filesystem::path m_path;
    Handler m_handler;
    int m_listener = -1, m_wake[2] { -1, -1 };
    std::mutex m_mutex;
    std::list<Connection> m_connections;
    std::thread m_thread;
};

// One question; NotFound when no percept-edge runs on this state folder. The error of an answer that is not "ok" is given
// as such.
base::Result<nlohmann::json> askEdge(const std::filesystem::path& state, const nlohmann::json& request);

}
