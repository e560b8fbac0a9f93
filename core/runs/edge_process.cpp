#include "core/base/files.h"
#include "core/base/log.h"
#include "core/runs/process.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

namespace percept::runs {

namespace {

using nlohmann::json;

constexpr double kLoadSeconds = 180;    // compiling a large model on a small machine
constexpr double kPredictSeconds = 120; // one picture

// What the reader thread leaves for the caller. Belongs to one process: a new process gets a new mailbox, so the last
// words of the old one cannot be taken for an answer.
struct Mailbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> answers;
    std::optional<Ending> ending;
    bool stopped = false;
};

base::ErrorCode codeFromText(const std::string& text)
{
    if (text == "refused" || text == "untrusted")
        return base::ErrorCode::Refused;
    return text == "not-found" ? base::ErrorCode::NotFound : base::ErrorCode::Failed;
}

// A name travels as JSON: one that is no UTF-8 would arrive as another, of a file that is not there.
base::Result<void> checkName(const std::filesystem::path& file)
{
    try {
        (void)json(file.string()).dump();
        return {};
    } catch (const json::exception&) {
        const auto readable = json(file.filename().string()).dump(-1, ' ', false, json::error_handler_t::replace);
        return base::refused("The name " + readable + " is not valid UTF-8. Rename the file and try again.");
    }
}

class EdgeProcessImpl final : public EdgeProcess {
public:
    explicit EdgeProcessImpl(std::filesystem::path program) : m_program(std::move(program)) { }

    base::Result<LoadedModel> load(const std::filesystem::path& package) override
    {
        const std::scoped_lock lock(m_callMutex);
        m_package.clear();
        PERCEPT_TRY(checkName(package));
        PERCEPT_TRY(ensureProcess());
        PERCEPT_ASSIGN(model, loadIntoProcess(package));
        m_package = package;
        return model;
    }

    base::Result<protocol::EdgeResult> predict(const std::filesystem::path& file, std::optional<double> minScore) override
    {
        PERCEPT_TRY(checkName(file));
        json request { { "type", "predict" }, { "file", file.string() } };
        if (minScore)
            request["minScore"] = *minScore;
        PERCEPT_ASSIGN(answer, askModel(std::move(request)));
        return protocol::edgeResultFromJson(answer);
    }

    base::Result<GoldenResult> golden() override
    {
        PERCEPT_ASSIGN(answer, askModel({ { "type", "golden" } }));
        try {
            return GoldenResult { answer.at("maxScoreDifference").get<double>(), answer.at("maxBoxDifference").get<double>(),
                answer.value("pictures", 0), answer.value("ms", 0.0) };
        } catch (const json::exception& e) {
            return base::failed("percept-edge gave no answer to the golden check.", e.what());
        }
    }

    void stop() override
    {
        const std::scoped_lock lock(m_stateMutex);
        m_stopped = true;
        if (m_mailbox) {
            const std::scoped_lock boxLock(m_mailbox->mutex);
            m_mailbox->stopped = true;
            m_mailbox->changed.notify_all();
        }
        if (m_process)
            m_process->kill();
    }

private:
    base::Result<json> askModel(json request)
    {
        const std::scoped_lock lock(m_callMutex);
        PERCEPT_TRY(ensureProcess());
        return ask(std::move(request), kPredictSeconds);
    }

    base::Result<LoadedModel> loadIntoProcess(const std::filesystem::path& package)
    {
        PERCEPT_ASSIGN(answer, ask({ { "type", "load" }, { "package", package.string() } }, kLoadSeconds));
        try {
            const auto& m = answer.at("model");
            return LoadedModel { m.at("name").get<std::string>(), m.at("version").get<std::string>(),
                m.at("labels").get<std::vector<std::string>>(), m.at("thresholds").get<std::vector<double>>() };
        } catch (const json::exception& e) {
            return base::failed("percept-edge did not say what it loaded. Is it of the same version as this program?", e.what());
        }
    }

