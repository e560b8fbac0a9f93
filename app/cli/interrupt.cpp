#include "app/cli/interrupt.h"

#include <csignal>
#include <unistd.h>

namespace percept::cli {

namespace {

volatile std::sig_atomic_t g_count = 0;
const base::CancelToken* g_token = nullptr;

extern "C" void onInterrupt(int)
{
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
