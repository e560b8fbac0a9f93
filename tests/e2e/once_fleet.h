#pragma once

#include "tests/e2e/hub_process.h"
#include "tests/support/temporary_folder.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace percept::test {

// outbox_device as a process, to be killed.
class OutboxDevice {
public:
    struct Work {
        std::int64_t count = 0; // entries of its outbox, the pictures among them
        int sampleEvery = 100;  // this many-th is a picture
        std::int64_t mostWaiting = 400;
        std::string broker = {}; // another than it was enrolled with: "mqtt://..."
    };
    // Enrols the state folder by the line of the hub.
    OutboxDevice(std::filesystem::path state, const std::string& line);
    ~OutboxDevice() { kill(); }
    OutboxDevice(const OutboxDevice&) = delete;
    OutboxDevice& operator=(const OutboxDevice&) = delete;

    void start(const Work& work);
    bool kill();   // -9; false: it had ended by itself
    bool isDone(); // it has ended, with everything acknowledged; throws when it failed
    bool isFilled() const;

private:
    std::filesystem::path m_state;
    pid_t m_pid = 0;
    bool m_isDone = false;
};

// What the hub's file says about one device, all of it as it must be.
struct Kept {
    std::int64_t entries = 0, windows = 0, samples = 0;
    std::int64_t streams = 0;
    std::int64_t wrong = 0; // entries that are not what outbox_device puts in at this place, or came before the one before them
};
Kept readKept(const std::filesystem::path& fleet, const std::string& device, int sampleEvery);

}
