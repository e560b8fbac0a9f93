#pragma once

#include "core/base/random.h"
#include "core/transport/mqtt_client.h"

#include <atomic>
#include <condition_variable>
#include <mosquitto.h>
#include <mutex>
#include <optional>
#include <random>
#include <spdlog/spdlog.h>
#include <thread>

namespace percept::transport {

struct FreedMosquitto {
    void operator()(mosquitto* handle) const { mosquitto_destroy(handle); }
};

// The inside of a client: handles of libmosquitto and what they tell (mqtt_state.cpp), and the loop (mqtt_client.cpp).
// libmosquitto's own loops end for good at a failed look-up of a name or a certificate, and use select(), which cannot
// watch descriptors over 1,023. So the loop is ours. `handle` is touched by the thread alone, but for mosquitto_publish.
struct MqttClient::State {
    MqttOptions options;
    MqttEvents events;
    std::mutex publishing; // mosquitto_publish against the end of its handle
    std::unique_ptr<mosquitto, FreedMosquitto> handle;
    std::thread thread;
    int wakeUp = -1;
    std::atomic<bool> stopping = false, connected = false;
    std::atomic<int> unconfirmed = 0;
    std::mutex mutex;
    std::condition_variable stopped;
    std::size_t filtersLeft = 0; // not answered by the broker yet
    std::optional<MqttProblem> problem; // why the connection ended, where more is known than a code
    base::Random random { std::random_device()() };

    ~State();

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

base::Error mqttError(const char* what, int code);

}
