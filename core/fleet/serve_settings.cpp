#include "core/fleet/serve_settings.h"

#include "core/base/files.h"
#include "core/protocol/json_fields.h"

#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace fs = std::filesystem;
using nlohmann::json;
using protocol::JsonFields;

namespace {

constexpr const char* kServeFile = "serve.json";

// A working folder is not remembered.
std::string wholePath(const fs::path& file)
{
    std::error_code error;
    return file.empty() ? std::string() : fs::absolute(file, error).string();
}

json brokerJson(const OthersBrokerOptions& broker)
{
    return { { "url", broker.url }, { "user", broker.user }, { "password_file", wholePath(broker.passwordFile) }, { "ca_file", wholePath(broker.caFile) },
        { "certificate_file", wholePath(broker.certificateFile) }, { "key_file", wholePath(broker.keyFile) }, { "device_user", broker.deviceUser },
        { "device_password_file", wholePath(broker.devicePasswordFile) }, { "without_tls", broker.allowsNoTls } };
}

OthersBrokerOptions brokerFrom(const json& object)
{
    JsonFields fields(object, kServeFile);
    return { fields.text("url"), fields.text("user"), fields.text("password_file"), fields.text("ca_file"), fields.text("certificate_file"),
        fields.text("key_file"), fields.text("device_user"), fields.text("device_password_file"), fields.boolean("without_tls", false) };
}

}

ServeSettings readServeSettings(const fs::path& folder)
{
    ServeSettings settings;
    const auto text = base::readTextFile(folder / kServeFile, 65536);
    const json document = text.hasValue() ? json::parse(text.value(), nullptr, /*allow_exceptions=*/false) : json();
    if (!document.is_object())
        return settings;
    JsonFields fields(document, kServeFile);
    if (const json* hosts = fields.array("hosts", 100))
        for (const auto& host : *hosts)
            if (host.is_string())
                settings.hosts.push_back(host);
    settings.brokerPort = static_cast<int>(fields.integer("broker_port", 1, 65535, settings.brokerPort));
    settings.packagePort = static_cast<int>(fields.integer("package_port", 1, 65535, settings.packagePort));
    if (const json* broker = fields.has("broker") ? fields.object("broker") : nullptr)
        settings.broker = brokerFrom(*broker);
    return settings;
}

base::Result<void> writeServeSettings(const fs::path& folder, const ServeSettings& settings)
{
    json document { { "hosts", settings.hosts }, { "broker_port", settings.brokerPort }, { "package_port", settings.packagePort } };
    if (!settings.broker.url.empty())
        document["broker"] = brokerJson(settings.broker);
    return base::atomicWrite(folder / kServeFile, std::string_view(protocol::dumpLine(document) + "\n"));
}

base::Result<void> keepServeSettings(const fs::path& folder, ServeSettings settings)
{
    ServeSettings kept = readServeSettings(folder);
    if (settings.broker.url.empty()) {
        if (kept.broker.url.empty())
            return {};
        kept.broker = {};
        return writeServeSettings(folder, kept);
    }
    return settings == kept ? base::Result<void>() : writeServeSettings(folder, settings);
}

std::vector<std::string> serveArguments(const ServeSettings& settings)
{
    std::vector<std::string> arguments;
    const auto add = [&](const char* option, const std::string& value) {
        if (!value.empty())
            arguments.insert(arguments.end(), { option, value });
    };
    for (const auto& host : settings.hosts)
        add("--host", host);
    if (!settings.hosts.empty()) {
        add("--broker-port", std::to_string(settings.brokerPort));
        add("--package-port", std::to_string(settings.packagePort));
    }
    const auto& broker = settings.broker;
    if (broker.url.empty())
        return arguments;
    add("--broker", broker.url);
    add("--broker-user", broker.user);
    add("--broker-password-file", wholePath(broker.passwordFile));
    add("--broker-ca", wholePath(broker.caFile));
    add("--broker-cert", wholePath(broker.certificateFile));
    add("--broker-key", wholePath(broker.keyFile));
    add("--device-user", broker.deviceUser);
    add("--device-password-file", wholePath(broker.devicePasswordFile));
    if (broker.allowsNoTls)
        arguments.emplace_back("--broker-without-tls");
    return arguments;
}

}
