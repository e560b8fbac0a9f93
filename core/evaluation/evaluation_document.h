#pragma once

#include "core/base/result.h"
#include "core/evaluation/detection_metrics.h"

#include <nlohmann/json_fwd.hpp>

namespace percept::evaluation {

// evaluation-SET.json of a run (and the answer of `evaluate --json`):
// {"run", "set", "items", "objects", "datasetVersion", "model":"draft|1.0", "metrics": {NAME: {"value","low","high"} or {"value"}},
//  "per_class": [{"label","objects","map","map50","map50_low","map50_high","threshold","found","foundOf"}], "thresholds":[..],
//  "draws", "seed", "skipped": [{"file","reason"}], "timeMs"}
nlohmann::json evaluationDocument(const std::vector<EvaluationImage>& images, const std::vector<std::string>& labels,
    const std::vector<double>& thresholds, int draws, std::uint64_t seed, const base::CancelToken& cancel = {});

// predictions-SET.jsonl: a line per picture {"item","group","name","width","height","truths":[[label,x,y,w,h,crowd]],
// "detections":[[label,score,x,y,w,h]]}; enough to rebuild every figure without the model.
std::string encodeImageLine(const EvaluationImage& image);
base::Result<EvaluationImage> decodeImageLine(std::string_view line);
// A line that begins with this is the answer to a picture that came after the set was scored: it belongs to no stored score.
inline constexpr std::string_view kLaterMark = "{\"later\":true,";

}
