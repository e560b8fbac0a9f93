#pragma once

#include "core/base/time.h"
#include "core/device/throughput.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

namespace percept::device {

// Counters of a running edge, as Prometheus reads them. Any thread.
class Metrics {
public:
    void addPrediction(double seconds);
    void addError();
    void addRestart();
    void setModel(const std::string& name, const std::string& version, const std::string& sha256);
    void setServing(bool serving);

    struct Totals { std::int64_t predictions = 0, errors = 0, restarts = 0; };
    Totals totals() const;
    Throughput::Figures throughput() const { return m_throughput.figures(base::monotonicSeconds()); }
    double uptimeSeconds() const { return base::monotonicSeconds() - m_start; }
    // Text exposition format 0.0.4
    std::string text() const;

private:
    static constexpr std::array<double, 12> kBuckets { .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30 }; // seconds

    const double m_start = base::monotonicSeconds();
    Throughput m_throughput { m_start };
    mutable std::mutex m_mutex;
    Totals m_totals;
    std::array<std::int64_t, kBuckets.size()> m_counts { }; // not cumulative
    double m_seconds = 0;
    bool m_serving = false;
    std::string m_name, m_version, m_sha256;
};

}
