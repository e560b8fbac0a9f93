#pragma once

#include "core/fleet/own_packages.h"
#include "core/services/this_computer.h"

#include <QObject>
#include <QString>
#include <filesystem>
#include <functional>
#include <map>

class QTimer;

namespace percept::studio {

// What the Deploy page knows of the fleet and does to it. The hub is asked on other threads, every two seconds while
// somebody looks; signals come on the interface thread.
class DeployController : public QObject {
    Q_OBJECT
public:
    explicit DeployController(std::filesystem::path folder, QObject* parent = nullptr);

    enum class Hub { Unknown, None, Starting, Answers };
    Hub hub() const { return m_hub; }
    QString problem() const { return m_problem; } // the sentence of a hub that is there and does not answer, or did not start
    const std::filesystem::path& folder() const { return m_folder; }
    const fleet::FleetState& fleet() const { return m_fleet; }
    const fleet::RolloutView& view() const { return m_view; }
    const services::ThisComputer& thisComputer() const { return m_here; }
    // Whose models are the project's own; empty: no project is open. Read with the fleet.
    void setProject(const std::filesystem::path& project);
    // The project's version that a package of the fleet is; nothing: another project's.
    std::optional<std::string> ownVersion(const std::string& sha256) const;
    fleet::IsOwn isOwn() const; // as it is known now
    // Online devices that run this model, as this or as another release.
    std::size_t numRunning(const fleet::StoredPackage& package) const;
    // Another project's model that a new package takes the place of, in words; empty: none.
    const QString& otherModel() const { return m_models.other; }
    bool isBusy() const { return m_actions > 0; }

    void setWatching(bool on);
    void refresh();
    // Starts the hub where there is a fleet and none runs.
    void wakeHub();

    // Does something at the hub, which is started when none runs; then reads the fleet anew. `done` hears how it went.
    using Work = std::function<base::Result<QString>(fleet::HubClient&)>;
    using Done = std::function<void(const base::Result<QString>&)>;
    void act(Work work, Done done = {});

signals:
    void changed();     // fleet, hub or problem
    void busyChanged();

private:
    struct Models {
        std::map<std::string, std::string> own;  // version by sha256
        std::map<std::string, std::string> keys; // of the model by sha256, see modelKeyOf()
        QString other;
    };
    struct Reading {
        base::Result<fleet::FleetState> fleet;
        fleet::RolloutView view;
        services::ThisComputer here;
        Models models {};
    };
    static Reading read(const std::filesystem::path& folder, const std::filesystem::path& project);
    static Models readModels(const fleet::FleetState& fleet, const std::filesystem::path& folder, const std::filesystem::path& project);
    void take(const Reading& reading);

    std::filesystem::path m_folder, m_project;
    QTimer* m_poll;
    Hub m_hub = Hub::Unknown;
    QString m_problem;
    fleet::FleetState m_fleet;
    fleet::RolloutView m_view;
    services::ThisComputer m_here;
    Models m_models;
    bool m_isReading = false, m_readAgain = false;
    int m_actions = 0;
};

}
