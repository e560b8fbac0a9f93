// percept-edge beside its budgets (DESIGN 8): start to first answer, memory while serving and while a candidate is checked, speed
// against ONNX Runtime.
//   edge_bench PACKAGE [ROUNDS]
// PACKAGE: a .ppkg, a draft's folder, or the model/ folder that a training left (then a draft is made of a copy).
// ONNX Runtime: python3 with build/deps/witness, or PERCEPT_PYTHON.
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/inference/engine.h"
#include "core/media/picture.h"
#include "core/packaging/package.h"
#include "core/protocol/json_fields.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <future>

namespace {

using namespace percept;
using nlohmann::json;

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// "VmRSS" or "VmHWM" of a process, MiB.
double memoryOf(int pid, const std::string& field)
{
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field + ":"))
            return std::stod(line.substr(field.size() + 1)) / 1024;
    return 0;
}

// Memory that the process does not share with others, and its part of what it does, MiB.
double proportionalMemoryOf(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("Pss:"))
            return std::stod(line.substr(4)) / 1024;
    return 0;
}

std::filesystem::path draftOf(const std::filesystem::path& given, const test::TemporaryFolder& folder)
{
    if (!std::filesystem::is_directory(given) || std::filesystem::exists(given / "manifest.json"))
        return given;
    std::filesystem::copy(given, folder / "draft", std::filesystem::copy_options::recursive);
    const auto text = base::readTextFile(given / "spec.json").value();
    const auto spec = protocol::modelSpecFromJson(json::parse(text)).value();
    const auto signedDraft = packaging::signDraft(folder / "draft", test::testManifest(spec, "draft"), test::testKey());
    if (signedDraft.hasError())
        throw std::runtime_error(signedDraft.error().message + " " + signedDraft.error().detail);
    return folder / "draft";
}

void measureStart(const std::filesystem::path& package, const std::filesystem::path& picture, int rounds)
{
    std::vector<double> first, memory, peak;
    for (int round = 0; round < rounds; ++round) {
        const double start = base::monotonicSeconds();
        test::EdgeProcess edge({ "--stdio", "--threads", "1" });
        edge.ask({ { "id", 1 }, { "type", "load" }, { "package", package.string() } });
        const json answer = edge.ask({ { "id", 2 }, { "type", "predict" }, { "file", picture.string() } });
        first.push_back(base::monotonicSeconds() - start);
        if (!answer.value("ok", false))
            throw std::runtime_error(answer.dump());
        for (int i = 0; i < 20; ++i)
            edge.ask({ { "id", 3 }, { "type", "predict" }, { "file", picture.string() } });
        memory.push_back(memoryOf(edge.pid(), "VmRSS"));
        peak.push_back(memoryOf(edge.pid(), "VmHWM"));
    }
    fmt::print("--stdio: first answer after {:.3f} s (median of {}; {:.3f} to {:.3f}), {:.0f} MiB serving, {:.0f} MiB at most\n",
        median(first), rounds, *std::min_element(first.begin(), first.end()), *std::max_element(first.begin(), first.end()),
        median(memory), median(peak));
}

void measureService(const std::filesystem::path& package, const std::filesystem::path& picture, const test::TemporaryFolder& folder)
{
    std::vector<double> first;
    std::string memory;
    for (int round = 0; round < 3; ++round) {
        std::filesystem::remove_all(folder / "state");
        const double start = base::monotonicSeconds();
        test::EdgeProcess edge({ "run", "--threads", "1", "--state", (folder / "state").string(), "--package", package.string(), "--stdio" });
        edge.ask({ { "id", 2 }, { "type", "predict" }, { "file", picture.string() } });
        first.push_back(base::monotonicSeconds() - start);
        for (int i = 0; i < 20; ++i)
            edge.ask({ { "id", 3 }, { "type", "predict" }, { "file", picture.string() } });
        const int child = test::childrenOf(edge.pid()).at(0);
        memory = fmt::format("supervisor {:.0f} MiB resident ({:.0f} proportional), child {:.0f} MiB ({:.0f} proportional)",
            memoryOf(edge.pid(), "VmRSS"), proportionalMemoryOf(edge.pid()), memoryOf(child, "VmRSS"), proportionalMemoryOf(child));
        edge.signal(SIGTERM);
        edge.wait();
    }
    fmt::print("run: first answer after {:.3f} s, golden check included; {}\n", median(first), memory);
}

struct Memory { double resident = 0, proportional = 0; std::size_t processes = 0; };

// Of percept-edge and its children together. Resident counts what they share once for each; proportional once.
Memory memoryOfAll(int pid)
{
    auto pids = test::childrenOf(pid);
    pids.push_back(pid);
    Memory all { 0, 0, pids.size() };
    for (const int one : pids) {
        all.resident += memoryOf(one, "VmRSS");
        all.proportional += proportionalMemoryOf(one);
    }
    return all;
}

