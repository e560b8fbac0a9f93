#pragma once

#include "core/fleet/rollout_view.h"
#include "core/services/this_computer.h"

#include <QObject>
#include <QString>
#include <filesystem>
#include <functional>

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
    struct Reading {
        base::Result<fleet::FleetState> fleet;
        fleet::RolloutView view;
        services::ThisComputer here;
    };
    static Reading read(const std::filesystem::path& folder);
    void take(const Reading& reading);

    std::filesystem::path m_folder;
    QTimer* m_poll;
    Hub m_hub = Hub::Unknown;
    QString m_problem;
    fleet::FleetState m_fleet;
    fleet::RolloutView m_view;
    services::ThisComputer m_here;
    bool m_isReading = false, m_readAgain = false;
    int m_actions = 0;
};

}
