#include "core/device/trial.h"

#include "core/base/time.h"
#include "core/device/model_session.h"

#include <algorithm>

namespace percept::device {

using nlohmann::json;
using Bytes = std::span<const std::uint8_t>;

namespace {

constexpr double kFormerSeconds = 60; // it has answered everything so far
constexpr double kLeastLate = 0.25, kMostLate = 1; // seconds, until the former answers for it
constexpr double kMostPatience = 10;               // times, for a candidate that gets no processor
constexpr double kLateShare = 1.0 / 6;             // of the patience, which is twenty times its slowest picture

Trial::Failure failureOf(const ChildProcess& candidate, const base::Error& error)
{
    return { candidate.hasTimedOut() ? RefusalKind::Hang : RefusalKind::Crash, error.message };
}

bool hasFailed(const json& answer)
{
    const auto error = errorOfAnswer(answer);
    return error.has_value() && error->code == base::ErrorCode::Failed;
}

Trial::Failure failsWhereFormerDoesNot(const json& answer)
{
    return { RefusalKind::Live, "It failed on a picture that the version before can answer: " + errorOfAnswer(answer)->message };
}

}

bool isPictureRequest(const json& request) { return request.value("type", json()) == "predict"; }

Trial::Trial(LoadedChild former, double patienceSeconds, std::filesystem::path proc)
    : m_former(std::move(former))
    , m_patience(patienceSeconds)
    , m_late(std::clamp(patienceSeconds * kLateShare, kLeastLate, kMostLate))
    , m_proc(std::move(proc))
{
}

// A machine with other work is no fault of the model; and nobody waits meanwhile, the former answers.
bool Trial::Debt::isOver() const
{
    const double waited = base::monotonicSeconds() - since;
    return waited >= kMostPatience * patience || (waited >= patience && waited - (starved ? starved->seconds() : 0) >= patience);
}

Trial::Reply Trial::byFormer(const json& request, Bytes payload)
{
    return { m_former.process->ask(request, payload, kFormerSeconds), /*isFormers=*/true, {} };
}

std::optional<Trial::Failure> Trial::look(ChildProcess& candidate)
{
    if (!m_debt) {
        if (candidate.isAlive())
            return std::nullopt;
        return Failure { RefusalKind::Crash, "Its process " + candidate.describeEnd() + "." };
    }
    const Debt debt = *m_debt;
    const auto answer = candidate.await(0);
    if (!answer && !debt.isOver())
        return std::nullopt;
    m_debt.reset();
    if (!answer)
        return failureOf(candidate, candidate.giveUp(base::monotonicSeconds() - debt.since));
    if (answer->hasError())
        return failureOf(candidate, answer->error());
    if (debt.isPicture && debt.formerAnswered && hasFailed(answer->value()))
        return failsWhereFormerDoesNot(answer->value());
    return std::nullopt;
}

Trial::Reply Trial::judge(ChildProcess& candidate, base::Result<json> answer, const json& request, Bytes payload)
{
    if (answer.hasError()) {
        Failure failure = failureOf(candidate, answer.error());
        return { std::move(answer), false, std::move(failure) };
    }
    if (!isPictureRequest(request) || !hasFailed(answer.value()))
        return { std::move(answer), false, {} };
    const auto former = byFormer(request, payload).answer;
    if (former.hasError() || errorOfAnswer(former.value()).has_value())
        return { std::move(answer), false, {} }; // it is the picture
    Failure failure = failsWhereFormerDoesNot(answer.value());
    return { std::move(answer), false, std::move(failure) };
}

Trial::Reply Trial::whenLate(ChildProcess& candidate, Debt debt, const json& request, Bytes payload)
{
    Reply reply = byFormer(request, payload);
    if (reply.answer.hasValue()) {
        debt.formerAnswered = !errorOfAnswer(reply.answer.value()).has_value();
        debt.starved.emplace(candidate.pid(), m_proc);
        m_debt = debt;
        return reply;
    }
    // The former has died: there is nobody else to wait for.
    if (auto answer = candidate.await(std::max(0.0, debt.patience - m_late)))
        return judge(candidate, std::move(*answer), request, payload);
    const base::Error error = candidate.giveUp(debt.patience);
    return { error, false, failureOf(candidate, error) };
}

Trial::Reply Trial::ask(ChildProcess& candidate, const json& request, Bytes payload, double otherPatience)
{
    if (m_debt) {
        if (auto failure = look(candidate))
            return { base::failed(failure->why), false, std::move(failure) };
        if (m_debt)
            return byFormer(request, payload);
    }
    const bool isPicture = isPictureRequest(request); // patience was measured on them
    const Debt debt { base::monotonicSeconds(), isPicture ? m_patience : otherPatience, isPicture, false, {} };
    if (const auto begun = candidate.begin(request, payload); begun.hasError())
        return { begun.error(), false, failureOf(candidate, begun.error()) };
    if (auto answer = candidate.await(m_late))
        return judge(candidate, std::move(*answer), request, payload);
    return whenLate(candidate, debt, request, payload);
}

}
