#include "tests/bench/simulated_fleet.h"

#include "core/base/time.h"
#include "core/protocol/fleet_telemetry.h"
#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace percept::bench {

using base::monotonicSeconds;
using protocol::FleetTopic;

namespace {

constexpr double kRetrySeconds = 10, kReconnectSeconds = 1, kTickSeconds = 0.02, kConnectSeconds = 10, kFetchSeconds = 30;
constexpr std::uint64_t kFetchFlag = 1; // of an event's number: the rest is the device's

// As large as those of a camera with five classes.
protocol::TelemetryWindow windowOf(std::int64_t number)
{
    protocol::TelemetryWindow window;
    window.packageSha256 = std::string(64, 'f');
    window.packageVersion = "1.0";
    window.frames = 1 + number % 1000;
    for (const char* label : { "screw", "nut", "washer", "pin", "clip" }) {
        window.classes.push_back({ label, 40, {} });
        window.classes.back().scores.fill(2);
    }
    window.brightness = window.sharpness = protocol::InputSpread { 0.5, 0.1, {} };
    return window;
}

}

// The package on its way to one device: one request, one answer, then closed.
struct SimulatedFleet::Fetch {
    int fd = -1;
    bool isAsked = false;
    std::string answer;
    double again = 0; // when it is tried anew
};

struct SimulatedFleet::Device {
    Device(SimulatedFleet& owner, std::size_t number, protocol::EnrolAnswer answer)
        : fleet(owner)
        , index(number)
        , enrolled(std::move(answer))
    {
    }
    SimulatedFleet& fleet;
    std::size_t index;
    protocol::EnrolAnswer enrolled;
    mosquitto* client = nullptr;
    bool isConnected = false, isWriting = false;
    double connectedBy = 0, reconnectAt = 0, nextWindow = 0, sentAt = 0;
    std::string stream;
    std::int64_t acknowledged = 0, sentUpTo = 0;
    std::deque<double> ended; // windows that wait: when they were over
    std::optional<protocol::DesiredState> desired;
    double toldAt = 0;
    Fetch fetch;
    std::optional<protocol::RunningModel> running;
};

SimulatedFleet::SimulatedFleet(const std::vector<protocol::EnrolAnswer>& devices, double windowSeconds)
    : m_windowSeconds(windowSeconds)
    , m_began(monotonicSeconds())
    , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
{
    mosquitto_lib_init();
    for (const auto& enrolled : devices) {
        const std::size_t index = m_devices.size();
        auto& device = *m_devices.emplace_back(new Device(*this, index, enrolled));
        device.stream = fmt::format("{:032x}", index + 1);
        // Spread over a window, as devices that were switched on at some moment are.
        device.nextWindow = m_began + windowSeconds * static_cast<double>(index) / static_cast<double>(devices.size());
    }
}

SimulatedFleet::~SimulatedFleet()
{
    for (const auto& device : m_devices)
        mosquitto_destroy(device->client);
    ::close(m_epoll);
}

void SimulatedFleet::connect(Device& device)
{
    mosquitto_destroy(device.client);
    device.client = mosquitto_new(device.enrolled.device.c_str(), true, &device);
    mosquitto_username_pw_set(device.client, device.enrolled.device.c_str(), device.enrolled.secret.c_str());
    mosquitto_int_option(device.client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_callback_set(device.client, [](mosquitto* client, void* state, int code) {
        if (code == 0)
            mosquitto_subscribe(client, nullptr, protocol::allToDevice(deviceOf(state).enrolled.device).c_str(), 1);
    });
    mosquitto_subscribe_callback_set(device.client, [](mosquitto*, void* state, int, int, const int*) {
        Device& device = deviceOf(state);
        device.isConnected = true;
        device.sentUpTo = 0;
        ++device.fleet.numConnected;
        device.fleet.m_figures.connectSeconds.push_back(monotonicSeconds() - device.fleet.m_began);
        device.fleet.say(device, static_cast<int>(FleetTopic::Presence), protocol::encode(protocol::Presence { true }));
        device.fleet.say(device, static_cast<int>(FleetTopic::Get), "");
        device.fleet.report(device);
    });
    mosquitto_message_callback_set(device.client, [](mosquitto*, void* state, const mosquitto_message* message) {
        deviceOf(state).fleet.received(deviceOf(state), *message);
    });
    if (mosquitto_connect(device.client, "127.0.0.1", device.enrolled.brokerPort, 60) != MOSQ_ERR_SUCCESS)
        return disconnected(device);
    device.connectedBy = monotonicSeconds() + kConnectSeconds;
    epoll_event event { EPOLLIN | EPOLLRDHUP, { .u64 = device.index << 1 } };
    device.isWriting = false;
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, mosquitto_socket(device.client), &event);
    watch(device);
}

