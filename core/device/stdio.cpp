#include "core/device/stdio.h"

#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

// 0 when the request has no payload.
base::Result<std::size_t> payloadSize(const json& request, const StdioOptions& options)
{
    if (!options.takesPayload || !request.is_object() || !request.contains("bytes"))
        return std::size_t(0);
    const json& size = request["bytes"];
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > kMaxPayloadBytes)
        return base::refused("A request announces a picture of an impossible size.");
    return size.get<std::size_t>();
}

}

int serveStdio(ModelSession& session, int in, int out, const StdioOptions& options)
{
    transport::LineReader reader(in);
    while (true) {
        const auto line = reader.readLine();
        if (line.hasError()) {
            // Where the next request begins cannot be known any more.
            spdlog::error("{}", line.error().message);
            (void)transport::writeLine(out, protocol::dumpLine(failureAnswer(nullptr, line.error())));
            return 1;
        }
        if (!line.value().has_value())
            return 0;
        const auto request = protocol::parseJson(*line.value(), "The request");
        json answer;
        if (request.hasError()) {
            answer = failureAnswer(nullptr, request.error());
        } else {
            const auto size = payloadSize(request.value(), options);
            if (size.hasError())
                return 1;
            const auto payload = reader.readBytes(size.value());
            if (payload.hasError())
                return 1;
            answer = session.answer(request.value(), payload.value());
        }
        if (transport::writeLine(out, protocol::dumpLine(answer)).hasError())
            return 1;
    }
}

}