    // Starts a process when none lives, and gives it the model that the last one had.
    base::Result<void> ensureProcess()
    {
        {
            const std::scoped_lock lock(m_stateMutex);
            if (m_stopped)
                return base::cancelled();
            if (m_process && !hasEnded(*m_mailbox))
                return {};
        }
        dropProcess();
        startProcess();
        if (m_package.empty())
            return {};
        const auto loaded = loadIntoProcess(m_package);
        return loaded.hasError() ? base::Result<void>(loaded.error()) : base::Result<void>();
    }

    static bool hasEnded(Mailbox& box)
    {
        const std::scoped_lock lock(box.mutex);
        return box.ending.has_value();
    }

    void startProcess()
    {
        auto box = std::make_shared<Mailbox>();
        LineProcess::Options options;
        options.program = m_program;
        options.arguments = { "--stdio" };
        auto process = LineProcess::start(
            options,
            [box](std::string_view line) {
                const std::scoped_lock lock(box->mutex);
                box->answers.emplace_back(line);
                box->changed.notify_all();
            },
            [box](const Ending& ending) {
                const std::scoped_lock lock(box->mutex);
                box->ending = ending;
                box->changed.notify_all();
            });
        const std::scoped_lock lock(m_stateMutex);
        box->stopped = m_stopped;
        m_mailbox = std::move(box);
        m_process = std::move(process);
    }

    void dropProcess()
    {
        std::unique_ptr<LineProcess> old;
        {
            const std::scoped_lock lock(m_stateMutex);
            old = std::move(m_process);
        }
    }

    base::Result<json> ask(json request, double limitSeconds)
    {
        const auto id = ++m_lastId;
        request["id"] = id;
        auto box = m_mailbox;
        m_process->writeLine(request.dump(-1, ' ', false, json::error_handler_t::replace));
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(limitSeconds);
        std::unique_lock lock(box->mutex);
        while (true) {
            const bool something = box->changed.wait_until(lock, std::chrono::time_point_cast<std::chrono::nanoseconds>(deadline),
                [&] { return !box->answers.empty() || box->ending || box->stopped; });
            if (box->stopped)
                return base::cancelled();
            if (!something)
                return giveUp(lock, request, limitSeconds);
            if (box->answers.empty())
                return base::failed(whatFor(request) + ": " + box->ending->message);
            const auto answer = json::parse(box->answers.front(), nullptr, /*allow_exceptions=*/false);
            box->answers.pop_front();
            if (answer.is_object() && answer.contains("id") && answer["id"] == id)
                return judge(answer);
            spdlog::warn("percept-edge wrote a line that answers nothing we asked");
        }
    }

    base::Result<json> giveUp(std::unique_lock<std::mutex>& lock, const json& request, double limitSeconds)
    {
        lock.unlock();
        m_process->kill();
        m_process->wait();
        return base::failed(whatFor(request) + ": percept-edge gave no answer within "
            + std::to_string(static_cast<int>(limitSeconds)) + " seconds and was stopped.");
    }

    static std::string whatFor(const json& request)
    {
        for (const char* key : { "file", "package" })
            if (request.contains(key))
                return request[key].get<std::string>();
        return "The model";
    }

    static base::Result<json> judge(const json& answer)
    {
        if (answer.contains("ok") && answer["ok"] == true)
            return answer;
        try {
            return base::Error { codeFromText(answer.value("code", "failed")), answer.at("error").get<std::string>(), {} };
        } catch (const json::exception& e) {
            return base::failed("percept-edge refused without saying why.", e.what());
        }
    }

    const std::filesystem::path m_program;
    std::mutex m_callMutex;         // one call at a time
    std::filesystem::path m_package; // what a restarted process loads again
    std::int64_t m_lastId = 0;
    std::mutex m_stateMutex;        // guards what stop() needs
    std::shared_ptr<Mailbox> m_mailbox;
    std::unique_ptr<LineProcess> m_process; // last member: its callbacks use none of ours, only the mailbox
    bool m_stopped = false;
};

}

base::Result<std::unique_ptr<EdgeProcess>> EdgeProcess::start()
{
    const auto program = base::sisterProgram("percept-edge");
    std::error_code ec;
    if (!std::filesystem::is_regular_file(program, ec))
        return base::failed(program.string() + " is missing, and without it no model can be run. Install Percept completely.");
    return std::unique_ptr<EdgeProcess>(std::make_unique<EdgeProcessImpl>(program));
}

}
