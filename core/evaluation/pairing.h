#pragma once

#include "core/evaluation/detection_metrics.h"

#include <utility>
#include <vector>

// Inside of core/evaluation: which pictures two sets of answers share. Not for other folders.
namespace percept::evaluation::detail {

// Places in `a` and in `b` of the pictures that both hold with the same truths, in the order of `a`.
std::vector<std::pair<std::size_t, std::size_t>> pairedPictures(
    const std::vector<EvaluationImage>& a, const std::vector<EvaluationImage>& b);

}
