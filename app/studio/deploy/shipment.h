#pragma once

#include "app/studio/frame/studio_context.h"
#include "core/services/check_package.h"
#include "core/services/rollout_caution.h"
#include "core/services/speed_forecast.h"

#include <QObject>
#include <QPointer>
#include <optional>

namespace percept::studio {

// What can be rolled out: a version of the project, or a finished run that has none yet.
struct Candidate {
    std::string run, version; // version empty: it is packaged first
    std::filesystem::path file;
    QString title, facts;
};
// Versions and finished runs, newest first. Any thread.
std::vector<Candidate> readCandidates(dataset::ProjectReader& reader, const std::filesystem::path& project);

// One model on its way to the devices: packaged when it is not yet, then checked as a device would.
class Shipment : public QObject {
    Q_OBJECT
public:
    explicit Shipment(StudioContext& context, QObject* parent = nullptr);

    enum class Stage { Choosing, Packaging, Checking, Ready, Failed };
    Stage stage() const { return m_stage; }
    Stage failedAt() const { return m_failedAt; } // Packaging or Checking
    QString problem() const { return m_problem; }
    QString detail() const { return m_detail; }   // how far: "12 of 87"
    const std::optional<services::PackageFacts>& facts() const { return m_facts; }
    // Against what runs, once it is Ready; nothing: there is nothing to compare with, or it could not be (notCompared()).
    const std::optional<services::RolloutCaution>& caution() const { return m_caution; }
    QString notCompared() const { return m_notCompared; } // why
    QString against() const { return m_against; }
    // What the devices run, its package at the hub, and how fast it is there; version empty: nothing of this project.
    void setAgainst(const QString& version, const std::filesystem::path& package, std::vector<services::DeviceSpeed> speeds);
    QString slower() const { return m_slower; } // how much slower than that, in words, once it is Ready; empty: it is not
    bool isWorking() const { return m_stage == Stage::Packaging || m_stage == Stage::Checking; }

    void start(const Candidate& candidate);
    void cancel();
    void reset(); // another one is chosen

signals:
    void changed();

private:
    struct Checked {
        services::PackageFacts facts;
        std::optional<services::RolloutCaution> caution;
        std::string notCompared, slower;
    };
    struct Running {
        std::string version;
        std::filesystem::path package;
        std::vector<services::DeviceSpeed> speeds;
    };
    static base::Result<Checked> checkAndCompare(const std::filesystem::path& file, const std::filesystem::path& project, const Running& running,
        const base::ProgressFn& progress, const base::CancelToken& cancel);
    void followDetail();
    void check(const std::filesystem::path& file);
    void setStage(Stage stage);
    void fail(const base::Error& error);

    StudioContext& m_context;
    QPointer<Job> m_job;
    Stage m_stage = Stage::Choosing, m_failedAt = Stage::Choosing;
    QString m_problem, m_detail, m_against, m_notCompared, m_slower;
    Running m_running;
    std::optional<services::RolloutCaution> m_caution;
    std::optional<services::PackageFacts> m_facts;
    int m_number = 0; // answers to an earlier choice are dropped
};

}
