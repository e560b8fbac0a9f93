#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/dataset/project_reader.h"
#include "core/fleet/fleet_view.h"
#include "core/fleet/own_packages.h"
#include "core/monitoring/alerts.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace percept::monitoring {

struct DeviceState {
    std::string name, ring;
    std::string version; // of the model that it runs, as far as is known
    bool online = false;
    std::int64_t seenMs = 0; // 0: never
    std::int64_t outboxEntries = 0; // as it last said
};

// Something that a person should know, in words.
struct Alert {
    std::string kind; // nameOf(Measure), "offline", "no-hub"
    std::string device, version; // version empty for what no model is to blame for
    Level level = Level::Warn;
    std::string title, text, next; // what, how sure, what to do
    std::int64_t sinceMs = 0, endedMs = 0; // ended 0: it goes on
    std::string details {}; // the statistic behind a change, for engineers; empty for the rest
    bool isOpen() const { return endedMs == 0 && level != Level::Watch; }
};

// All that is known of a project's models in the field.
struct Overview {
    std::int64_t nowMs = 0;
    bool hubRuns = false;
    std::vector<DeviceState> devices; // that run the project's models, are to, or run nothing yet
    std::vector<Track> tracks;        // by device and version
    std::vector<JudgedTrack> judged;  // in the order of tracks
    std::vector<Alert> alerts;        // open (offline first, then by level), closed, watched
    std::int64_t unreadable = 0;      // windows of the store that make no sense
    Rules rules;
};

// Reads a fleet beside its hub, again and again: only what is new is read. One thread at a time.
class FleetMonitor {
public:
    // `fleet`: the hub's folder. `project`: whose models are looked at.
    FleetMonitor(std::filesystem::path fleet, std::filesystem::path project)
        : m_fleet(std::move(fleet))
        , m_project(std::move(project))
        , m_own(m_fleet)
    {
    }
    // NotFound: no hub has ever run with that folder. Cancelled: the next call goes on where this one stopped.
    base::Result<Overview> read(const dataset::ProjectReader& reader, const Rules& rules, std::int64_t nowMs, const base::ProgressFn& progress = {},
        const base::CancelToken& cancel = {});

private:
    base::Result<void> readProject(const dataset::ProjectReader& reader);
    base::Result<void> readWindows(const base::ProgressFn& progress, const base::CancelToken& cancel);
    std::vector<DeviceState> statesOf(const std::vector<fleet::Device>& devices) const;

    std::filesystem::path m_fleet, m_project;
    std::unique_ptr<fleet::FleetView> m_view;
    fleet::TelemetryCursor m_cursor;
    std::map<std::pair<std::string, std::string>, Track> m_tracks; // by device and version
    fleet::OwnPackages m_own;
    std::map<std::string, std::string> m_runs; // by version
    std::map<std::string, Window> m_validation; // by version
    std::int64_t m_windows = 0, m_unreadable = 0;
};

// What `percept monitor --json` prints; its keys are documented in resources/help/command-line.md. Counts are of the time
// from `fromMs` on.
nlohmann::json overviewDocument(const Overview& overview, std::int64_t fromMs);

// The sum of a track from `fromMs` on, in whole hours.
Tally totalSince(const Track& track, std::int64_t fromMs);

// When something was told, in ms since 1970.
struct ToldSpan {
    std::int64_t fromMs = 0, toMs = 0;
    std::int64_t lengthMs() const { return toMs - fromMs; }
};
// From the first word after `fromMs` to the last, over all tracks of `device` (empty: of all): what rates are counted over, so that a
// device that began an hour ago is not said to be slow. Nothing when none has told anything since.
std::optional<ToldSpan> toldSince(std::span<const Track> tracks, const std::string& device, std::int64_t fromMs);

}