void SimulatedFleet::disconnected(Device& device)
{
    m_figures.disconnects += device.isConnected;
    numConnected -= device.isConnected;
    device.isConnected = false;
    device.reconnectAt = monotonicSeconds() + kReconnectSeconds;
    mosquitto_destroy(device.client);
    device.client = nullptr;
}

void SimulatedFleet::watch(Device& device)
{
    if (!device.client || mosquitto_socket(device.client) < 0 || mosquitto_want_write(device.client) == device.isWriting)
        return;
    device.isWriting = !device.isWriting;
    epoll_event event { EPOLLIN | EPOLLRDHUP | (device.isWriting ? EPOLLOUT : 0u), { .u64 = device.index << 1 } };
    ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, mosquitto_socket(device.client), &event);
}

void SimulatedFleet::serve(Device& device, unsigned ready)
{
    if (!device.client)
        return;
    int code = MOSQ_ERR_SUCCESS;
    if (ready & ~static_cast<unsigned>(EPOLLOUT))
        code = mosquitto_loop_read(device.client, 1);
    if (code == MOSQ_ERR_SUCCESS && (ready & EPOLLOUT))
        code = mosquitto_loop_write(device.client, 1);
    if (code != MOSQ_ERR_SUCCESS || mosquitto_socket(device.client) < 0)
        return disconnected(device);
    watch(device);
}

void SimulatedFleet::say(Device& device, int topic, const std::string& payload)
{
    mosquitto_publish(device.client, nullptr, protocol::fleetTopic(device.enrolled.device, static_cast<FleetTopic>(topic)).c_str(),
        static_cast<int>(payload.size()), payload.data(), 1, false);
    watch(device);
}

void SimulatedFleet::received(Device& device, const mosquitto_message& message)
{
    const std::string payload(static_cast<const char*>(message.payload), static_cast<std::size_t>(message.payloadlen));
    const auto address = protocol::parseFleetTopic(message.topic);
    const double now = monotonicSeconds();
    if (address->topic == FleetTopic::Ack) {
        const auto ack = protocol::decodeAcknowledgement(payload).value();
        for (; device.acknowledged < ack.sequence && !device.ended.empty(); ++device.acknowledged, device.ended.pop_front())
            m_figures.acknowledgeSeconds.push_back(now - device.ended.front());
        sendWindows(device, now);
    } else if (auto state = protocol::decodeDesiredState(payload); state.hasValue() && (!device.desired || state->version > device.desired->version)) {
        device.desired = std::move(state).value();
        if (!device.desired->package || (device.running && device.running->sha256 == device.desired->package->sha256))
            return;
        device.toldAt = now;
        if (rolloutSince > 0)
            m_figures.toldSeconds.push_back(now - rolloutSince);
        beginFetch(device);
    }
}

void SimulatedFleet::beginFetch(Device& device)
{
    if (device.fetch.fd >= 0)
        ::close(device.fetch.fd);
    const std::string& server = device.enrolled.packageServer; // "http://127.0.0.1:PORT"
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(server.c_str() + server.rfind(':') + 1)));
    device.fetch = { ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), false, {}, monotonicSeconds() + kFetchSeconds };
    ::connect(device.fetch.fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    epoll_event event { EPOLLOUT, { .u64 = device.index << 1 | kFetchFlag } };
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, device.fetch.fd, &event);
}

