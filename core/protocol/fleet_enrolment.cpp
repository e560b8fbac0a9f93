#include "core/protocol/fleet_enrolment.h"

#include "core/protocol/fleet_fields.h"
#include "core/protocol/fleet_topics.h"

#include <algorithm>

namespace percept::protocol {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxPemBytes = 65536, kMostKeys = 16;

std::vector<std::string> keysFrom(JsonFields& fields)
{
    const json* list = fields.array("trust", kMostKeys);
    const auto isKey = [](const json& key) { return key.is_string() && key.get_ref<const std::string&>().size() <= kMaxNameBytes; };
    if (!list || list->empty() || !std::all_of(list->begin(), list->end(), isKey)) {
        fields.setFault("trust", "is not a list of keys");
        return {};
    }
    return list->get<std::vector<std::string>>();
}

std::string optionalText(JsonFields& fields, const char* name, std::size_t maxBytes)
{
    return fields.has(name) ? fields.requiredText(name, maxBytes) : std::string();
}

// Nobody is to be spoken to in the open because a word was missing or misspelt.
BrokerOfOthers brokerFrom(JsonFields& fields)
{
    const json* object = fields.object("broker");
    if (!object || !object->contains("tls") || !(*object)["tls"].is_boolean()) {
        fields.setFault("broker", "does not say whether it has TLS");
        return {};
    }
    JsonFields broker(*object, "The broker");
    BrokerOfOthers found { broker.boolean("tls", true), optionalText(broker, "authority", kMaxPemBytes), optionalText(broker, "user", kMaxNameBytes),
        optionalText(broker, "password", kMaxNameBytes) };
    if (broker.hasFault())
        fields.setFault("broker", broker.fault().message);
    return found;
}

}

std::string encode(const EnrolLine& line)
{
    const std::string end = line.authoritySha256.empty() ? "" : "/" + line.authoritySha256;
    return line.server + "/enrol/" + (line.device.empty() ? "-" : line.device) + "/" + line.token + end;
}

base::Result<EnrolLine> parseEnrolLine(std::string_view text)
{
    const base::Error wrong = base::usage("This is no line of `percept fleet enroll`. Paste it whole: http(s)://HOST:PORT/enrol/...");
    constexpr std::string_view kMark = "/enrol/";
    const std::size_t mark = text.find(kMark);
    if (text.size() > kMaxSentenceBytes || mark == std::string_view::npos)
        return wrong;
    EnrolLine line { std::string(text.substr(0, mark)), {}, {}, {} };
    std::vector<std::string> parts { "" };
    for (const char c : text.substr(mark + kMark.size())) {
        if (c == '/')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    const bool isOutside = line.server.starts_with("https://");
    if ((!isOutside && !line.server.starts_with("http://")) || parts.size() != (isOutside ? 3u : 2u) || parts[1].empty()
        || (parts[0] != "-" && !isDeviceName(parts[0])) || (isOutside && !isSha256(parts[2])))
        return wrong;
    line.device = parts[0] == "-" ? "" : parts[0];
    line.token = parts[1];
    line.authoritySha256 = isOutside ? parts[2] : "";
    return line;
}

std::string encode(const EnrolRequest& request)
{
    return dumpLine({ { "v", kFleetProtocolVersion }, { "token", request.token }, { "device", request.device },
        { "certificateRequest", request.certificateRequest } });
}

base::Result<EnrolRequest> decodeEnrolRequest(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The enrolment"));
    JsonFields fields(object, "The enrolment");
    checkFleetVersion(fields);
    EnrolRequest request { fields.requiredText("token", kMaxNameBytes), optionalText(fields, "device", kMaxNameBytes),
        optionalText(fields, "certificateRequest", kMaxPemBytes) };
    if (!request.device.empty() && !isDeviceName(request.device))
        fields.setFault("device", "cannot be the name of a device");
    if (fields.hasFault())
        return fields.fault();
    return request;
}

std::string encode(const EnrolAnswer& answer)
{
    json document { { "v", kFleetProtocolVersion }, { "device", answer.device }, { "secret", answer.secret },
        { "brokerHost", answer.brokerHost }, { "brokerPort", answer.brokerPort }, { "authority", answer.authority },
        { "certificate", answer.certificate }, { "packageServer", answer.packageServer }, { "trust", answer.trust } };
    if (const auto& broker = answer.othersBroker)
        document["broker"] = { { "tls", broker->usesTls }, { "authority", broker->authority }, { "user", broker->user }, { "password", broker->password } };
    return dumpLine(document);
}

base::Result<EnrolAnswer> decodeEnrolAnswer(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The hub's answer"));
    JsonFields fields(object, "The hub's answer");
    checkFleetVersion(fields);
    EnrolAnswer answer;
    answer.device = fields.requiredText("device", kMaxNameBytes);
    if (!isDeviceName(answer.device))
        fields.setFault("device", "cannot be the name of a device");
    answer.secret = fields.requiredText("secret", kMaxNameBytes);
    answer.brokerHost = fields.requiredText("brokerHost", kMaxNameBytes);
    answer.brokerPort = static_cast<int>(fields.requiredInteger("brokerPort", 1, 65535));
    answer.authority = optionalText(fields, "authority", kMaxPemBytes);
    answer.certificate = optionalText(fields, "certificate", kMaxPemBytes);
    answer.packageServer = fields.requiredText("packageServer", kMaxNameBytes);
    answer.trust = keysFrom(fields);
    if (fields.has("broker"))
        answer.othersBroker = brokerFrom(fields);
    if (fields.hasFault())
        return fields.fault();
    return answer;
}

}
