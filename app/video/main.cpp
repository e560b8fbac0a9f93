#include "app/number_options.h"
#include "core/base/log.h"
#include "core/streams/video_service.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <unistd.h>

// Decodes one video for percept-edge, which starts it: see core/protocol/video_messages.h.
int main(int argc, char** argv)
{
    percept::base::setUpLogging("percept-video");
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an error of the write, as a full disk is
    std::string file;
    percept::streams::VideoPlayer::Options options;
    CLI::App app("Decodes a video for percept-edge, confined: a request a line on standard input");
    app.add_option("FILE", file, "The video")->required();
    app.add_flag("--loop", options.loops, "Begin again at its end");
    app.add_option("--from", options.fromSeconds, "Begin behind that second")->check(CLI::Range(0.0, 1e9));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (const auto problem = percept::problemOfNumbers(app); !problem.empty()) {
        std::fprintf(stderr, "percept-video: %s\n", problem.c_str());
        return 2;
    }
    return percept::streams::serveVideo(file, options, STDIN_FILENO, STDOUT_FILENO);
}
