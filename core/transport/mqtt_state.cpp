#include "core/transport/mqtt_state.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace percept::transport {

namespace {

constexpr int kRefusedFilter = 0x80, kBadUserOrPassword = 4, kNotAuthorised = 5; // of MQTT 3.1.1

}

MqttProblem problemFromAnswer(int code)
{
    const bool isUnknown = code == kBadUserOrPassword || code == kNotAuthorised;
    return { isUnknown ? MqttProblem::Kind::Credentials : MqttProblem::Kind::Unreachable, mosquitto_connack_string(code) };
}

base::Error mqttError(const char* what, int code)
{
    return base::failed(fmt::format("{}: {}", what, code == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(code)));
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

MqttClient::State::~State()
{
    if (wakeUp >= 0)
        ::close(wakeUp);
}

base::Result<void> MqttClient::State::setUp()
{
    static const int initialised = mosquitto_lib_init();
    if (initialised != MOSQ_ERR_SUCCESS)
        return mqttError("MQTT cannot be used", initialised);
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
            return mqttError("The last will cannot be left", code);
    }
    if (options.tls) {
        const auto& tls = *options.tls;
        const bool named = !tls.certificateFile.empty();
        int code = mosquitto_tls_set(handle.get(), tls.caFile.c_str(), nullptr, named ? tls.certificateFile.c_str() : nullptr,
            named ? tls.keyFile.c_str() : nullptr, nullptr);
        if (code == MOSQ_ERR_SUCCESS)
            code = mosquitto_tls_opts_set(handle.get(), /*verify peer*/ 1, "tlsv1.2", nullptr);
        if (code != MOSQ_ERR_SUCCESS)
            return mqttError("The certificates cannot be used", code);
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
            contained([&] { static_cast<State*>(state)->problem = problemFromLog(text); });
    });
}

void MqttClient::State::onConnect(int code)
{
    if (code != 0) {
        problem = problemFromAnswer(code);
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
        problem = MqttProblem { MqttProblem::Kind::Filter, "The broker does not let this client listen." };
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

}
