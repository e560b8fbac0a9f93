#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace percept::fleet {

// From when to when a certificate holds, as ASN.1 writes times. For ever, so that a device whose clock stands at 1970 or
// runs years ahead still finds its hub; who is thrown out of a fleet loses its place on the broker's access list instead, and
// a certificate names one enrolment, so that the place does not come back with the name.
struct Validity {
    std::string from = "19700101000000Z", until = "99991231235959Z";
};

struct Credentials {
    std::string certificate, key; // PEM
};

// The authority of one fleet: it signs the certificates of its broker and devices, and nobody else believes it.
class Authority {
public:
    // FOLDER/ca.crt and FOLDER/ca.key, made on first use. The folder must be its user's alone.
    static base::Result<Authority> loadOrMake(const std::filesystem::path& folder);
    static base::Result<Authority> make(const std::string& name, const Validity& validity = {});

    const std::string& certificate() const { return m_own.certificate; }
    // For a server that is reached by these names and addresses.
    base::Result<Credentials> issueServer(const std::vector<std::string>& hosts, const Validity& validity = {}) const;
    // Refused: it is no request, or not signed by its own key.
    static base::Result<void> checkRequest(const std::string& request);
    // For the key in the request, under `name` whatever the request says.
    base::Result<std::string> signDevice(const std::string& request, const std::string& name, const Validity& validity = {}) const;

private:
    explicit Authority(Credentials own)
        : m_own(std::move(own))
    {
    }
    Credentials m_own;
};

}
