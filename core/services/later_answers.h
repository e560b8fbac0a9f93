#pragma once

#include "core/base/result.h"
#include "core/evaluation/detection_metrics.h"

#include <functional>
#include <string>
#include <string_view>

// predictions-test.jsonl may hold answers to pictures that joined the test set after the run was scored. They are marked, so
// that the run's own score (on its dataset version) stays what it was.
namespace percept::services {

std::string encodeLaterAnswer(const evaluation::EvaluationImage& image);
// Calls use(image, isLater) for every line.
base::Result<void> eachAnswerLine(std::string_view text, const std::function<void(evaluation::EvaluationImage, bool)>& use);

}
