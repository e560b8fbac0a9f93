#include "core/transport/mqtt_client.h"

#include "core/base/random.h"
#include "core/base/time.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fmt/format.h>
#include <mosquitto.h>
#include <mutex>
#include <poll.h>
#include <random>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace percept::transport {

namespace {

constexpr int kPollMs = 500; // keep-alive is looked at that often
constexpr double kHeldSeconds = 1; // two clients of one name throw each other out at once: that is no connection that held
constexpr int kRefusedFilter = 0x80;

base::Error describe(const char* what, int code)
{
    return base::failed(fmt::format("{}: {}", what, code == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(code)));
}

struct Freed {
    void operator()(mosquitto* handle) const { mosquitto_destroy(handle); }
};

}

base::Result<void> MqttOptions::check() const
{
    if (host.empty() || port < 1 || port > 65535)
        return base::usage("A broker is named HOST:PORT.");
    if (clientId.empty())
        return base::usage("An MQTT client needs a name.");
    if (tls && tls->certificateFile.empty() != tls->keyFile.empty())
        return base::usage("A certificate and its key belong together.");
    for (const auto& filter : filters)
        if (mosquitto_sub_topic_check(filter.c_str()) != MOSQ_ERR_SUCCESS)
            return base::usage("\"" + filter + "\" is not a topic filter.");
    if (keepAliveSeconds < 5 || keepAliveSeconds > 65535 || maxUnconfirmed < 1 || connectSeconds <= 0 || firstRetrySeconds <= 0
        || longestRetrySeconds < firstRetrySeconds)
        return base::usage("The waiting times of an MQTT client are impossible.");
    return {};
}

// libmosquitto's own loops end for good at a failed look-up of a name or a certificate, and use select(), which cannot
// watch descriptors over 1,023. So the loop is ours. `handle` is touched by the thread alone, but for mosquitto_publish.
struct MqttClient::State {
    MqttOptions options;
    MqttEvents events;
    std::mutex publishing; // mosquitto_publish against the end of its handle
    std::unique_ptr<mosquitto, Freed> handle;
    std::thread thread;
    int wakeUp = -1;
    std::atomic<bool> stopping = false, connected = false;
    std::atomic<int> unconfirmed = 0;
    std::mutex mutex;
    std::condition_variable stopped;
    std::size_t filtersLeft = 0; // not answered by the broker yet
    std::string reason;          // why the connection ended, where more is known than a code
    base::Random random { std::random_device()() };

    ~State()
    {
        if (wakeUp >= 0)
            ::close(wakeUp);
    }

    base::Result<void> setUp();
    base::Result<void> makeHandle();
    base::Result<void> renewHandle();
    void setCallbacks();
    void run();
    bool connectAndServe();
    int step();
    int readAndWrite(short ready);
    void end(int code);
    void waitBeforeRetry(double seconds);
    void sayGoodbye();

    void onConnect(int code);
    void onSubscribe(int count, const int* granted);
    void onMessage(const mosquitto_message& message);
};

namespace {

// Nothing may be thrown through libmosquitto.
template <typename Work>
void contained(Work work) noexcept
{
    try {
        work();
    } catch (const std::exception& e) {
        spdlog::error("mqtt: {}", e.what());
    }
}

}

base::Result<void> MqttClient::State::setUp()
{
    static const int initialised = mosquitto_lib_init();
    if (initialised != MOSQ_ERR_SUCCESS)
        return describe("MQTT cannot be used", initialised);
    wakeUp = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wakeUp < 0)
        return base::failed("There is not enough memory for an MQTT client.");
    return makeHandle();
}

// libmosquitto sends what was not confirmed again over the next connection, where it is older than what was said meanwhile: an
// acknowledgement would then look like that of a hub that has forgotten something. With a handle of its own each connection
// begins with nothing.
base::Result<void> MqttClient::State::renewHandle()
{
    const std::lock_guard lock(publishing);
    unconfirmed = 0;
    return makeHandle();
}

