#pragma once

#include "core/fleet/hub.h"
#include "core/fleet/hub_core.h"
#include "core/fleet/inbox.h"
#include "core/fleet/own_broker.h"
#include "core/fleet/silence.h"
#include "core/transport/mqtt_client.h"

#include <atomic>
#include <future>
#include <sys/types.h>
#include <thread>
#include <utility>

namespace percept::fleet {

// The inside of a hub. One thread does everything but the answers to HTTP requests: it starts and ends the parts (hub.cpp), takes in
// what devices say (hub_messages.cpp), and looks at the clock (hub_ticks.cpp).
struct Hub::State {
    explicit State(HubOptions hubOptions)
        : options(std::move(hubOptions))
    {
    }

    HubOptions options;
    std::unique_ptr<FleetStore> store;
    std::unique_ptr<HubCore> core;
    std::unique_ptr<OwnBroker> broker; // nothing: somebody else's is used
    std::unique_ptr<transport::MqttClient> client;
    std::unique_ptr<transport::HttpServer> api, outside;
    Inbox inbox;
    std::unique_ptr<SilenceWatch> silence;
    std::atomic<bool> stopping = false, isCutOff = false; // from the broker, a moment ago
    std::atomic<bool> hasEnded = false; // what it remembers in is gone
    std::pair<dev_t, ino_t> memory {};  // the file that fleet.db was when it began
    double nextForgetting = 0; // of pictures that were taken or ignored long ago, by the clock that only goes forward
    double nextBackup = 0; // likewise
    std::thread thread;

    base::Result<void> prepare();
    base::Result<void> prepareBroker();
    base::Result<void> prepareOutside();
    base::Result<void> connect();
    base::Result<void> serve();
    base::Result<void> setUp();
    void run(std::promise<base::Result<void>> ready);
    void tearDown();

    void handle(const std::vector<transport::MqttMessage>& messages);
    void sort(const transport::MqttMessage& message, std::vector<Incoming>& incoming, std::vector<std::string>& asking);
    void sendDesired(const std::string& device);
    void brokerIsLost(const transport::MqttProblem& problem); // on the client's thread
    void tick();
    bool isMemoryGone() const;
    void lookAfterBroker();
    void watchSilence();
    void forgetSeenPictures();
    void backUp();
    void promoteWhatIsProven();
    std::filesystem::path serverFile(const char* ending) const { return options.folder / (std::string("server.") + ending); }
};

}
