#pragma once

#include "core/device/fleet_link.h"
#include "core/device/frame_watch.h"

namespace percept::device {

// What a percept-edge in a fleet has beside one that stands alone: the outbox, the counts and pictures that go into it, and
// the link. It must end before what it is given; the updater was interrupted by then.
class FleetMember {
public:
    struct Options {
        std::filesystem::path state;
        std::string program; // version of percept-edge
        FleetAccess access;
        bool collects = false;
    };
    // An error: nothing can be kept for the fleet. A link that cannot be made is one only for a device without a model.
    static base::Result<std::unique_ptr<FleetMember>> join(
        const Options& options, Slots& slots, Supervisor& supervisor, Updater& updater, const Metrics& metrics);

    void add(const Supervisor::Frame& frame) { m_watch.add(frame); }
    nlohmann::json status() const { return m_link.status(); }
    // Keeps what was counted so far, and says goodbye.
    void leave();

private:
    FleetMember(const Options& options, std::unique_ptr<Outbox> outbox, Slots& slots, Supervisor& supervisor, Updater& updater, const Metrics& metrics);
    FleetLink::Options linkOptions(const Options& options, Supervisor& supervisor);

    std::unique_ptr<Outbox> m_outbox;
    FrameWatch m_watch;
    FleetLink m_link;
};

}
