#include "core/device/metrics.h"

#include <gtest/gtest.h>

namespace percept::device {
namespace {

TEST(Metrics, areWhatPrometheusReads)
{
    Metrics metrics;
    metrics.setModel("A \"model\"\\\n", "1.0", "ab");
    metrics.addPrediction(0.004);
    metrics.addPrediction(0.15);
    metrics.addPrediction(100);
    metrics.addError();
    metrics.addRestart();
    const std::string text = metrics.text();
    for (const char* line : { "\npercept_predictions_total 3\n", "\npercept_errors_total 1\n", "\npercept_restarts_total 1\n",
             "percept_predict_seconds_bucket{le=\"0.005\"} 1\n", "percept_predict_seconds_bucket{le=\"0.2\"} 2\n",
             "percept_predict_seconds_bucket{le=\"30\"} 2\n", "percept_predict_seconds_bucket{le=\"+Inf\"} 3\n",
             "percept_predict_seconds_sum 100.154\n", "name=\"A \\\"model\\\"\\\\\\n\"" })
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

}
}
