#pragma once

#include "core/device/supervisor.h"
#include "core/protocol/edge_messages.h"
#include "core/protocol/fleet_sample.h"

namespace percept::device {

// A picture with what was seen on it, in pixels of that picture.
struct FieldPicture {
    std::string file; // its name
    std::vector<std::uint8_t> bytes;
    protocol::EdgeResult result;
    std::string format = {}; // "jpeg", "png"
};

// As it can be sent: JPEG or PNG, of a size that a message holds; else made so by the model process, with the boxes moved.
base::Result<FieldPicture> sizedPicture(FieldPicture picture, Supervisor& supervisor);

// What waits in an outbox for that picture: the description of a FieldSample, without stream, number and time. `sample` holds
// the package and the reason. Refused: no hub would take it.
base::Result<nlohmann::json> sampleBody(protocol::FieldSample sample, const FieldPicture& picture);

}
