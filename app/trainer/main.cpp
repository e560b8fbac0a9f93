#include "core/base/log.h"
#include "core/training/trainer.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <unistd.h>

namespace {

constexpr const char* kUsage = "percept-trainer --run DIR [--detach]\n"
                               "Trains the run in DIR and reports as JSON lines on stdout. Commands are read from stdin; when it\n"
                               "closes, a checkpoint is written and the program ends, unless it was started with --detach. A file\n"
                               "of the name stop in DIR ends the training and keeps what was learnt; while there is one of the name\n"
                               "pause it waits. With --detach the last progress is kept in DIR/progress.json.\n";

int usageError(std::string_view what)
{
    std::fprintf(stderr, "%.*s\n%s", static_cast<int>(what.size()), what.data(), kUsage);
    return static_cast<int>(percept::protocol::TrainerExit::BadConfig);
}

// Two things that libraries read when they are loaded, which is before main(): so the program starts itself once more.
// OMP_WAIT_POLICY: the threads of a parallel loop wait for each other by spinning unless told otherwise, and beside other work
// on the same cores that makes a step many times slower (7.3 s instead of 0.8 s on two busy cores).
// OPENBLAS_NUM_THREADS: OpenBLAS would start threads of its own, as many as the cores that it sees at that moment and without
// our rule for denormal numbers. A run that goes on elsewhere must compute what it would have computed here; PyTorch's threads,
// whose number the plan fixes, do the work.
void settleThreads(char** argv)
{
    if (std::getenv("PERCEPT_THREADS_SETTLED"))
        return;
    ::setenv("PERCEPT_THREADS_SETTLED", "1", 1);
    ::setenv("OMP_WAIT_POLICY", "passive", 1);
    ::setenv("OPENBLAS_NUM_THREADS", "1", 1);
    ::execv("/proc/self/exe", argv);
}

// Who started a detached run and read its stderr may go at any time.
void logToFile(const std::filesystem::path& file)
{
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd >= 0 && ::dup2(fd, STDERR_FILENO) >= 0)
        ::close(fd);
}

}

int main(int argc, char** argv)
{
    std::filesystem::path run;
    bool detached = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--help" || argument == "-h")
            return std::fputs(kUsage, stdout) < 0 ? 1 : 0;
        if (argument == "--version")
            return std::puts("percept-trainer " PERCEPT_VERSION) < 0 ? 1 : 0;
        if (argument == "--detach")
            detached = true;
        else if (argument == "--run" && i + 1 < argc)
            run = argv[++i];
        else
            return usageError(std::string("Unknown argument: ").append(argument));
    }
    if (run.empty())
        return usageError("Which run? --run is missing.");

    settleThreads(argv);
    percept::training::prepareProcess();
    if (detached)
        logToFile(run / "log.txt");
    percept::base::setUpLogging("percept-trainer");
    percept::training::Control control(STDIN_FILENO, detached, run);
    percept::training::Reporter reporter(STDOUT_FILENO, percept::training::heartbeatSeconds(run), detached ? run / "progress.json" : std::filesystem::path());
    return static_cast<int>(percept::training::runTrainer({ run, PERCEPT_VERSION }, reporter, control));
}
