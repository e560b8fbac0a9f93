#include "core/base/time.h"
#include "core/fleet/hub_core.h"
#include "core/protocol/fleet_enrolment.h"
#include "core/protocol/fleet_topics.h"

#include <fmt/format.h>

namespace percept::fleet {

using transport::httpError;
using transport::HttpRequest;
using transport::HttpResponse;

namespace {

int statusOf(base::ErrorCode code)
{
    switch (code) {
    case base::ErrorCode::Refused:
        return 403;
    case base::ErrorCode::Usage:
        return 400;
    default:
        return 500;
    }
}

base::Result<protocol::EnrolAnswer> enrol(HubCore& core, const protocol::EnrolRequest& request, bool isOutside)
{
    if (isOutside && request.certificateRequest.empty())
        return base::usage("A device on another machine needs a certificate: its request for one is missing.");
    PERCEPT_ASSIGN(trust, PackageShelf::publicKey());
    if (isOutside) // before the token is used up
        PERCEPT_TRY(Authority::checkRequest(request.certificateRequest));
    PERCEPT_ASSIGN(enrolled, core.store.enrol(request.token, request.device, base::nowMs()));
    protocol::EnrolAnswer answer { enrolled.device, enrolled.secret, "127.0.0.1", core.brokerPort, {}, {},
        fmt::format("http://127.0.0.1:{}", core.apiPort), { trust } };
    if (isOutside) {
        PERCEPT_ASSIGN(certificate, core.authority->signDevice(request.certificateRequest, enrolled.certificateName));
        answer.certificate = certificate;
        answer.authority = core.authority->certificate();
        answer.brokerHost = core.host;
        answer.brokerPort = core.outsideBrokerPort;
        answer.packageServer = fmt::format("https://{}:{}", core.host, core.outsidePackagePort);
    }
    if (core.othersBroker)
        core.othersBroker->tell(answer);
    if (core.devicesChanged)
        core.devicesChanged();
    return answer;
}

HttpResponse answerEnrol(HubCore& core, const HttpRequest& request, bool isOutside)
{
    const std::string_view body(reinterpret_cast<const char*>(request.body.data()), request.body.size());
    const auto asked = protocol::decodeEnrolRequest(body);
    if (asked.hasError())
        return httpError(400, asked.error().message);
    const auto answer = enrol(core, asked.value(), isOutside);
    if (answer.hasError())
        return httpError(statusOf(answer.error().code), answer.error().message);
    return { 200, protocol::encode(answer.value()) + "\n", "application/json", {} };
}

HttpResponse answerPackage(HubCore& core, const HttpRequest& request)
{
    const auto device = core.store.findDeviceBySecret(request.bearerToken);
    if (device.hasError())
        return httpError(500, device.error().message);
    if (!device.value())
        return httpError(401, "This is for devices of the fleet only.");
    const auto file = core.shelf.find(request.parts.at(0));
    if (!file)
        return httpError(404, "There is no such package.");
    return { 200, {}, "application/octet-stream", *file };
}

}

void addDeviceRoutes(transport::HttpServer& server, HubCore& core, bool isOutside)
{
    server.post("/enrol", [&core, isOutside](const HttpRequest& request) { return answerEnrol(core, request, isOutside); });
    if (isOutside) // public: it is what a device compares with the hash that it was given
        server.get("/authority", [&core](const HttpRequest&) { return HttpResponse { 200, core.authority->certificate(), "application/x-pem-file", {} }; });
    server.get("/packages/([0-9a-f]{64})", [&core](const HttpRequest& request) { return answerPackage(core, request); });
}

}
