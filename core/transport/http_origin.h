#pragma once

namespace httplib {
struct Request;
}

// Inside of core/transport: who asks.
namespace percept::transport {

// A page of any web site can make a browser send requests to this machine (also by a name that it lets resolve to 127.0.0.1). Those carry
// the site's name in Host or in Origin, and are not answered.
bool comesFromThisMachine(const httplib::Request& request);

}
