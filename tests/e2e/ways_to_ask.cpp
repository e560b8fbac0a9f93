#include "tests/e2e/ways_to_ask.h"

#include "core/base/files.h"
#include "core/domain/postprocess.h"
#include "core/media/picture.h"
#include "core/media/preprocess.h"
#include "core/packaging/package.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <httplib.h>
#include <stdexcept>
#include <sys/wait.h>

namespace percept::test {

namespace fs = std::filesystem;
using nlohmann::json;
using protocol::EdgePrediction;

namespace {

std::vector<EdgePrediction> predictionsOf(const json& answer, const fs::path& picture)
{
    const auto result = protocol::edgeResultFromJson(answer);
    if (result.hasError())
        throw std::runtime_error(picture.string() + ": " + answer.dump());
    return result->predictions;
}

std::vector<float> floatsOf(const fs::path& file)
{
    const auto bytes = base::readFile(file).value();
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

// ONNX Runtime on one canvas. False: that Python has none.
bool runWitness(const TemporaryFolder& folder, const cv::Mat& canvas)
{
    const std::span<const std::uint8_t> pixels(canvas.data, canvas.total() * 3);
    if (base::atomicWrite(folder / "canvas.rgb", pixels).hasError())
        throw std::runtime_error("the canvas could not be written");
    const auto ran = runProgram("/usr/bin/env", { "python3", PERCEPT_SOURCE_DIR "/tests/core/inference/onnxruntime_witness.py", (folder / "model.onnx").string(),
                                                    (folder / "canvas.rgb").string(), std::to_string(canvas.rows), std::to_string(canvas.cols), (folder / "out").string() });
    if (ran.status == 77)
        return false;
    if (ran.status != 0)
        throw std::runtime_error("ONNX Runtime: " + ran.err);
    return true;
}

std::vector<EdgePrediction> decode(const TemporaryFolder& folder, const cv::Mat& rgb, const protocol::ModelSpec& spec, double minScore)
{
    const auto scores = floatsOf(folder / "out.scores.f32"), boxes = floatsOf(folder / "out.boxes.f32");
    const int anchors = static_cast<int>(boxes.size() / 4), classes = static_cast<int>(spec.labels.size());
    std::vector<EdgePrediction> predictions;
    for (const auto& d : domain::postprocess(scores, boxes, anchors, classes, domain::letterbox(rgb.cols, rgb.rows, spec.inputWidth, spec.inputHeight), rgb.cols, rgb.rows, spec.postprocess))
        if (d.score >= minScore)
            predictions.push_back({ spec.labels[static_cast<std::size_t>(d.label)].name, d.label, d.score, d.box });
    return predictions;
}

double distance(const domain::Box& a, const domain::Box& b)
{
    return std::max({ std::abs(a.x - b.x), std::abs(a.y - b.y), std::abs(a.right() - b.right()), std::abs(a.bottom() - b.bottom()) });
}

void comparePicture(const std::vector<EdgePrediction>& a, std::vector<EdgePrediction> b, double unsureBelow, Difference& difference)
{
    for (const EdgePrediction& p : a) {
        auto nearest = b.end();
        for (auto it = b.begin(); it != b.end(); ++it)
            if (it->label == p.label && (nearest == b.end() || distance(it->box, p.box) < distance(nearest->box, p.box)))
                nearest = it;
        if (nearest == b.end()) {
            difference.others += p.score >= unsureBelow;
            continue;
        }
        ++difference.boxes;
        difference.dx = std::max(difference.dx, distance(nearest->box, p.box));
        difference.dp = std::max(difference.dp, std::abs(nearest->score - p.score));
        b.erase(nearest);
    }
    for (const EdgePrediction& p : b)
        difference.others += p.score >= unsureBelow;
}

}

Answers askCommandLine(const fs::path& package, const Pictures& pictures, std::optional<double> minScore)
{
    std::vector<std::string> arguments { "predict", "--json", package.string() };
    for (const auto& picture : pictures)
        arguments.push_back(picture.string());
    if (minScore)
        arguments.insert(arguments.end(), { "--min-score", std::to_string(*minScore) });
    const auto ran = runProgram("percept", arguments);
    const json answer = ran.json();
    if (ran.status != 0)
        throw std::runtime_error("percept predict: " + ran.out + ran.err);
    Answers answers;
    for (const json& result : answer.at("results"))
        answers[result.at("file").get<std::string>()] = predictionsOf(result, result.at("file").get<std::string>());
    return answers;
}

Answers askStdio(const fs::path& package, const Pictures& pictures, std::optional<double> minScore)
{
    EdgeProcess edge({ "--stdio" });
    const json loaded = edge.ask({ { "id", 0 }, { "type", "load" }, { "package", package.string() } });
    if (!loaded.value("ok", false))
        throw std::runtime_error("percept-edge --stdio: " + loaded.dump());
    Answers answers;
    for (const auto& picture : pictures) {
        json question { { "id", 1 }, { "type", "predict" }, { "file", picture.string() } };
        if (minScore)
            question["minScore"] = *minScore;
        answers[picture] = predictionsOf(edge.ask(question), picture);
    }
    return answers;
}

Answers askHttp(const fs::path& package, const Pictures& pictures, std::optional<double> minScore)
{
    const TemporaryFolder folder;
    EdgeProcess edge({ "run", "--state", (folder / "state").string(), "--package", package.string(), "--http", "127.0.0.1:0" });
    const std::string url = waitForState(folder / "state").at("url");
    httplib::Client client("127.0.0.1", std::stoi(url.substr(url.rfind(':') + 1)));
    client.set_read_timeout(60);
    Answers answers;
    for (const auto& picture : pictures) {
        const auto bytes = base::readFile(picture).value();
        const std::string path = minScore ? "/predict?minScore=" + std::to_string(*minScore) : "/predict";
        const auto response = client.Post(path, std::string(bytes.begin(), bytes.end()), "application/octet-stream");
        if (!response || response->status != 200)
            throw std::runtime_error("POST /predict: " + (response ? response->body : std::string("no answer")));
        answers[picture] = predictionsOf(json::parse(response->body), picture);
    }
    edge.signal(SIGTERM);
    edge.wait();
    return answers;
}

std::optional<Answers> askOnnxRuntime(const fs::path& package, const Pictures& pictures, double minScore)
{
    const TemporaryFolder folder;
    const auto opened = packaging::Package::open(package);
    if (opened.hasError())
        throw std::runtime_error(opened.error().message);
    const auto& spec = opened->manifest().spec;
    if (base::atomicWrite(folder / "model.onnx", opened->file("model.onnx").value()).hasError())
        throw std::runtime_error("the model could not be written");
    Answers answers;
    for (const auto& picture : pictures) {
        const cv::Mat rgb = media::decodePicture(picture).value();
        if (!runWitness(folder, media::letterboxPicture(rgb, spec.inputWidth, spec.inputHeight, spec.fill)))
            return std::nullopt;
        answers[picture] = decode(folder, rgb, spec, minScore);
    }
    return answers;
}

Difference compareAnswers(const Answers& a, const Answers& b, double unsureBelow)
{
    Difference difference;
    for (const auto& [picture, predictions] : a) {
        const auto other = b.find(picture);
        comparePicture(predictions, other == b.end() ? std::vector<EdgePrediction>() : other->second, unsureBelow, difference);
    }
    return difference;
}

}
