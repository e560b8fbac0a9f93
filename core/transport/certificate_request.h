#pragma once

#include "core/base/result.h"

#include <string>

namespace percept::transport {

// A new private key (ECDSA, P-256) that never leaves its maker, and the request for a certificate of that name, both PEM.
struct CertificateRequest {
    std::string key, request;
};
base::Result<CertificateRequest> makeCertificateRequest(const std::string& name);

}
