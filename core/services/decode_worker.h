#pragma once

namespace percept::services {

// `percept decode --stdio`: decodes foreign files for other programs of Percept (protocol/decode_messages.h, runs/DecodePool).
// Confines this process for good, greets, and answers a request a line until stdin ends. Gives the exit status.
int serveDecoding();

}
