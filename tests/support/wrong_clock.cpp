// Preloaded into a program: its clock on the wall is wrong by PERCEPT_CLOCK_OFFSET seconds. Clocks that only go forward are right.
#include <cstdlib>
#include <ctime>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

time_t offset()
{
    static const char* text = std::getenv("PERCEPT_CLOCK_OFFSET");
    static const time_t seconds = text ? std::atoll(text) : 0;
    return seconds;
}

}

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept
{
    const long result = ::syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset();
    return static_cast<int>(result);
}

time_t time(time_t* now) noexcept
{
    timespec spec { };
    clock_gettime(CLOCK_REALTIME, &spec);
    if (now)
        *now = spec.tv_sec;
    return spec.tv_sec;
}

int gettimeofday(timeval* now, void*) noexcept
{
    timespec spec { };
    clock_gettime(CLOCK_REALTIME, &spec);
    now->tv_sec = spec.tv_sec;
    now->tv_usec = spec.tv_nsec / 1000;
    return 0;
}
}
