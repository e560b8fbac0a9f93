#include "core/device/model_session.h"

#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/device/draw_boxes.h"
#include "core/inference/golden.h"
#include "core/media/picture.h"
#include "core/media/picture_measures.h"
#include "core/media/shrink.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <malloc.h>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr int kJpegQuality = 90;

std::string_view codeText(const base::Error& error)
{
    if (error.detail == packaging::kSignatureFault)
        return "untrusted";
    switch (error.code) {
    case base::ErrorCode::NotFound: return "not-found";
    case base::ErrorCode::Refused: return "refused";
    default: return "failed";
    }
}

json describeModel(const packaging::Package& package)
{
    const auto& manifest = package.manifest();
    json labels = json::array(), thresholds = json::array();
    for (const auto& label : manifest.spec.labels) {
        labels.push_back(label.name);
        thresholds.push_back(label.threshold);
    }
    return { { "name", manifest.name }, { "version", manifest.version }, { "labels", std::move(labels) },
        { "thresholds", std::move(thresholds) }, { "task", domain::toString(manifest.spec.task) },
        { "inputWidth", manifest.spec.inputWidth }, { "inputHeight", manifest.spec.inputHeight },
        { "sha256", package.sha256() }, { "releaseCounter", manifest.releaseCounter }, { "signer", manifest.publicKey } };
}

// Signed by one of the keys; no key: by whomever.
base::Result<packaging::Package> openTrusted(const std::string& path, const json* trusted)
{
    auto package = packaging::Package::open(path, trusted == nullptr ? "" : trusted->front().get<std::string>());
    if (trusted != nullptr)
        for (std::size_t i = 1; i < trusted->size() && package.hasError(); ++i)
            if (package.error().detail == packaging::kSignatureFault)
                package = packaging::Package::open(path, trusted->at(i).get<std::string>());
    return package;
}

// For who watches over a model in the field: "scores" is the best one of each label, also below its threshold.
json measuredOf(const cv::Mat& rgb, const protocol::EdgeResult& all, const protocol::ModelSpec& spec)
{
    std::vector<double> scores(spec.labels.size(), 0.0);
    for (const auto& prediction : all.predictions) {
        auto& score = scores[static_cast<std::size_t>(prediction.labelIndex)];
        score = std::max(score, prediction.score);
    }
    const auto looks = media::measurePicture(rgb);
    return { { "scores", std::move(scores) }, { "brightness", looks.brightness }, { "sharpness", looks.sharpness } };
}

base::Result<cv::Mat> pictureOf(const json& request, std::span<const std::uint8_t> payload)
{
    protocol::JsonFields fields(request, "The request");
    const std::string file = fields.requiredText("file");
    if (fields.hasFault())
        return fields.fault();
    return payload.empty() ? media::decodePicture(std::filesystem::path(file)) : media::decodePicture(payload, file);
}

}

json failureAnswer(const json& id, const base::Error& error)
{
    return { { "id", id }, { "ok", false }, { "error", error.message }, { "code", codeText(error) } };
}

std::optional<base::Error> errorOfAnswer(const json& answer)
{
    protocol::JsonFields fields(answer, "The answer");
    if (fields.boolean("ok", false))
        return std::nullopt;
    const std::string code = fields.text("code", "failed"), error = fields.text("error", "The model process gave no reason.");
    if (fields.hasFault())
        return base::failed(fields.fault().message);
    return base::Error { code == "refused" || code == "untrusted" ? base::ErrorCode::Refused
            : code == "not-found"          ? base::ErrorCode::NotFound
                                           : base::ErrorCode::Failed,
        error, code == "untrusted" ? std::string(packaging::kSignatureFault) : "" };
}

ModelSession::ModelSession(inference::EngineOptions options, EngineFactory makeEngine)
    : m_options(options)
    , m_makeEngine(std::move(makeEngine))
{
}

json ModelSession::answer(const json& request, std::span<const std::uint8_t> payload)
{
    const json id = request.is_object() && request.contains("id") ? request["id"] : json();
    try {
        auto result = dispatch(request, payload);
        if (result.hasError()) {
            if (!result.error().detail.empty())
                spdlog::warn("{} ({})", result.error().message, result.error().detail);
            return failureAnswer(id, result.error());
        }
        json answer = std::move(result).value();
        answer["id"] = id;
        answer["ok"] = true;
        return answer;
    } catch (const std::bad_alloc&) {
        return failureAnswer(id, base::failed("There is not enough memory for this picture or model."));
    } catch (const std::exception& e) {
        spdlog::error("a request failed: {}", e.what());
        return failureAnswer(id, base::failed("The request could not be answered."));
    }
}

