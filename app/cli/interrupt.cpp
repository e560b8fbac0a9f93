#include "app/cli/interrupt.h"

#include <csignal>
#include <ctime>
#include <unistd.h>

namespace percept::cli {

namespace {

volatile std::sig_atomic_t g_count = 0;
volatile std::sig_atomic_t g_lastSecond = -10;
const base::CancelToken* g_token = nullptr;

extern "C" void onInterrupt(int)
{
    // Wrappers (timeout, make) hand on one Ctrl+C twice, at once: a second one counts when a person could have pressed it.
    timespec now {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto second = static_cast<std::sig_atomic_t>(now.tv_sec % 1'000'000'000);
    if (second - g_lastSecond <= 1 && g_count > 0)
        return;
    g_lastSecond = second;
    g_count = g_count + 1;
    if (g_token)
        g_token->cancel(); // one store to an atomic that needs no lock
    if (g_count >= 3)
        ::_exit(130);
}

}

void catchInterrupts(const base::CancelToken& token)
{
    static const base::CancelToken kept = token;
    g_token = &kept;
    struct sigaction action {};
    action.sa_handler = onInterrupt;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN); // a reader that leaves is an error of the write, not the end of our work
}

int interruptCount() { return g_count; }

}
