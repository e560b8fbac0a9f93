#include "core/runs/run_status.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>

namespace percept::runs {

namespace {

using nlohmann::json;

json toJson(const ProcessIdentity& p)
{
    return { { "pid", p.pid }, { "startTicks", p.startTicks }, { "boot", p.boot }, { "host", p.host } };
}

ProcessIdentity identityFromJson(const json& j)
{
    return { j.value("pid", 0), j.value("startTicks", std::uint64_t { 0 }), j.value("boot", ""), j.value("host", "") };
}

RunStatus statusFromJson(const json& j)
{
    RunStatus s;
    s.status = j.value("status", "");
    s.message = j.value("message", "");
    s.createdMs = j.value("createdMs", std::int64_t { 0 });
    s.startedMs = j.value("startedMs", std::int64_t { 0 });
    s.endedMs = j.value("endedMs", std::int64_t { 0 });
    s.process = identityFromJson(j.value("process", json::object()));
    s.follower = identityFromJson(j.value("follower", json::object()));
    s.device = j.value("device", "");
    s.threads = j.value("threads", 0);
    s.detached = j.value("detached", false);
    // Messages are kept word for word, so their own decoder reads them back.
    for (const char* key : { "progress", "finished" }) {
        if (!j.contains(key))
            continue;
        const auto message = protocol::decodeTrainerMessage(j.at(key).dump());
        if (message.hasError())
            continue;
        if (const auto* progress = std::get_if<protocol::ProgressMessage>(&message.value()))
            s.progress = *progress;
        if (const auto* finished = std::get_if<protocol::FinishedMessage>(&message.value()))
            s.finished = *finished;
    }
    return s;
}

}

base::Result<RunStatus> readStatus(const std::filesystem::path& runFolder)
{
    const auto file = runFolder / "status.json";
    PERCEPT_ASSIGN(text, base::readTextFile(file, 1 << 20));
    try {
        return statusFromJson(json::parse(text));
    } catch (const json::exception& e) {
        return base::failed(file.string() + " is damaged. The run itself may be sound: start it again to continue it.", e.what());
    }
}

std::optional<TrainerEnd> readTrainerEnd(const std::filesystem::path& runFolder)
{
    const auto text = base::readTextFile(runFolder / "finished.json", 1 << 20);
    if (text.hasError())
        return std::nullopt;
    const auto message = protocol::decodeTrainerMessage(text.value());
    if (message.hasError() || !std::holds_alternative<protocol::FinishedMessage>(message.value()))
        return std::nullopt;
    const auto time = json::parse(text.value(), nullptr, false).value("time", json());
    return TrainerEnd { std::get<protocol::FinishedMessage>(message.value()), time.is_number_integer() ? time.get<std::int64_t>() : 0 };
}

base::Result<void> askToStop(const std::filesystem::path& runFolder)
{
    return base::atomicWrite(runFolder / "stop", std::string_view());
}

void withdrawStop(const std::filesystem::path& runFolder)
{
    std::error_code ignored;
    std::filesystem::remove(runFolder / "stop", ignored);
}

base::Result<void> setHeld(const std::filesystem::path& runFolder, bool isHeld)
{
    const auto file = runFolder / "pause";
    if (isHeld)
        return base::atomicWrite(file, std::string_view());
    std::error_code ec;
    std::filesystem::remove(file, ec);
    if (ec)
        return base::failed(file.string() + " cannot be removed, so the training keeps waiting: " + base::describeErrno(ec.value()) + ". Remove it by hand.");
    return {};
}

bool isHeld(const std::filesystem::path& runFolder)
{
    std::error_code ec;
    return std::filesystem::exists(runFolder / "pause", ec);
}

std::optional<protocol::ProgressMessage> readProgress(const std::filesystem::path& runFolder)
{
    const auto text = base::readTextFile(runFolder / "progress.json", 1 << 20);
    const auto message = text.hasValue() ? protocol::decodeTrainerMessage(*text) : base::Result<protocol::TrainerMessage>(text.error());
    if (message.hasError() || !std::holds_alternative<protocol::ProgressMessage>(*message))
        return std::nullopt;
    return std::get<protocol::ProgressMessage>(*message);
}

void forgetProgress(const std::filesystem::path& runFolder)
{
    std::error_code ignored;
    std::filesystem::remove(runFolder / "progress.json", ignored);
}

bool isOrphaned(const std::filesystem::path& runFolder)
{
    const auto status = readStatus(runFolder);
    return status.hasValue() && status->status == "running" && !status->detached && isAlive(status->process)
        && !isAlive(status->follower);
}

base::Result<void> writeStatus(const std::filesystem::path& runFolder, const RunStatus& s)
{
    json j { { "status", s.status }, { "message", s.message }, { "createdMs", s.createdMs }, { "startedMs", s.startedMs },
        { "endedMs", s.endedMs }, { "process", toJson(s.process) }, { "follower", toJson(s.follower) }, { "device", s.device }, { "threads", s.threads },
        { "detached", s.detached } };
    if (s.progress)
        j["progress"] = json::parse(protocol::encode(*s.progress, 0));
    if (s.finished)
        j["finished"] = json::parse(protocol::encode(*s.finished, 0));
    return base::atomicWrite(runFolder / "status.json", j.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

}