// The same model as a later release: other bytes, so that it is checked.
void writeCandidate(const packaging::Package& package, const std::filesystem::path& out)
{
    std::map<std::string, std::vector<std::uint8_t>> files;
    for (const auto& entry : package.manifest().files) {
        const auto bytes = package.file(entry.name).value();
        files.emplace(entry.name, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    }
    auto manifest = package.manifest();
    manifest.version = "999.0";
    ++manifest.releaseCounter;
    const auto written = packaging::writePackage(out, manifest, files, test::testKey());
    if (written.hasError())
        throw std::runtime_error(written.error().message);
}

// Pictures are asked for all the while, as on a device that works.
void measureUpdate(const std::filesystem::path& given, const packaging::Package& package, const std::filesystem::path& picture,
    const test::TemporaryFolder& folder)
{
    std::filesystem::remove_all(folder / "state");
    writeCandidate(package, folder / "candidate.ppkg");
    test::EdgeProcess edge({ "run", "--threads", "1", "--state", (folder / "state").string(), "--package", given.string(), "--stdio", "--grace", "1" });
    const json question { { "id", 1 }, { "type", "predict" }, { "file", picture.string() } };
    for (int i = 0; i < 20; ++i)
        edge.ask(question);
    const Memory serving = memoryOfAll(edge.pid());
    auto update = std::async(std::launch::async, [&] {
        return test::runProgram("percept-edge", { "update", "--state", (folder / "state").string(), "--package", (folder / "candidate.ppkg").string(), "--json" });
    });
    Memory peak;
    while (update.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
        edge.ask(question);
        const Memory now = memoryOfAll(edge.pid());
        peak = { std::max(peak.resident, now.resident), std::max(peak.proportional, now.proportional), std::max(peak.processes, now.processes) };
    }
    const auto ran = update.get();
    if (ran.status != 0 || peak.processes < 3)
        throw std::runtime_error("The candidate was not taken: " + ran.out + ran.err);
    fmt::print("all processes: serving {:.0f} MiB proportional ({:.0f} resident), at most 180; while a candidate is checked {:.0f} ({:.0f}), "
               "at most 320\n", serving.proportional, serving.resident, peak.proportional, peak.resident);
    edge.signal(SIGTERM);
    edge.wait();
}

// A Python that waits for a count on each line and answers with the seconds that so many pictures took.
class Witness {
public:
    Witness(const std::filesystem::path& onnx, const cv::Mat& canvas)
    {
        const char* python = std::getenv("PERCEPT_PYTHON");
        const std::string command = fmt::format("PYTHONPATH={} {} {}/tests/bench/onnxruntime_rate.py {} {} {} > {}.out",
            PERCEPT_WITNESS_DIR, python != nullptr ? python : "python3", PERCEPT_SOURCE_DIR, onnx.string(), canvas.rows, canvas.cols,
            onnx.string());
        std::remove((onnx.string() + ".out").c_str());
        m_pipe = ::popen(command.c_str(), "w");
        m_answers = onnx.string() + ".out";
    }
    ~Witness() { ::pclose(m_pipe); }
    // Negative when there is no ONNX Runtime.
    double seconds(int count)
    {
        fmt::print(m_pipe, "{}\n", count);
        std::fflush(m_pipe);
        ++m_asked;
        for (int i = 0; i < 6000; ++i) {
            std::ifstream file(m_answers);
            std::vector<double> values;
            for (double value = 0; file >> value;)
                values.push_back(value);
            if (values.size() >= m_asked)
                return values[m_asked - 1];
            ::usleep(10'000);
        }
        return -1;
    }

private:
    FILE* m_pipe = nullptr;
    std::string m_answers;
    std::size_t m_asked = 0;
};

void compareSpeed(const packaging::Package& package, const test::TemporaryFolder& folder, int rounds)
{
    const auto onnx = package.file("model.onnx").value();
    const auto canvas = media::decodePicture(package.file("golden/0.png").value(), "golden/0.png").value();
    if (base::atomicWrite(folder / "model.onnx", onnx).hasError())
        return;
    auto engine = inference::makeOpenVinoEngine(onnx, package.manifest().spec, { 1 }).value();
    Witness witness(folder / "model.onnx", canvas);
    constexpr int kCount = 40;
    (void)witness.seconds(5); // both warm
    for (int i = 0; i < 5; ++i)
        (void)engine->run(canvas);
    std::vector<double> ours, ratios;
    for (int round = 0; round < rounds; ++round) {
        const double start = base::monotonicSeconds();
        for (int i = 0; i < kCount; ++i)
            (void)engine->run(canvas);
        const double seconds = base::monotonicSeconds() - start, theirs = witness.seconds(kCount);
        if (theirs < 0) {
            fmt::print("speed: no ONNX Runtime to compare with\n");
            return;
        }
        ours.push_back(kCount / seconds);
        ratios.push_back(theirs / seconds);
    }
    fmt::print("{} x {} canvas, 1 thread, f32: {:.1f} img/s; {:.3f} x ONNX Runtime (median of {} rounds; {:.3f} to {:.3f})\n",
        canvas.cols, canvas.rows, median(ours), median(ratios), rounds, *std::min_element(ratios.begin(), ratios.end()),
        *std::max_element(ratios.begin(), ratios.end()));
}

}

int main(int argc, char** argv)
{
    if (argc < 2) {
        fmt::print(stderr, "usage: edge_bench PACKAGE|DRAFT|MODEL_FOLDER [ROUNDS]\n");
        return 2;
    }
    try {
        const int rounds = argc > 2 ? std::atoi(argv[2]) : 9;
        test::TemporaryFolder folder;
        const auto path = draftOf(argv[1], folder);
        auto package = packaging::Package::open(path);
        if (package.hasError())
            throw std::runtime_error(package.error().message);
        const auto picture = folder / "picture.png";
        const auto png = package.value().file("golden/0.png").value();
        if (base::atomicWrite(picture, png).hasError())
            return 1;
        fmt::print("model {:.1f} MiB\n", static_cast<double>(package.value().file("model.onnx").value().size()) / (1 << 20));
        measureStart(path, picture, rounds);
        measureService(path, picture, folder);
        measureUpdate(path, package.value(), picture, folder);
        compareSpeed(package.value(), folder, rounds);
    } catch (const std::exception& e) {
        fmt::print(stderr, "edge_bench: {}\n", e.what());
        return 1;
    }
    return 0;
}
