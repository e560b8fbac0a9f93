#pragma once

#include "core/dataset/project_reader.h"
#include "core/fleet/hub_client.h"
#include "core/fleet/rollout_view.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace percept::fleet {

// What a package says of its model that stays when a hub signs it again as a later release; equal for no two models. Empty: it cannot be
// read. Reads a file once, until it changes. Any thread.
std::string modelKeyOf(const std::filesystem::path& package);

// Which of the models that a fleet speaks of are a project's own. Names do not tell: two projects may have the same one, and both have a
// version 1.0. The packages that lie in the project are compared with those that the hub gave out, whatever release they became there.
// One thread at a time.
class OwnPackages {
public:
    // `fleet`: the hub's folder, which need not be there.
    explicit OwnPackages(std::filesystem::path fleet)
        : m_fleet(std::move(fleet))
    {
    }
    base::Result<void> read(const dataset::ProjectReader& reader); // what the project has by now

    // The project's version that it is; nothing: it is another project's. Of a package that neither lies in the project nor at the hub,
    // the name decides: nothing else is known of it.
    std::optional<std::string> versionOf(const NamedModel& told) const;
    bool has(const NamedModel& told) const { return versionOf(told).has_value(); }
    IsOwn test() const; // has(), as long as this is there

private:
    std::optional<std::string> find(const NamedModel& told) const;
    const std::map<std::string, std::string>& hashes() const;

    std::filesystem::path m_fleet, m_project;
    std::string m_name;
    std::map<std::string, std::string> m_files;  // by version
    std::map<std::string, std::string> m_keys;   // version by key
    mutable std::optional<std::map<std::string, std::string>> m_hashes; // version by SHA-256, once it is asked for
    mutable std::map<std::string, std::optional<std::string>> m_known;  // answers, by hash and name
};

}
