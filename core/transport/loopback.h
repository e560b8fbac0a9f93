#pragma once

#include "core/base/result.h"

#include <netinet/in.h>

// Ports of 127.0.0.1.
namespace percept::transport {

sockaddr_in loopbackAddress(int port);
// One that nobody listens at, as of now: another program may take it before it is used.
base::Result<int> findFreePort();
// Whether somebody takes connections there.
bool isAnswering(int port);

}
