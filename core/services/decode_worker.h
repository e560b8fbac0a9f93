#pragma once

#include <string>
#include <string_view>

namespace percept::services {

// `percept decode --stdio`: decodes foreign files for other programs of Percept (protocol/decode_messages.h, runs/DecodePool).
// Confines this process for good, greets, and answers a request a line until stdin ends. Gives the exit status.
int serveDecoding();

// One request line to one answer line. Never throws: what does not fit into memory is a problem of its file.
std::string answerDecodeRequest(std::string_view line);

}
