#pragma once

#include "core/base/result.h"
#include "core/domain/annotation.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::protocol {

// percept-edge --stdio: requests a line each on stdin, exactly one answer a line on stdout, in the order of the requests.
//   {"id":1,"type":"load","package":"/path/FILE.ppkg or folder of a draft package"}   -> {"id":1,"ok":true,"model":{"name","version","labels":[..],"thresholds":[..]}}
//   {"id":2,"type":"predict","file":"/path/a.jpg","minScore":0.02}                      -> {"id":2,"ok":true,"file":..,"width":..,"height":..,"ms":..,"predictions":[..]}
//   {"id":3,"type":"features","file":"/path/a.jpg"}                                     -> {"id":3,"ok":true,"features":[..]}
//   {"id":4,"type":"golden"}                                                            -> {"id":4,"ok":true,"maxScoreDifference":..,"maxBoxDifference":..,"ms":..}
//   {"id":5,"type":"model"}                                                             -> {"id":5,"ok":true,"model":{..}}: what is loaded, as of load
//   {"id":6,"type":"picture","file":"/path/a.jpg","longSide":2048}                      -> {"id":6,"ok":true,"width":..,"height":..,"jpeg":"base64"}: smaller, for sending;
//                    with "boxes":[predictions] drawn on it
// predict with "measure":true adds "measured":{"scores":[best of each label, also below its threshold],"brightness","sharpness"}
// (see media/picture_measures.h).
// load with "trusted":[KEY..] takes only what one of these keys signed; what another has signed fails with the code "untrusted".
// A failure is {"id":N,"ok":false,"error":"sentence","code":"failed|refused|not-found|untrusted"}; the process goes on.
// Without minScore the package's thresholds decide. predictions: {"label","labelIndex","score","box":[x,y,w,h]}, best first.
struct EdgePrediction {
    std::string label;
    int labelIndex = 0;
    double score = 0;
    domain::Box box;
};
struct EdgeResult {
    std::string file;
    int width = 0, height = 0;
    double ms = 0;
    std::vector<EdgePrediction> predictions;
};
// One element of `predict`'s "results" (file, width, height, predictions); also the body of POST /predict.
nlohmann::json toJson(const EdgeResult& result);
base::Result<EdgeResult> edgeResultFromJson(const nlohmann::json& json);

}
