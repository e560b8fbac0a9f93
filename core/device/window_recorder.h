#pragma once

#include "core/protocol/fleet_telemetry.h"

#include <array>
#include <map>
#include <mutex>

namespace percept::device {

// One answer, or the failure to give one, as it counts in a window.
struct FrameFacts {
    std::string packageSha256, packageVersion;
    bool hasFailed = false;
    double seconds = 0; // that it took
    struct Seen {
        std::string label;
        double score = 0; // 0 .. 1
    };
    std::vector<Seen> seen;                      // at the package's thresholds
    std::optional<double> brightness, sharpness; // of the picture, see TelemetryWindow
};

// Counts answers into windows of telemetry. A window is of one package: another one begins the next. Any thread; times are
// given, so that a test needs no clock.
class WindowRecorder {
public:
    struct Moment {
        double seconds = 0;      // of a clock that only goes forward
        std::int64_t wallMs = 0;
    };
    void add(const FrameFacts& frame, const Moment& now);
    // The windows that are over: `windowSeconds` long, of a package that does not answer any more, or all. Windows without
    // a frame are not made.
    std::vector<protocol::TelemetryWindow> take(double windowSeconds, const Moment& now, bool all = false);

private:
    // Count, sum and sum of squares of a property, and its bins.
    struct Spread {
        std::int64_t count = 0;
        double sum = 0, squares = 0;
        std::array<std::int64_t, protocol::InputSpread::kBins> bins {};
        void add(double value, double high); // bins over 0 .. high
        std::optional<protocol::InputSpread> result() const;
    };
    struct Open {
        Moment since;
        protocol::TelemetryWindow window;
        std::map<std::string, protocol::ClassCount> classes;
        std::vector<float> took; // milliseconds; at most kMostLatencies of them
        Spread brightness, sharpness;
    };
    void close(const Moment& now);

    std::mutex m_mutex;
    std::optional<Open> m_open;
    std::vector<protocol::TelemetryWindow> m_closed;
};

}
