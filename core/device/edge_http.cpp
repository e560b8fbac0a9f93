#include "core/device/edge_http.h"

#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/protocol/json_fields.h"

#include <charconv>
#include <embedded_percept_device.h>
#include <cmath>

namespace percept::device {

using nlohmann::json;
using transport::HttpRequest;
using transport::HttpResponse;
using transport::httpError;

namespace {

HttpResponse jsonResponse(const json& json, int status = 200) { return { status, protocol::dumpLine(json) + "\n", "application/json" }; }

base::Result<std::optional<double>> minScoreOf(const HttpRequest& request)
{
    const auto found = request.query.find("minScore");
    if (found == request.query.end())
        return std::optional<double>();
    const std::string& text = found->second;
    double value = -1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(value >= 0 && value <= 1))
        return base::usage("minScore must be a number from 0 to 1.");
    return std::optional(value);
}

HttpResponse predict(const HttpRequest& request, Supervisor& supervisor, Metrics& metrics)
{
    const double start = base::monotonicSeconds();
    const auto minScore = minScoreOf(request);
    if (minScore.hasError())
        return httpError(400, minScore.error().message);
    if (request.body.empty())
        return httpError(400, "The request has no picture in its body.");
    json question { { "id", 0 }, { "type", "predict" }, { "file", "picture" } };
    if (minScore.value().has_value())
        question["minScore"] = *minScore.value();
    if (request.query.contains("probe"))
        question["probe"] = true;
    auto answer = supervisor.ask(std::move(question), request.body);
    if (answer.hasError()) {
        metrics.addError();
        return httpError(503, answer.error().message);
    }
    if (const auto error = errorOfAnswer(answer.value())) {
        metrics.addError();
        return httpError(error->code == base::ErrorCode::Refused ? 422 : 500, error->message);
    }
    metrics.addPrediction(base::monotonicSeconds() - start);
    answer.value().erase("id");
    answer.value().erase("ok");
    return jsonResponse(answer.value());
}

HttpResponse health(const Supervisor& supervisor, const Metrics& metrics)
{
    const bool serving = supervisor.isServing();
    const json model = supervisor.model();
    json body { { "ok", serving }, { "model", model.value("name", "") }, { "version", model.value("version", "") },
        { "restarts", metrics.totals().restarts } };
    if (!serving)
        body["error"] = model.empty() ? "The first package has not come yet." : "The model process is being started again.";
    return jsonResponse(body, serving ? 200 : 503);
}

}

void addEdgeRoutes(transport::HttpServer& server, Supervisor& supervisor, Metrics& metrics, LiveFrames& live, std::function<json()> status)
{
    server.get("/", [](const HttpRequest&) { return HttpResponse { 200, std::string(embedded::k_live_html), "text/html; charset=utf-8" }; });
    server.stream("/stream", kStreamType, [&live] { return live.watch(); });
    server.get("/status", [status = std::move(status)](const HttpRequest&) { return jsonResponse(status()); });
    server.post("/predict", [&](const HttpRequest& request) { return predict(request, supervisor, metrics); });
    server.get("/healthz", [&](const HttpRequest&) { return health(supervisor, metrics); });
    server.get("/model", [&](const HttpRequest&) { return jsonResponse(supervisor.model()); });
    server.get("/metrics", [&](const HttpRequest&) {
        return HttpResponse { 200, metrics.text(), "text/plain; version=0.0.4; charset=utf-8" };
    });
}

}
