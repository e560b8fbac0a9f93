#pragma once

#include "core/domain/annotation.h"
#include "core/protocol/edge_messages.h"

#include <QObject>
#include <QString>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace percept::runs {
class EdgeProcess;
}

namespace percept::studio {

// What the newest model proposes for a picture. The predicting program runs beside the studio; a model that crashes costs
// one answer. Answers are kept per item until a newer model comes. Interface thread; the calls that block run on a thread.
class ProposalSource : public QObject {
    Q_OBJECT
public:
    using Predictions = std::vector<protocol::EdgePrediction>;
    static constexpr double kLeastScore = 0.05; // what the slider can reach

    explicit ProposalSource(QObject* parent = nullptr);
    ~ProposalSource() override;

    // Looks for the newest model of the project (again); empty: no project.
    void setProject(const std::filesystem::path& project);
    // "Model 1.4" or "Run r0003"; empty while there is no model.
    QString modelName() const { return m_modelName; }
    // Where the model's own thresholds lie (their mean); nullopt until it has answered once.
    std::optional<double> ownThreshold() const { return m_ownThreshold; }
    // Why there are none for this item though there is a model; empty when all is well or not known yet.
    QString problem(ItemId item) const;
    void forgetProblem(ItemId item);
    void forgetProblems();

    void want(ItemId item, const std::filesystem::path& file); // replaces what was wanted before
    const Predictions* cached(ItemId item) const;

Q_SIGNALS:
    void proposalsReady(percept::ItemId item);
    void modelChanged();

private:
    struct Wanted { ItemId item; std::filesystem::path file; };
    void work();
    base::Result<protocol::EdgeResult> predict(const std::filesystem::path& model, const std::filesystem::path& file);

    std::map<ItemId, Predictions> m_cache;
    std::map<ItemId, QString> m_problems;
    QString m_modelName;
    std::optional<double> m_ownThreshold;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::filesystem::path m_project;
    bool m_lookForModel = false, m_quit = false;
    std::optional<Wanted> m_wanted;
    std::shared_ptr<runs::EdgeProcess> m_edge; // set by the thread; the destructor stops a call that goes on
    int m_generation = 0;
    std::filesystem::path m_loaded; // thread only: the model that m_edge has
    std::vector<double> m_loadedThresholds; // thread only
    std::thread m_thread;
};

}
