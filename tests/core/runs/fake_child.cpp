// Stands in for percept-trainer and percept-edge, and can misbehave in the ways that a child can. Switches come as
// arguments or, where the caller decides the arguments, in PERCEPT_FAKE.
//   --lines N       N lines "line I"
//   --echo          answers each line of stdin with "echo LINE", ends at its end
//   --flood         output without end, in a line without end
//   --errors TEXT   TEXT to stderr
//   --garbage       bytes that are no message
//   --grandchild F  starts a process that holds the pipes, its pid in the file F
//   --ignore-eof    does not end with its stdin
//   --hang / --crash / --exit N
//   --trainer       hello, progress, finished ok; "stop" on stdin: finished stopped
//   --no-finished   with --trainer: leaves that message out
//   --edge          answers as percept-edge --stdio; a file named *crash* kills it, *hang* stops it, *refuse* is refused
#include "core/protocol/edge_messages.h"
#include "core/protocol/trainer_messages.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

using namespace percept;
using nlohmann::json;

namespace {

[[noreturn]] void hang()
{
    while (true)
        pause();
}

void flood()
{
    const std::string much(1 << 16, 'x');
    while (std::cout << much)
        continue;
}

void startGrandchild(const std::string& file)
{
    const pid_t pid = fork();
    if (pid == 0)
        hang();
    std::ofstream(file) << pid << std::flush;
}

void say(const protocol::TrainerMessage& message)
{
    static std::int64_t seq = 0;
    std::cout << protocol::encode(message, seq++) << std::endl;
}

void beTrainer(bool finish, bool waitForStop)
{
    say(protocol::HelloMessage { "0", "cpu", 2 });
    protocol::ProgressMessage progress;
    progress.epoch = 1, progress.epochs = 2, progress.step = 3, progress.steps = 6, progress.phase = "training";
    say(progress);
    std::string status = "ok", line;
    if (waitForStop)
        while (std::getline(std::cin, line))
            if (const auto command = protocol::decodeTrainerCommand(line); command.hasValue() && command.value() == protocol::TrainerCommand::Stop)
                break;
    if (waitForStop)
        status = "stopped";
    if (finish)
        say(protocol::FinishedMessage { status, "That was it." });
}

json answerOf(const json& request)
{
    json answer { { "id", request["id"] }, { "ok", true } };
    const auto type = request["type"].get<std::string>();
    if (type == "load")
        answer["model"] = { { "name", request["package"] }, { "version", "1.0" }, { "labels", { "a" } }, { "thresholds", { 0.5 } } };
    if (type == "golden")
        answer.update({ { "maxScoreDifference", 1e-6 }, { "maxBoxDifference", 0.01 } });
    if (type != "predict")
        return answer;
    const auto file = request["file"].get<std::string>();
    if (file.find("crash") != std::string::npos)
        std::raise(SIGSEGV);
    if (file.find("hang") != std::string::npos)
        hang();
    if (file.find("refuse") != std::string::npos)
        return { { "id", request["id"] }, { "ok", false }, { "error", "This is no picture." }, { "code", "refused" } };
    protocol::EdgeResult result { file, 10, 20, 1.5, { { "a", 0, 0.75, { 1, 2, 3, 4 } } } };
    answer.update(protocol::toJson(result));
    return answer;
}

void beEdge()
{
    bool loaded = false;
    for (std::string line; std::getline(std::cin, line);) {
        const auto request = json::parse(line);
        loaded |= request["type"] == "load";
        if (!loaded)
            std::cout << json { { "id", request["id"] }, { "ok", false }, { "error", "No model is loaded." }, { "code", "failed" } }.dump() << std::endl;
        else
            std::cout << answerOf(request).dump() << std::endl;
    }
}

int run(std::vector<std::string> words)
{
    const auto has = [&](const char* w) { return std::find(words.begin(), words.end(), w) != words.end(); };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const auto value = i + 1 < words.size() ? words[i + 1] : "";
        if (word == "--lines")
            for (int n = 0; n < std::stoi(value); ++n)
                std::cout << "line " << n << std::endl;
        else if (word == "--errors")
            std::cerr << value << std::endl;
        else if (word == "--garbage")
            std::cout << "{\"type\": 1 \xff\xfe {{{ \nnot json\n\n" << std::flush;
        else if (word == "--grandchild")
            startGrandchild(value);
        else if (word == "--flood")
            flood();
        else if (word == "--trainer") {
            std::signal(SIGPIPE, SIG_IGN); // as the real one does: it outlives who started it
            beTrainer(!has("--no-finished"), has("--wait-for-stop"));
        } else if (word == "--edge")
            beEdge();
        else if (word == "--echo")
            for (std::string line; std::getline(std::cin, line);)
                std::cout << "echo " << line << std::endl;
        else if (word == "--hang" || word == "--ignore-eof")
            hang();
        else if (word == "--crash")
            std::raise(SIGSEGV);
        else if (word == "--exit")
            return std::stoi(value);
    }
    return 0;
}

}

int main(int argc, char** argv)
{
    std::vector<std::string> words(argv + 1, argv + argc);
    if (const char* more = std::getenv("PERCEPT_FAKE")) {
        std::istringstream in(more);
        for (std::string word; in >> word;)
            words.push_back(word);
    }
    return run(std::move(words));
}
