#include "core/device/updater.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"

#include <spdlog/spdlog.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxPackageBytes = 1ull << 30;
constexpr double kOwesSeconds = 0.1; // until it is looked whether a new model has answered what it owed at the end of its time
constexpr const char* kByHand = "Somebody asked for the version before.";
constexpr const char* kNothingBefore = "There is no version before this one to go back to.";

bool canGoBack(const SlotRecord& record)
{
    return record.running().has_value() && record.other().has_value() && record.other()->isHealthy;
}

}

Updater::Updater(Options options, Slots& slots, Supervisor& supervisor)
    : m_options(std::move(options))
    , m_slots(slots)
    , m_supervisor(supervisor)
{
}

Updater::~Updater()
{
    interrupt();
    {
        const std::lock_guard lock(m_mutex);
        m_released = true;
        m_wake.notify_all();
    }
    if (m_thread.joinable())
        m_thread.join();
}

void Updater::start()
{
    m_isBusy = m_slots.record().isTrial();
    m_thread = std::thread([this] { work(); });
}

void Updater::interrupt()
{
    const std::lock_guard lock(m_mutex);
    m_stopping = true;
    m_cancelCheck.cancel();
    m_wake.notify_all();
}

std::string Updater::phase() const
{
    const std::lock_guard lock(m_mutex);
    return m_phase == Phase::Checking ? "checking" : m_phase == Phase::Trial ? "trial" : "idle";
}

void Updater::setPhase(Phase phase)
{
    const std::lock_guard lock(m_mutex);
    m_phase = phase;
    m_trialFailure.reset();
}

base::Result<UpdateResult> Updater::enqueue(const fs::path& package, std::optional<int> livePictures)
{
    std::future<UpdateResult> result;
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return base::failed("percept-edge is shutting down.");
        const bool endsTrial = package.empty() && m_phase == Phase::Trial;
        if ((m_isBusy && !endsTrial) || m_request.has_value())
            return base::Error { base::ErrorCode::Conflict, "Another package is being checked, or is on trial. Try again in a "
                "moment.", {} };
        m_request.emplace(Request { package, livePictures, { } });
        result = m_request->result.get_future();
        m_wake.notify_all();
    }
    try {
        return result.get();
    } catch (const std::future_error&) {
        return base::failed("percept-edge was stopped before this was decided.");
    }
}

base::Result<UpdateResult> Updater::update(const fs::path& package, std::optional<int> livePictures)
{
    if (package.empty())
        return base::usage("No package was named.");
    return enqueue(package, livePictures);
}

base::Result<json> Updater::rollBack()
{
    if (!canGoBack(m_slots.record()))
        return base::notFound(kNothingBefore);
    if (m_supervisor.takeBack()) {
        trialFailed(RefusalKind::ByHand, kByHand);
        return m_supervisor.model();
    }
    PERCEPT_ASSIGN(result, enqueue({}, {}));
    if (result.status != UpdateResult::Status::RolledBack)
        return base::failed(result.refusal->message);
    return result.model;
}

// On the thread of the candidates: what it starts answers from then on. Since somebody asked, the trial may have failed: then
// the version before answers already, and the slot of the other is empty.
UpdateResult Updater::goBack()
{
    const auto record = m_slots.record();
    UpdateResult result;
    if (!canGoBack(record)) {
        result.refusal = Refusal { RefusalKind::ByHand, kNothingBefore, {}, {}, 0 };
        return result;
    }
    auto child = m_supervisor.load({ m_slots.pathOf(1 - record.active), record.other()->sha256 }, /*comparesGolden=*/true, m_cancelCheck);
    if (child.hasError()) {
        result.refusal = Refusal { RefusalKind::Load, child.error().message, record.other()->sha256, record.other()->version, 0 };
        return result;
    }
    // First the record: it says whether the one that is to be left still runs.
    if (const auto left = m_slots.leave({ RefusalKind::ByHand, kByHand, {}, {}, 0 }, record.running()->sha256); left.hasError()) {
        result.refusal = Refusal { RefusalKind::ByHand, left.error().message, {}, {}, 0 };
        return result;
    }
    result.status = UpdateResult::Status::RolledBack;
    result.model = child.value().model;
    m_supervisor.replace(std::move(child).value());
    return result;
}

void Updater::trialFailed(RefusalKind kind, const std::string& why)
{
    if (const auto left = m_slots.leave({ kind, why, {}, {}, 0 }); left.hasError())
        spdlog::error("{}", left.error().message);
    const std::lock_guard lock(m_mutex);
    m_trialFailure = m_slots.record().lastRefusal;
    m_wake.notify_all();
}

std::optional<ModelFile> Updater::fallBack(const base::Error& why)
{
    const auto before = m_slots.record();
    if (!canGoBack(before))
        return std::nullopt;
    trialFailed(RefusalKind::Unhealthy, why.message);
    return ModelFile { m_slots.pathOf(1 - before.active), before.other()->sha256 };
}

// Waits for it; nothing once interrupted.
std::optional<Updater::Request> Updater::nextRequest()
{
    std::optional<Request> request;
    std::unique_lock lock(m_mutex);
    m_isBusy = false;
    m_wake.wait(lock, [this] { return m_stopping || m_request.has_value(); });
    m_isBusy = true;
    request.swap(m_request);
    if (m_stopping)
        request.reset(); // who waits for it is told by the broken promise
    return request;
}

