#include "core/device/fleet_member.h"

#include "core/device/enrolment.h"
#include "core/device/telemetry_merge.h"

#include <random>
#include <spdlog/spdlog.h>

namespace percept::device {

base::Result<std::unique_ptr<FleetMember>> FleetMember::join(
    const Options& options, Slots& slots, Supervisor& supervisor, Updater& updater, const Metrics& metrics)
{
    Outbox::Options outbox;
    outbox.folder = options.state / "outbox";
    outbox.merge = mergedBodies;
    PERCEPT_ASSIGN(opened, Outbox::open(std::move(outbox)));
    std::unique_ptr<FleetMember> member(new FleetMember(options, std::move(opened), slots, supervisor, updater, metrics));
    member->m_watch.setRules({});
    if (const auto started = member->m_link.start(); started.hasError()) {
        if (supervisor.model().empty())
            return started.error();
        spdlog::error("{} The model answers without its fleet.", started.error().message);
    }
    return member;
}

FleetMember::FleetMember(
    const Options& options, std::unique_ptr<Outbox> outbox, Slots& slots, Supervisor& supervisor, Updater& updater, const Metrics& metrics)
    : m_outbox(std::move(outbox))
    , m_watch({ fleetFolder(options.state) / "budget.json", options.collects, std::random_device()() }, *m_outbox)
    , m_link(linkOptions(options, supervisor), slots, supervisor, updater, metrics, *m_outbox)
{
}

FleetLink::Options FleetMember::linkOptions(const Options& options, Supervisor& supervisor)
{
    FleetLink::Options link { fleetFolder(options.state), options.program, options.access, {}, {} };
    link.onDesired = [this](const protocol::DesiredState& state) { m_watch.setRules(state); };
    link.onTick = [this, &supervisor] { m_watch.tick(supervisor); };
    return link;
}

void FleetMember::leave()
{
    m_watch.finish();
    m_link.stop();
}

}