base::Result<json> ModelSession::dispatch(const json& request, std::span<const std::uint8_t> payload)
{
    protocol::JsonFields fields(request, "The request");
    const std::string type = fields.requiredText("type", 100);
    if (fields.hasFault())
        return fields.fault();
    if (type == "load")
        return load(request);
    if (type == "picture") // needs no model
        return picture(request, payload);
    if (type != "predict" && type != "features" && type != "golden" && type != "model")
        return base::refused("This version does not know the request \"" + type + "\".");
    if (!m_loaded.has_value())
        return base::failed("No model is loaded. Send a load request first.");
    if (type == "model")
        return json { { "model", describeModel(m_loaded->package) } };
    return type == "golden" ? golden() : type == "predict" ? predict(request, payload) : features(request, payload);
}

base::Result<json> ModelSession::load(const json& request)
{
    protocol::JsonFields fields(request, "The request");
    const std::string path = fields.requiredText("package");
    const json* trusted = fields.array("trusted", 100);
    const auto isText = [](const json& key) { return key.is_string(); };
    if (trusted != nullptr && (trusted->empty() || !std::all_of(trusted->begin(), trusted->end(), isText)))
        fields.setFault("trusted", "is not a list of keys");
    if (fields.hasFault())
        return fields.fault();
    PERCEPT_ASSIGN(package, openTrusted(path, trusted));
    PERCEPT_ASSIGN(onnx, package.file("model.onnx"));
    PERCEPT_ASSIGN(engine, m_makeEngine(onnx, package.manifest().spec, m_options));
    package.release("model.onnx");
    inference::ModelRunner runner(package.manifest().spec, std::move(engine));
    m_loaded.reset(); // only now: a load that fails leaves the model that answers
    m_loaded.emplace(std::move(package), std::move(runner));
    ::malloc_trim(0); // reading and compiling leave several times the model's size behind
    return json { { "model", describeModel(m_loaded->package) } };
}

base::Result<json> ModelSession::predict(const json& request, std::span<const std::uint8_t> payload)
{
    const double start = base::monotonicSeconds();
    protocol::JsonFields fields(request, "The request");
    std::optional<double> minScore;
    if (fields.has("minScore"))
        minScore = fields.number("minScore", 0, 1, 0);
    if (fields.hasFault())
        return fields.fault();
    PERCEPT_ASSIGN(rgb, pictureOf(request, payload));
    const bool measures = fields.boolean("measure", false);
    PERCEPT_ASSIGN(result, m_loaded->runner.predict(rgb, measures ? std::optional(0.0) : minScore));
    result.file = request["file"].get<std::string>();
    result.ms = (base::monotonicSeconds() - start) * 1000;
    if (!measures)
        return protocol::toJson(result);
    json measured = measuredOf(rgb, result, m_loaded->runner.spec());
    std::erase_if(result.predictions, [&](const protocol::EdgePrediction& p) {
        return p.score < minScore.value_or(m_loaded->runner.spec().labels[static_cast<std::size_t>(p.labelIndex)].threshold);
    });
    json answer = protocol::toJson(result);
    answer["measured"] = std::move(measured);
    return answer;
}

base::Result<json> ModelSession::picture(const json& request, std::span<const std::uint8_t> payload)
{
    protocol::JsonFields fields(request, "The request");
    const auto longSide = static_cast<int>(fields.integer("longSide", 16, 8192, 2048));
    if (fields.hasFault())
        return fields.fault();
    PERCEPT_ASSIGN(rgb, pictureOf(request, payload));
    const double scale = std::min(1.0, static_cast<double>(longSide) / std::max(rgb.cols, rgb.rows));
    const cv::Size size(std::max(1, cvRound(rgb.cols * scale)), std::max(1, cvRound(rgb.rows * scale)));
    cv::Mat sized = scale < 1 ? media::shrinkByArea(rgb, size) : rgb;
    if (const json* boxes = fields.array("boxes", 10'000))
        drawBoxes(sized, *boxes, scale);
    PERCEPT_ASSIGN(jpeg, media::encodeJpeg(sized, kJpegQuality));
    return json { { "width", size.width }, { "height", size.height }, { "jpeg", base::toBase64(jpeg) } };
}

base::Result<json> ModelSession::features(const json& request, std::span<const std::uint8_t> payload)
{
    PERCEPT_ASSIGN(rgb, pictureOf(request, payload));
    PERCEPT_ASSIGN(values, m_loaded->runner.features(rgb));
    return json { { "features", std::move(values) } };
}

base::Result<json> ModelSession::golden()
{
    PERCEPT_ASSIGN(difference, inference::goldenCheck(m_loaded->package, m_loaded->runner.engine()));
    return json { { "maxScoreDifference", difference.maxScoreDifference },
        { "maxBoxDifference", difference.maxBoxDifference }, { "pictures", difference.pictures },
        { "ms", difference.medianMs } };
}

}