void Updater::work()
{
    if (m_slots.record().isTrial())
        watch({ });
    while (auto request = nextRequest()) {
        auto result = request->package.empty() ? goBack() : bring(*request);
        if (result.status == UpdateResult::Status::Refused && m_cancelCheck.isCancelled())
            break; // nothing was decided: who waits for it is told by the broken promise
        request->result.set_value(std::move(result));
    }
    std::unique_lock lock(m_mutex); // what this thread has started lives as long as it
    m_wake.wait(lock, [this] { return m_released; });
}

UpdateResult Updater::refuse(UpdateResult result, Refusal refusal)
{
    result.status = UpdateResult::Status::Refused;
    if (result.model.is_object())
        refusal.version = result.model.value("version", "");
    if (refusal.timeMs == 0)
        refusal.timeMs = base::nowMs();
    m_slots.discardStaged();
    result.refusal = std::move(refusal);
    setPhase(Phase::Idle);
    if (m_cancelCheck.isCancelled())
        return result;
    spdlog::error("the package is refused: {}", result.refusal->message);
    if (const auto kept = m_slots.remember(*result.refusal); kept.hasError())
        spdlog::error("{}", kept.error().message);
    return result;
}

UpdateResult Updater::check(const fs::path& package, CandidateCheck& candidateCheck)
{
    UpdateResult result;
    const auto bytes = base::readFile(package, kMaxPackageBytes);
    if (bytes.hasError())
        return refuse(result, { RefusalKind::Unreadable, bytes.error().message, {}, {}, 0 });
    const std::string sha256 = base::sha256Hex(bytes.value());
    const auto record = m_slots.record();
    const bool answers = m_supervisor.model().value("sha256", "") == sha256; // else its slot is damaged: it comes anew
    if (answers && record.running().has_value() && record.running()->sha256 == sha256) {
        result.status = UpdateResult::Status::Unchanged;
        result.model = m_supervisor.model();
        return result;
    }
    const auto staged = m_slots.stage(bytes.value());
    if (staged.hasError())
        return refuse(result, { RefusalKind::Unreadable, staged.error().message, sha256, {}, 0 });
    Candidate candidate { staged.value(), sha256, record.trusted, record.trusted.empty() ? 0 : record.releaseFloor };
    if (auto refusal = candidateCheck.run(candidate))
        return refuse(result, std::move(*refusal));
    result.status = UpdateResult::Status::Healthy;
    result.livePictures = candidateCheck.livePictures();
    return result;
}

UpdateResult Updater::bring(const Request& request)
{
    setPhase(Phase::Checking);
    GateOptions gate = m_options.gate;
    gate.livePictures = request.livePictures.value_or(gate.livePictures);
    CandidateCheck candidateCheck(gate, m_options.program, m_options.arguments, m_supervisor, m_cancelCheck);
    UpdateResult result = check(request.package, candidateCheck);
    if (result.status != UpdateResult::Status::Healthy) {
        setPhase(Phase::Idle);
        return result;
    }
    const double answerSeconds = candidateCheck.trialAnswerSeconds();
    LoadedChild child = candidateCheck.takeChild();
    result.model = child.model;
    const auto switched = m_slots.switchToStaged(slotPackageOf(child.model));
    if (switched.hasError())
        return refuse(result, { RefusalKind::Unreadable, switched.error().message, child.file.sha256, {}, 0 });
    const auto record = m_slots.record();
    child.file.path = m_slots.pathOf(record.active);
    setPhase(Phase::Trial);
    m_supervisor.adopt(std::move(child), answerSeconds);
    spdlog::info("version {} answers now, on trial", record.running()->version);
    return watch(std::move(result));
}

// Until the grace time is over or the trial has failed. An interruption leaves it on trial.
UpdateResult Updater::watch(UpdateResult result)
{
    std::unique_lock lock(m_mutex);
    m_phase = Phase::Trial;
    result.status = UpdateResult::Status::OnTrial;
    const auto isDecided = [this] { return m_stopping || m_trialFailure.has_value() || m_request.has_value(); };
    for (double seconds = m_options.graceSeconds; !m_wake.wait_for(lock, std::chrono::duration<double>(seconds), isDecided); seconds = kOwesSeconds) {
        lock.unlock();
        const bool isSettled = m_supervisor.settle(); // from here on nothing takes it back
        lock.lock();
        if (!isSettled)
            continue; // it has not answered its last picture, and may never
        if (!m_trialFailure.has_value())
            result = keep(std::move(result));
        break;
    }
    if (m_trialFailure.has_value()) {
        result.status = UpdateResult::Status::RolledBack;
        result.refusal = m_trialFailure;
    }
    m_phase = Phase::Idle;
    m_trialFailure.reset();
    return result;
}

UpdateResult Updater::keep(UpdateResult result)
{
    if (const auto committed = m_slots.commit(); committed.hasError())
        spdlog::error("{} The package stays on trial.", committed.error().message);
    else
        result.status = UpdateResult::Status::Healthy;
    return result;
}

}
