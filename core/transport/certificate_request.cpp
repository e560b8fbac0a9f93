#include "core/transport/certificate_request.h"

#include "core/transport/openssl_handles.h"

namespace percept::transport {

using namespace openssl;

base::Result<CertificateRequest> makeCertificateRequest(const std::string& name)
{
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const Request request(X509_REQ_new());
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!key || !request || !bio)
        return failure("A key");
    const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
    const bool made = X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8, bytes,
                          static_cast<int>(name.size()), -1, 0) == 1
        && X509_REQ_set_pubkey(request.get(), key.get()) == 1 && X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0
        && PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1;
    if (!made)
        return failure("A request for a certificate");
    return CertificateRequest { keyText(key.get()), textOf(bio.get()) };
}

}
