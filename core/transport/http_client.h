#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace percept::transport {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

// Requests to one server, "http://HOST:PORT" or "https://HOST:PORT", each on a connection of its own with waiting times.
// Redirections are not followed. One thread at a time.
class HttpClient {
public:
    struct Options {
        std::filesystem::path caFile; // https: the one authority that may have signed the server
        bool checksServer = true;      // https; false: whoever answers, for what is then checked by its hash
        std::string bearerToken;
        double connectSeconds = 5, readSeconds = 60;
        std::size_t maxAnswerBytes = 64u << 20;
    };
    HttpClient(std::string server, Options options);

    // An answer of any status; an Error when there is none.
    base::Result<HttpAnswer> get(const std::string& path) const;
    base::Result<HttpAnswer> post(const std::string& path, std::string_view body, const std::string& contentType = "application/json") const;

    // Fetches exactly `bytes` bytes into `target`, going on from what it holds already. What came so far stays there when the
    // connection ends (Failed: try again). A server that has another size is Refused, and `target` removed; one that does not let
    // the caller in (401, 403) is Refused, one that has no such file (404, 410) NotFound. Whether the bytes are the right ones is for
    // the caller to check.
    base::Result<void> fetch(const std::string& path, const std::filesystem::path& target, std::int64_t bytes,
        const base::CancelToken& cancel = {}, const base::ProgressFn& progress = {}) const;

private:
    std::string m_server;
    Options m_options;
};

}
