#include "core/fleet/authority.h"

#include "core/base/files.h"
#include "core/transport/openssl_handles.h"

#include <arpa/inet.h>
#include <array>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace percept::fleet {

namespace fs = std::filesystem;
using namespace transport::openssl;

namespace {

constexpr std::size_t kMaxPemBytes = 65536;

// What a certificate says beside its key.
struct Description {
    std::string name;
    std::vector<std::pair<int, std::string>> extensions;
    Validity validity;
};

bool setSerial(X509* certificate)
{
    std::array<unsigned char, 16> bytes {};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return false;
    bytes[0] &= 0x7f; // a positive number
    BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    const bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return set;
}

bool addExtensions(X509* certificate, X509* issuer, const Description& description)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    for (const auto& [nid, value] : description.extensions) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
        const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        if (!added)
            return false;
    }
    return true;
}

// Signs a certificate for `subjectKey`; `issuer` null: by itself.
base::Result<std::string> issue(EVP_PKEY* subjectKey, const Description& description, X509* issuer, EVP_PKEY* issuerKey)
{
    const Certificate certificate(X509_new());
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!certificate || !bio)
        return failure("A certificate");
    X509* x = certificate.get();
    const auto* name = reinterpret_cast<const unsigned char*>(description.name.data());
    const bool made = X509_set_version(x, 2) == 1 && setSerial(x)
        && X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, name, static_cast<int>(description.name.size()), -1, 0) == 1
        && X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x)) == 1 && X509_set_pubkey(x, subjectKey) == 1
        && ASN1_TIME_set_string_X509(X509_getm_notBefore(x), description.validity.from.c_str()) == 1
        && ASN1_TIME_set_string_X509(X509_getm_notAfter(x), description.validity.until.c_str()) == 1
        && addExtensions(x, issuer ? issuer : x, description) && X509_sign(x, issuerKey, EVP_sha256()) > 0
        && PEM_write_bio_X509(bio.get(), x) == 1;
    if (!made)
        return failure("A certificate");
    return textOf(bio.get());
}

Key keyOf(const Credentials& credentials) { return Key(PEM_read_bio_PrivateKey(bioOf(credentials.key).get(), nullptr, nullptr, nullptr)); }

Certificate certificateOf(const Credentials& credentials)
{
    return Certificate(PEM_read_bio_X509(bioOf(credentials.certificate).get(), nullptr, nullptr, nullptr));
}

// Nothing that means something in the text of an extension.
bool isHost(const std::string& host)
{
    return !host.empty() && host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") == std::string::npos;
}

std::string alternativeName(const std::string& host)
{
    unsigned char address[16];
    const bool isAddress = ::inet_pton(AF_INET, host.c_str(), address) == 1 || ::inet_pton(AF_INET6, host.c_str(), address) == 1;
    return (isAddress ? "IP:" : "DNS:") + host;
}

base::Result<Request> parseRequest(const std::string& text)
{
    if (text.size() > kMaxPemBytes)
        return base::refused("This is no request for a certificate.");
    Request request(PEM_read_bio_X509_REQ(bioOf(text).get(), nullptr, nullptr, nullptr));
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    const bool isSound = key && X509_REQ_verify(request.get(), key) == 1;
    ERR_clear_error();
    if (!isSound)
        return base::refused("This is no request for a certificate.");
    return request;
}

}

base::Result<Authority> Authority::make(const std::string& name, const Validity& validity)
{
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    if (!key)
        return failure("A key");
    const Description description { name,
        { { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" }, { NID_key_usage, "critical,keyCertSign,cRLSign" },
            { NID_subject_key_identifier, "hash" } },
        validity };
    PERCEPT_ASSIGN(certificate, issue(key.get(), description, nullptr, key.get()));
    return Authority({ std::move(certificate), keyText(key.get()) });
}

base::Result<Authority> Authority::loadOrMake(const fs::path& folder)
{
    std::error_code error;
    if (!fs::exists(folder / "ca.crt", error)) {
        PERCEPT_ASSIGN(made, make("Percept fleet"));
        PERCEPT_TRY(base::atomicWrite(folder / "ca.key", std::string_view(made.m_own.key)));
        PERCEPT_TRY(base::atomicWrite(folder / "ca.crt", std::string_view(made.m_own.certificate)));
        return made;
    }
    PERCEPT_ASSIGN(certificate, base::readTextFile(folder / "ca.crt", kMaxPemBytes));
    PERCEPT_ASSIGN(key, base::readTextFile(folder / "ca.key", kMaxPemBytes));
    Authority authority({ std::move(certificate), std::move(key) });
    const Certificate own = certificateOf(authority.m_own);
    const Key ownKey = keyOf(authority.m_own);
    if (!own || !ownKey || X509_check_private_key(own.get(), ownKey.get()) != 1)
        return base::refused("The fleet's authority in " + folder.string() + " is damaged: ca.crt and ca.key do not belong together. "
            "Put them back from a backup, or delete both and enrol every device again.");
    return authority;
}

base::Result<Credentials> Authority::issueServer(const std::vector<std::string>& hosts, const Validity& validity) const
{
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    if (!key)
        return failure("A key");
    std::string names;
    for (const auto& host : hosts) {
        if (!isHost(host))
            return base::usage("\"" + host + "\" is no name or address of a computer.");
        names += (names.empty() ? "" : ",") + alternativeName(host);
    }
    const Description description { "percept-hub",
        { { NID_basic_constraints, "critical,CA:FALSE" }, { NID_key_usage, "critical,digitalSignature" }, { NID_ext_key_usage, "serverAuth" },
            { NID_subject_alt_name, names } },
        validity };
    PERCEPT_ASSIGN(certificate, issue(key.get(), description, certificateOf(m_own).get(), keyOf(m_own).get()));
    return Credentials { std::move(certificate), keyText(key.get()) };
}

base::Result<void> Authority::checkRequest(const std::string& request)
{
    PERCEPT_TRY(parseRequest(request));
    return {};
}

base::Result<std::string> Authority::signDevice(const std::string& request, const std::string& name, const Validity& validity) const
{
    PERCEPT_ASSIGN(parsed, parseRequest(request));
    const Description description { name,
        { { NID_basic_constraints, "critical,CA:FALSE" }, { NID_key_usage, "critical,digitalSignature" }, { NID_ext_key_usage, "clientAuth" } },
        validity };
    return issue(X509_REQ_get0_pubkey(parsed.get()), description, certificateOf(m_own).get(), keyOf(m_own).get());
}

}
