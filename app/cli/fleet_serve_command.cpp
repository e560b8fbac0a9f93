// fleet serve: the hub itself.
#include "app/cli/command.h"
#include "core/fleet/hub.h"
#include "core/fleet/serve_settings.h"

#include <fmt/format.h>
#include <memory>
#include <spdlog/spdlog.h>
#include <thread>

namespace percept::cli {

namespace {

struct ServeArguments {
    std::string state = fleet::defaultFleetFolder().string();
    fleet::ServeSettings settings;
};

base::Result<Outcome> serve(Context& context, const ServeArguments& a)
{
    if (a.settings.broker.url.empty() && a.settings.broker != fleet::OthersBrokerOptions())
        return base::usage("--broker-user and the like are for a broker of somebody else's: name it with --broker mqtts://HOST:PORT.");
    fleet::HubOptions options;
    options.folder = a.state;
    options.hosts = a.settings.hosts;
    options.brokerPort = a.settings.brokerPort;
    options.packagePort = a.settings.packagePort;
    options.broker = a.settings.broker;
    PERCEPT_ASSIGN(hub, fleet::Hub::start(options));
    if (const auto kept = fleet::keepServeSettings(a.state, a.settings); kept.hasError())
        spdlog::warn("{} Started by the studio it will not know of this broker.", kept.error().message);
    context.terminal.line(fmt::format("The hub of {} runs at http://127.0.0.1:{}; Ctrl+C ends it.", a.state, hub->apiPort()));
    while (!context.cancel.isCancelled() && !hub->hasEnded())
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (hub->hasEnded())
        return base::failed(fmt::format("The folder of the hub, {}, was deleted or has become another one's, so the hub has ended. Start one again with `percept fleet serve`.", a.state));
    return Outcome { { { "state", a.state }, { "status", "stopped" } }, "The hub has stopped." };
}

void declareBroker(CLI::App& serving, fleet::OthersBrokerOptions& broker)
{
    serving.add_option("--broker", broker.url, "Use the broker of somebody else, mqtts://HOST:PORT (or mqtt:// on this machine), in the place of an own mosquitto. "
                                               "It must let hub and devices in: see `percept fleet acl`");
    serving.add_option("--broker-user", broker.user, "With --broker: the name of the hub there");
    serving.add_option("--broker-password-file", broker.passwordFile, "A file with the password to it in its first line");
    serving.add_option("--broker-ca", broker.caFile, "Certificate (PEM) of the authority that has certified the broker, for hub and devices; else those that each system trusts");
    serving.add_option("--broker-cert", broker.certificateFile, "Certificate of the hub, where the broker asks for one");
    serving.add_option("--broker-key", broker.keyFile, "The key to it");
    serving.add_option("--device-user", broker.deviceUser, "One name at the broker for all devices; each can then speak as any other. Without it each has its own");
    serving.add_option("--device-password-file", broker.devicePasswordFile, "A file with the password to it in its first line");
    serving.add_flag("--broker-without-tls", broker.allowsNoTls, "Also mqtt:// to another machine: anybody on the way can read counts, pictures and passwords, "
                                                                  "and speak as hub or device. Packages stay safe, they are signed");
}

}

void addFleetServe(CLI::App& fleet, Action& chosen)
{
    auto a = std::make_shared<ServeArguments>();
    auto* serving = fleet.add_subcommand("serve", "Run the hub until stopped: broker, memory, package server");
    serving->add_option("--state", a->state, "Folder of the hub");
    serving->add_option("--host", a->settings.hosts, "Name or address by which devices on other machines reach this one; may be given again. "
                                                     "Without it only devices on this machine are served");
    serving->add_option("--broker-port", a->settings.brokerPort, "With --host: port of the hub's own broker (TLS)")->check(CLI::Range(1, 65535));
    serving->add_option("--package-port", a->settings.packagePort, "With --host: port for enrolment and packages (TLS)")->check(CLI::Range(1, 65535));
    declareBroker(*serving, a->settings.broker);
    serving->callback([a, &chosen] { chosen = [a](Context& context) { return serve(context, *a); }; });
}

}
