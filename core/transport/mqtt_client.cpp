#include "core/transport/mqtt_client.h"

#include "core/base/time.h"
#include "core/transport/mqtt_state.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace percept::transport {

namespace {

constexpr int kPollMs = 500; // keep-alive is looked at that often
constexpr double kHeldSeconds = 1; // two clients of one name throw each other out at once: that is no connection that held

}

int MqttClient::State::readAndWrite(short ready)
{
    int code = MOSQ_ERR_SUCCESS;
    // During a TLS handshake it is the reading side that goes on with it, also when the socket was waited for to write.
    if ((ready & (POLLIN | POLLERR | POLLHUP)) || !connected)
        code = mosquitto_loop_read(handle.get(), 1);
    if (code == MOSQ_ERR_SUCCESS && (ready & POLLOUT))
        code = mosquitto_loop_write(handle.get(), 1);
    int waiting = 0;
    // libmosquitto takes no notice of a peer that hangs up in the middle of a handshake.
    if (code == MOSQ_ERR_SUCCESS && (ready & (POLLRDHUP | POLLERR)) && mosquitto_socket(handle.get()) >= 0
        && (::ioctl(mosquitto_socket(handle.get()), FIONREAD, &waiting) != 0 || waiting == 0))
        code = MOSQ_ERR_CONN_LOST;
    return code;
}

int MqttClient::State::step()
{
    const short writing = mosquitto_want_write(handle.get()) ? POLLOUT : 0;
    pollfd watched[2] { { mosquitto_socket(handle.get()), static_cast<short>(POLLIN | POLLRDHUP | writing), 0 }, { wakeUp, POLLIN, 0 } };
    if (watched[0].fd < 0)
        return MOSQ_ERR_CONN_LOST;
    ::poll(watched, 2, connected ? kPollMs : 20);
    std::uint64_t count = 0;
    if (watched[1].revents && ::read(wakeUp, &count, sizeof(count)) < 0)
        spdlog::debug("mqtt: woken up for nothing");
    if (watched[0].revents)
        if (const int code = readAndWrite(watched[0].revents); code != MOSQ_ERR_SUCCESS)
            return code;
    return mosquitto_loop_misc(handle.get());
}

// One try: until the connection ends, the time for making it is over, or we are stopped. True when it held for a while.
bool MqttClient::State::connectAndServe()
{
    problem.reset();
    const double deadline = base::monotonicSeconds() + options.connectSeconds;
    int code = mosquitto_connect_async(handle.get(), options.host.c_str(), options.port, options.keepAliveSeconds);
    std::optional<double> since;
    while (code == MOSQ_ERR_SUCCESS && !problem && !stopping) {
        code = step();
        if (connected && !since && code == MOSQ_ERR_SUCCESS) {
            since = base::monotonicSeconds();
            if (events.connected)
                contained(events.connected);
        }
        if (!connected && base::monotonicSeconds() > deadline)
            problem = MqttProblem { MqttProblem::Kind::Unreachable, "it does not answer" };
    }
    if (!stopping)
        end(code);
    return since && base::monotonicSeconds() - *since > kHeldSeconds;
}

void MqttClient::State::end(int code)
{
    const int systemError = errno;
    connected = false;
    if (const int socket = mosquitto_socket(handle.get()); socket >= 0)
        ::shutdown(socket, SHUT_RDWR); // the next try closes it; the broker is to know at once
    if (!problem)
        problem = MqttProblem { code == MOSQ_ERR_TLS ? MqttProblem::Kind::Tls : MqttProblem::Kind::Unreachable,
            code == MOSQ_ERR_ERRNO ? std::strerror(systemError) : mosquitto_strerror(code) };
    if (events.disconnected)
        contained([&] { events.disconnected(*problem); });
}

void MqttClient::State::run()
{
    double wait = options.firstRetrySeconds;
    base::Result<void> ready; // the first handle is made
    while (!stopping) {
        if (ready.hasError() && events.disconnected)
            contained([&] { events.disconnected({ MqttProblem::Kind::Tls, ready.error().message }); });
        else if (ready.hasValue() && connectAndServe())
            wait = options.firstRetrySeconds;
        if (stopping)
            break;
        waitBeforeRetry(wait * random.uniform(0.5, 1.0)); // a thousand devices do not come back at the same moment
        wait = std::min(wait * 2, options.longestRetrySeconds);
        ready = renewHandle();
    }
    sayGoodbye();
}

void MqttClient::State::waitBeforeRetry(double seconds)
{
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return stopping.load(); });
}

void MqttClient::State::sayGoodbye()
{
    if (!connected || !handle)
        return;
    mosquitto_disconnect(handle.get());
    const double deadline = base::monotonicSeconds() + 1;
    while (mosquitto_want_write(handle.get()) && mosquitto_socket(handle.get()) >= 0 && base::monotonicSeconds() < deadline) {
        pollfd watched { mosquitto_socket(handle.get()), POLLOUT, 0 };
        ::poll(&watched, 1, 100);
        if (mosquitto_loop_write(handle.get(), 1) != MOSQ_ERR_SUCCESS)
            break;
    }
    connected = false;
}

MqttClient::MqttClient(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}

base::Result<std::unique_ptr<MqttClient>> MqttClient::start(MqttOptions options, MqttEvents events)
{
    PERCEPT_TRY(options.check());
    auto state = std::make_unique<State>();
    state->options = std::move(options);
    state->events = std::move(events);
    PERCEPT_TRY(state->setUp());
    state->thread = std::thread([raw = state.get()] { raw->run(); });
    return std::unique_ptr<MqttClient>(new MqttClient(std::move(state)));
}

MqttClient::~MqttClient()
{
    {
        std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
    }
    m_state->stopped.notify_all();
    const std::uint64_t one = 1;
    if (::write(m_state->wakeUp, &one, sizeof(one)) < 0)
        spdlog::debug("mqtt: the client's thread is awake already");
    m_state->thread.join();
}

bool MqttClient::isConnected() const { return m_state->connected; }

int MqttClient::numUnconfirmed() const { return m_state->unconfirmed; }

base::Result<void> MqttClient::publish(const std::string& topic, std::string_view payload)
{
    if (payload.size() > m_state->options.maxMessageBytes)
        return base::refused(fmt::format("A message of {} bytes is too large to send.", payload.size()));
    const std::lock_guard lock(m_state->publishing);
    if (!m_state->connected)
        return base::failed("There is no connection to the broker.");
    if (++m_state->unconfirmed > m_state->options.maxUnconfirmed) {
        --m_state->unconfirmed;
        return base::failed("The broker does not keep up.");
    }
    const int code = mosquitto_publish(
        m_state->handle.get(), nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1, /*retain=*/false);
    if (code != MOSQ_ERR_SUCCESS) {
        --m_state->unconfirmed;
        return mqttError("A message cannot be sent", code);
    }
    const std::uint64_t one = 1;
    if (::write(m_state->wakeUp, &one, sizeof(one)) < 0)
        spdlog::debug("mqtt: the client's thread is awake already");
    return {};
}

}
