// Preloaded into a program: its clock on the wall is wrong by PERCEPT_CLOCK_OFFSET seconds, and goes PERCEPT_CLOCK_RATE times as fast
// from PERCEPT_CLOCK_START (seconds since 1970) on. Clocks that only go forward are right.
#include <cstdlib>
#include <ctime>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

long long numberOf(const char* name, long long fallback)
{
    const char* text = std::getenv(name);
    return text ? std::atoll(text) : fallback;
}

void bend(timespec& now)
{
    static const long long offset = numberOf("PERCEPT_CLOCK_OFFSET", 0), rate = numberOf("PERCEPT_CLOCK_RATE", 1);
    static const long long start = numberOf("PERCEPT_CLOCK_START", 0);
    constexpr long long kSecond = 1'000'000'000;
    now.tv_sec += offset;
    if (rate == 1)
        return;
    const long long since = (now.tv_sec - start) * kSecond + now.tv_nsec;
    const long long bent = since * rate; // 10^9 times a few days times a few hundred fits
    now.tv_sec = start + bent / kSecond;
    now.tv_nsec = bent % kSecond;
}

}

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept
{
    const long result = ::syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        bend(*now);
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
