// EdgeRun: what is looked for, opened and started before the first answer.
#include "core/device/edge_service.h"

#include "core/base/files.h"
#include "core/base/hash.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxPackageBytes = 1ull << 30;

}

std::vector<std::string> EdgeRun::childArguments() const { return { "--serve", "--threads", std::to_string(m_options.threads) }; }

Supervisor::Options EdgeRun::supervisorOptions()
{
    Supervisor::Options supervisor;
    supervisor.program = m_options.program;
    supervisor.arguments = childArguments();
    supervisor.fallback = [this](const base::Error& why) { return m_usesSlots ? m_updater->fallBack(why) : std::nullopt; };
    supervisor.staysEmpty = [this](const base::Error& why) { return staysEmpty(why); };
    supervisor.onTakenBack = [this](RefusalKind kind, const std::string& why) { m_updater->trialFailed(kind, why); };
    return supervisor;
}

base::Result<void> EdgeRun::lookForFleet()
{
    PERCEPT_ASSIGN(fleet, findFleet(m_options.state, m_options.fleet));
    m_fleet = std::move(fleet);
    if (!m_fleet && !m_options.http.has_value() && m_options.sources.empty() && !m_options.stdio)
        return base::usage("Nothing to do: give --http, --source or --stdio, or enrol this device in a fleet.");
    return {};
}

base::Result<void> EdgeRun::openSlots()
{
    PERCEPT_ASSIGN(slots, Slots::open(m_options.state));
    m_slots = std::move(slots);
    PERCEPT_TRY(trust(m_options.trusted));
    if (m_fleet) {
        PERCEPT_TRY(trust(m_fleet->trust));
        if (m_slots->record().trusted.empty())
            return base::usage("Whose packages is this device to take? Give the key with --trust KEY.");
        return {};
    }
    if (!m_options.package.empty() || m_slots->record().running().has_value())
        return {};
    return base::usage("There is no package in this state folder yet. Give one with --package FILE.ppkg.");
}

// A key that cannot be kept holds back updates that it has signed, and not the model that is there.
base::Result<void> EdgeRun::trust(const std::vector<std::string>& keys)
{
    const auto kept = m_slots->trust(keys);
    if (kept.hasValue() || !m_slots->record().running().has_value())
        return kept;
    spdlog::error("{} Packages of a key that is new are refused until then.", kept.error().message);
    return {};
}

// A device of a fleet can be helped by its fleet: it goes on without a model when there is none to go on with, but for
// one that was healthy and dies again and again, for which a new start (of the machine, even) may be the cure.
bool EdgeRun::staysEmpty(const base::Error& why)
{
    if (!m_fleet || !m_usesSlots)
        return false;
    const bool wasHealthy = !m_slots->record().isTrial();
    if (wasHealthy && m_hasStarted)
        return false;
    if (!wasHealthy)
        m_updater->trialFailed(RefusalKind::Unhealthy, why.message);
    return true;
}

base::Result<void> EdgeRun::joinFleet()
{
    if (!m_fleet)
        return {};
    if (m_isDraft)
        return base::usage("A device of a fleet serves packages; --package names the folder of a draft.");
    auto member = FleetMember::join({ m_options.state, m_options.version, *m_fleet, m_options.fleet.collects }, *m_slots, m_supervisor, *m_updater, m_metrics);
    if (member.hasValue())
        m_member = std::move(member).value();
    else if (m_supervisor.model().empty())
        return member.error();
    else
        spdlog::error("{} The model answers without its fleet until percept-edge is started again.", member.error().message);
    return {};
}

// The one that was given, when that is new; else the slot's.
base::Result<json> EdgeRun::startModel()
{
    m_updater.emplace(Updater::Options { m_options.program, childArguments(), m_options.gate, m_options.graceSeconds },
        *m_slots, m_supervisor);
    const bool isGiven = !m_options.package.empty();
    m_isDraft = isGiven && fs::is_directory(m_options.package);
    const auto sha256 = isGiven && !m_isDraft ? base::sha256OfFile(m_options.package) : base::Result<std::string>(std::string());
    const auto record = m_slots->record();
    const bool isKnown = isGiven && record.running().has_value() && sha256.hasValue()
        && (sha256.value() == record.givenSha256 || sha256.value() == record.running()->sha256);
    m_usesSlots = !isGiven || (isKnown && !m_isDraft);
    if (m_usesSlots)
        PERCEPT_TRY(countStart());
    PERCEPT_ASSIGN(model, m_supervisor.start(m_usesSlots ? runningFile() : ModelFile { m_options.package, "" }));
    m_hasStarted = true;
    if (!m_usesSlots && !m_isDraft)
        PERCEPT_TRY(takeOver(model));
    m_updater->start();
    return model;
}

ModelFile EdgeRun::runningFile() const
{
    const auto record = m_slots->record();
    return record.running() ? ModelFile { m_slots->pathOf(record.active), record.running()->sha256 } : ModelFile();
}

base::Result<void> EdgeRun::countStart()
{
    const auto counted = m_slots->countStart();
    if (counted.hasValue())
        return {};
    if (counted.error().code != base::ErrorCode::Refused) { // the disk takes nothing: no reason to answer nobody
        spdlog::error("{} This start is not counted.", counted.error().message);
        return {};
    }
    spdlog::error("{} The other slot takes over.", counted.error().message);
    if (const auto left = m_slots->leave({ RefusalKind::Unhealthy, counted.error().message, {}, {}, 0 }); left.hasError())
        spdlog::error("{} It is tried once more.", left.error().message);
    return {};
}

base::Result<void> EdgeRun::openSources()
{
    for (const auto& text : m_options.sources)
        PERCEPT_TRY(m_sources.add(text, { m_options.loops, {} }));
    return {};
}

// The bytes that the child has verified, so that a restart answers with the same model whatever happened to the file
// that was given.
base::Result<void> EdgeRun::takeOver(const json& model)
{
    PERCEPT_ASSIGN(bytes, base::readFile(m_options.package, kMaxPackageBytes));
    if (base::sha256Hex(bytes) != model.value("sha256", ""))
        return base::refused(fmt::format("{} was replaced while it was being loaded. Start percept-edge again.",
            m_options.package.string()));
    PERCEPT_TRY(m_slots->stage(bytes));
    PERCEPT_TRY(m_slots->giveByHand(slotPackageOf(model)));
    m_supervisor.setModelFile(runningFile());
    m_usesSlots = true;
    return {};
}

}