void SimulatedFleet::goOnFetching(Device& device)
{
    Fetch& fetch = device.fetch;
    if (fetch.fd < 0)
        return;
    if (!fetch.isAsked) {
        const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            device.desired->package->path, device.enrolled.secret);
        fetch.isAsked = ::send(fetch.fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
        epoll_event event { EPOLLIN, { .u64 = device.index << 1 | kFetchFlag } };
        ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, fetch.fd, &event);
        if (fetch.isAsked)
            return;
    }
    static std::array<char, 1 << 18> buffer;
    ssize_t count = 0;
    while (fetch.isAsked && (count = ::recv(fetch.fd, buffer.data(), buffer.size(), 0)) > 0)
        fetch.answer.append(buffer.data(), static_cast<std::size_t>(count));
    if (fetch.isAsked && count < 0 && errno == EAGAIN)
        return;
    ::close(fetch.fd);
    fetch.fd = -1;
    fetch.again = 0;
    const std::size_t head = fetch.answer.find("\r\n\r\n");
    const auto& wanted = *device.desired->package;
    if (!fetch.answer.starts_with("HTTP/1.1 200") || static_cast<std::int64_t>(fetch.answer.size() - head - 4) != wanted.bytes) {
        ++m_figures.fetchesAgain;
        fetch.again = monotonicSeconds() + kReconnectSeconds;
        return;
    }
    m_figures.fetchedSeconds.push_back(monotonicSeconds() - device.toldAt);
    device.running = protocol::RunningModel { wanted.sha256, wanted.name, wanted.version, "a", wanted.releaseCounter };
    report(device);
}

void SimulatedFleet::report(Device& device)
{
    protocol::ReportedState state;
    state.program = "bench";
    state.activity = "idle";
    state.running = device.running;
    state.desiredVersion = device.desired ? device.desired->version : 0;
    state.timeMs = base::nowMs();
    if (device.isConnected)
        say(device, static_cast<int>(FleetTopic::Reported), protocol::encode(state));
}

void SimulatedFleet::sendWindows(Device& device, double now)
{
    const bool isUnderWay = device.acknowledged < device.sentUpTo && now - device.sentAt < kRetrySeconds;
    if (!device.isConnected || isUnderWay || device.ended.empty())
        return;
    m_figures.sentAgain += device.acknowledged < device.sentUpTo;
    protocol::TelemetryBatch batch { device.stream, device.acknowledged + 1, {} };
    for (std::size_t i = 0; i < std::min<std::size_t>(device.ended.size(), 100); ++i)
        batch.entries.emplace_back(windowOf(batch.first + static_cast<std::int64_t>(i)));
    say(device, static_cast<int>(FleetTopic::Telemetry), protocol::encode(batch));
    device.sentUpTo = device.acknowledged + static_cast<std::int64_t>(batch.entries.size());
    device.sentAt = now;
}

void SimulatedFleet::tick(Device& device, double now)
{
    if (!device.client && now >= device.reconnectAt)
        connect(device);
    // As a device's own client does. A broker that accepts more slowly than a thousand come loses some on the way.
    const bool isLate = !device.isConnected && now > device.connectedBy;
    if (device.client && (mosquitto_loop_misc(device.client) != MOSQ_ERR_SUCCESS || isLate)) {
        m_figures.connectsAgain += isLate;
        disconnected(device);
    }
    if (device.fetch.again > 0 && now >= device.fetch.again) {
        m_figures.fetchesAgain += device.fetch.fd >= 0;
        beginFetch(device);
    }
    if (now < device.nextWindow)
        return;
    device.nextWindow += m_windowSeconds;
    if (!sendsWindows)
        return;
    device.ended.push_back(now);
    m_figures.mostBehind = std::max(m_figures.mostBehind, device.ended.size());
    sendWindows(device, now);
    report(device); // figures, once a window
}

void SimulatedFleet::run(const std::atomic<bool>& stop)
{
    std::array<epoll_event, 256> events {};
    double nextTick = 0;
    while (!stop) {
        const int count = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), static_cast<int>(kTickSeconds * 1000));
        for (int i = 0; i < count; ++i) {
            const auto number = events[static_cast<std::size_t>(i)].data.u64;
            Device& device = *m_devices[number >> 1];
            if (number & kFetchFlag)
                goOnFetching(device);
            else
                serve(device, events[static_cast<std::size_t>(i)].events);
        }
        const double now = monotonicSeconds();
        if (now < nextTick)
            continue;
        nextTick = now + kTickSeconds;
        for (const auto& device : m_devices)
            tick(*device, now);
    }
    for (const auto& device : m_devices)
        m_figures.waiting += static_cast<std::int64_t>(device->ended.size());
}

}
