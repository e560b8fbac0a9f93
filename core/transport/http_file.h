#pragma once

#include "core/transport/http_server.h"

namespace httplib {
struct Request;
struct Response;
}

// Inside of core/transport: how an answer goes out.
namespace percept::transport {

void send(const HttpResponse& from, httplib::Response& to);
// The file of an answer, or the part of it that was asked for; 404 where it is none, 416 where there is no such part.
void sendFile(const httplib::Request& request, const HttpResponse& from, httplib::Response& to);

}
