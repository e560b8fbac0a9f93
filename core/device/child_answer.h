#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

namespace percept::device {

// Whether a model process may answer so: {"ok":false} with a sentence, or {"ok":true} with the members that the type of the
// request promises (protocol/edge_messages.h), each of its type. The process has read foreign bytes, so what it says is
// looked at once, here, before others take their members out of it. Refused: names the member that is wrong.
base::Result<void> checkChildAnswer(const nlohmann::json& request, const nlohmann::json& answer);

}
