#include "core/device/metrics.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::device {

namespace {

std::string escapedLabel(const std::string& value)
{
    std::string text;
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '\\' || c == '"')
            text += '\\';
        text += c;
    }
    return text;
}

std::string metric(const char* name, const char* type, const char* help, std::int64_t value)
{
    return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type, help, value);
}

}

void Metrics::addPrediction(double seconds)
{
    m_throughput.add(base::monotonicSeconds(), seconds);
    const std::lock_guard lock(m_mutex);
    ++m_totals.predictions;
    m_seconds += seconds;
    const auto bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), seconds);
    if (bucket != kBuckets.end())
        ++m_counts[static_cast<std::size_t>(bucket - kBuckets.begin())];
}

void Metrics::addError()
{
    const std::lock_guard lock(m_mutex);
    ++m_totals.errors;
}

void Metrics::addRestart()
{
    const std::lock_guard lock(m_mutex);
    ++m_totals.restarts;
}

void Metrics::setModel(const std::string& name, const std::string& version, const std::string& sha256)
{
    const std::lock_guard lock(m_mutex);
    m_name = name;
    m_version = version;
    m_sha256 = sha256;
}

void Metrics::setServing(bool serving)
{
    const std::lock_guard lock(m_mutex);
    m_serving = serving;
}

Metrics::Totals Metrics::totals() const
{
    const std::lock_guard lock(m_mutex);
    return m_totals;
}

std::string Metrics::text() const
{
    const std::lock_guard lock(m_mutex);
    std::string text = metric("percept_predictions_total", "counter", "Pictures answered.", m_totals.predictions)
        + metric("percept_errors_total", "counter", "Pictures that could not be answered.", m_totals.errors)
        + metric("percept_restarts_total", "counter", "Restarts of the model process.", m_totals.restarts)
        + metric("percept_serving", "gauge", "1 while the model process answers.", m_serving ? 1 : 0);
    text += "# HELP percept_predict_seconds Time from request to answer.\n# TYPE percept_predict_seconds histogram\n";
    std::int64_t cumulative = 0;
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
        cumulative += m_counts[i];
        text += fmt::format("percept_predict_seconds_bucket{{le=\"{}\"}} {}\n", kBuckets[i], cumulative);
    }
    text += fmt::format("percept_predict_seconds_bucket{{le=\"+Inf\"}} {0}\npercept_predict_seconds_sum {1}\n"
                        "percept_predict_seconds_count {0}\n", m_totals.predictions, m_seconds);
    text += fmt::format("# HELP percept_model_info The model that answers.\n# TYPE percept_model_info gauge\n"
                        "percept_model_info{{name=\"{}\",version=\"{}\",sha256=\"{}\"}} 1\n",
        escapedLabel(m_name), escapedLabel(m_version), m_sha256);
    return text;
}

}