base::Result<void> MqttClient::State::makeHandle()
{
    handle.reset(mosquitto_new(options.clientId.c_str(), /*clean_session=*/true, this));
    if (!handle)
        return base::failed("There is not enough memory for an MQTT client.");
    mosquitto_threaded_set(handle.get(), true); // other threads publish; only ours writes to the socket
    mosquitto_int_option(handle.get(), MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_int_option(handle.get(), MOSQ_OPT_SEND_MAXIMUM, std::min(options.maxUnconfirmed, 65535));
    if (!options.userName.empty())
        mosquitto_username_pw_set(handle.get(), options.userName.c_str(), options.password.c_str());
    if (options.will) {
        const int code = mosquitto_will_set(handle.get(), options.will->topic.c_str(), static_cast<int>(options.will->payload.size()),
            options.will->payload.data(), 1, /*retain=*/false);
        if (code != MOSQ_ERR_SUCCESS)
            return describe("The last will cannot be left", code);
    }
    if (options.tls) {
        const auto& tls = *options.tls;
        const bool named = !tls.certificateFile.empty();
        int code = mosquitto_tls_set(handle.get(), tls.caFile.c_str(), nullptr, named ? tls.certificateFile.c_str() : nullptr,
            named ? tls.keyFile.c_str() : nullptr, nullptr);
        if (code == MOSQ_ERR_SUCCESS)
            code = mosquitto_tls_opts_set(handle.get(), /*verify peer*/ 1, "tlsv1.2", nullptr);
        if (code != MOSQ_ERR_SUCCESS)
            return describe("The certificates cannot be used", code);
    }
    setCallbacks();
    return {};
}

void MqttClient::State::setCallbacks()
{
    mosquitto_connect_callback_set(handle.get(), [](mosquitto*, void* state, int code) {
        contained([&] { static_cast<State*>(state)->onConnect(code); });
    });
    mosquitto_subscribe_callback_set(handle.get(), [](mosquitto*, void* state, int, int count, const int* granted) {
        contained([&] { static_cast<State*>(state)->onSubscribe(count, granted); });
    });
    mosquitto_message_callback_set(handle.get(), [](mosquitto*, void* state, const mosquitto_message* message) {
        contained([&] { static_cast<State*>(state)->onMessage(*message); });
    });
    mosquitto_publish_callback_set(handle.get(), [](mosquitto*, void* state, int) { --static_cast<State*>(state)->unconfirmed; });
    mosquitto_log_callback_set(handle.get(), [](mosquitto*, void* state, int level, const char* text) {
        if (level == MOSQ_LOG_ERR) // what OpenSSL says
            contained([&] { static_cast<State*>(state)->reason = text; });
    });
}

void MqttClient::State::onConnect(int code)
{
    if (code != 0) {
        reason = mosquitto_connack_string(code);
        return;
    }
    filtersLeft = options.filters.size();
    for (const auto& filter : options.filters)
        mosquitto_subscribe(handle.get(), nullptr, filter.c_str(), 1);
    if (filtersLeft == 0)
        connected = true;
}

void MqttClient::State::onSubscribe(int count, const int* granted)
{
    if (std::any_of(granted, granted + count, [](int quality) { return quality == kRefusedFilter; }))
        reason = "The broker does not let this client listen.";
    else if (filtersLeft > 0 && --filtersLeft == 0)
        connected = true;
}

void MqttClient::State::onMessage(const mosquitto_message& message)
{
    if (message.retain || message.payloadlen < 0 || static_cast<std::size_t>(message.payloadlen) > options.maxMessageBytes) {
        spdlog::warn("mqtt: a message to {} was dropped: {} bytes{}", message.topic, message.payloadlen, message.retain ? ", retained" : "");
        return;
    }
    if (events.received)
        events.received({ message.topic, std::string(static_cast<const char*>(message.payload), static_cast<std::size_t>(message.payloadlen)) });
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
    reason.clear();
    const double deadline = base::monotonicSeconds() + options.connectSeconds;
    int code = mosquitto_connect_async(handle.get(), options.host.c_str(), options.port, options.keepAliveSeconds);
    std::optional<double> since;
    while (code == MOSQ_ERR_SUCCESS && reason.empty() && !stopping) {
        code = step();
        if (connected && !since && code == MOSQ_ERR_SUCCESS) {
            since = base::monotonicSeconds();
            if (events.connected)
                contained(events.connected);
        }
        if (!connected && base::monotonicSeconds() > deadline)
            reason = "The broker does not answer.";
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
    if (reason.empty())
        reason = code == MOSQ_ERR_ERRNO ? std::strerror(systemError) : mosquitto_strerror(code);
    if (events.disconnected)
        contained([&] { events.disconnected(reason); });
}

void MqttClient::State::run()
{
    double wait = options.firstRetrySeconds;
    base::Result<void> ready; // the first handle is made
    while (!stopping) {
        if (ready.hasError() && events.disconnected)
            contained([&] { events.disconnected(ready.error().message); });
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
        return describe("A message cannot be sent", code);
    }
    const std::uint64_t one = 1;
    if (::write(m_state->wakeUp, &one, sizeof(one)) < 0)
        spdlog::debug("mqtt: the client's thread is awake already");
    return {};
}

}
