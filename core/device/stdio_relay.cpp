#include "core/device/stdio_relay.h"

#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <unistd.h>

namespace percept::device {

using nlohmann::json;

namespace {

json relayedAnswer(const std::string& line, Supervisor& supervisor, Metrics& metrics)
{
    auto request = protocol::parseJson(line, "The request");
    if (request.hasError() || !request.value().is_object())
        return failureAnswer(nullptr, base::refused("The request is not a JSON object."));
    const json id = request.value().contains("id") ? request.value()["id"] : json();
    request.value().erase("bytes"); // between supervisor and child only
    const bool predicts = request.value().value("type", json()) == "predict";
    if (request.value().value("type", json()) == "load")
        return failureAnswer(id, base::refused("This percept-edge serves the package that it was started with."));
    const double start = base::monotonicSeconds();
    const auto answer = supervisor.ask(std::move(request).value());
    const bool good = answer.hasValue() && !errorOfAnswer(answer.value()).has_value();
    if (predicts && good)
        metrics.addPrediction(base::monotonicSeconds() - start);
    else if (predicts)
        metrics.addError();
    return answer.hasValue() ? answer.value() : failureAnswer(id, answer.error());
}

}

void relayStdio(Supervisor& supervisor, Metrics& metrics, const base::CancelToken& cancel)
{
    transport::LineReader reader(STDIN_FILENO);
    while (!cancel.isCancelled()) {
        const auto line = reader.readLine(0.1);
        if (line.hasError() && line.error().code == base::ErrorCode::Cancelled)
            continue;
        if (line.hasError() || !line.value().has_value())
            return;
        if (transport::writeLine(STDOUT_FILENO, protocol::dumpLine(relayedAnswer(*line.value(), supervisor, metrics))).hasError())
            return;
    }
}

}
