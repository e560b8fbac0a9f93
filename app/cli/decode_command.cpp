#include "app/cli/command.h"
#include "core/services/decode_worker.h"

namespace percept::cli {

void addDecodeCommand(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("decode", "Decode pictures for other programs of Percept, confined");
    auto isStdio = std::make_shared<bool>(false);
    command->add_flag("--stdio", *isStdio, "A request a line on stdin, an answer a line on stdout")->required();
    command->callback([isStdio, &chosen] {
        chosen = [](Context&) -> base::Result<Outcome> {
            Outcome outcome;
            outcome.status = services::serveDecoding();
            return outcome;
        };
    });
}

}
