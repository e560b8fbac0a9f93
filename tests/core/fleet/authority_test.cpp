#include "core/fleet/authority.h"

#include "core/base/files.h"
#include "core/transport/certificate_request.h"
#include "core/transport/openssl_handles.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

namespace percept::fleet {
namespace {

using transport::makeCertificateRequest;

transport::openssl::Certificate parse(const std::string& pem)
{
    return transport::openssl::Certificate(PEM_read_bio_X509(transport::openssl::bioOf(pem).get(), nullptr, nullptr, nullptr));
}

std::string nameOf(const std::string& pem)
{
    char text[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(parse(pem).get()), NID_commonName, text, sizeof(text));
    return text;
}

bool isSignedBy(const std::string& pem, const std::string& authority)
{
    const auto issuer = parse(authority);
    return X509_verify(parse(pem).get(), X509_get0_pubkey(issuer.get())) == 1;
}

TEST(AuthorityTest, staysTheSame)
{
    test::TemporaryFolder folder;
    const auto first = Authority::loadOrMake(folder.path()).value();
    EXPECT_EQ(Authority::loadOrMake(folder.path())->certificate(), first.certificate());
    EXPECT_NE(Authority::make("another")->certificate(), first.certificate());
}

TEST(AuthorityTest, isRefusedWithTheKeyOfAnother)
{
    test::TemporaryFolder folder, other;
    ASSERT_TRUE(Authority::loadOrMake(folder.path()).hasValue());
    ASSERT_TRUE(Authority::loadOrMake(other.path()).hasValue());
    std::filesystem::copy_file(other / "ca.key", folder / "ca.key", std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(Authority::loadOrMake(folder.path()).error().code, base::ErrorCode::Refused);
    ASSERT_TRUE(base::atomicWrite(folder / "ca.key", std::string_view("nonsense")).hasValue());
    EXPECT_EQ(Authority::loadOrMake(folder.path()).error().code, base::ErrorCode::Refused);
}

TEST(AuthorityTest, namesADeviceAsTheHubSaysAndNotAsTheRequestDoes)
{
    const auto authority = Authority::make("fleet").value();
    const auto certificate = authority.signDevice(makeCertificateRequest("hub")->request, "dock-1").value();
    EXPECT_EQ(nameOf(certificate), "dock-1");
    EXPECT_TRUE(isSignedBy(certificate, authority.certificate()));
    EXPECT_FALSE(isSignedBy(certificate, Authority::make("fleet")->certificate()));
    EXPECT_EQ(X509_check_ca(parse(certificate).get()), 0); // it can sign nobody
}

TEST(AuthorityTest, refusesWhatIsNoRequest)
{
    const auto authority = Authority::make("fleet").value();
    const auto good = makeCertificateRequest("dock-1")->request;
    std::string changed = good;
    changed[good.size() / 2] = changed[good.size() / 2] == 'A' ? 'B' : 'A';
    for (const std::string& request : { std::string(), std::string("nonsense"), authority.certificate(), changed, std::string(1 << 20, 'x') })
        EXPECT_EQ(authority.signDevice(request, "dock-1").error().code, base::ErrorCode::Refused);
    EXPECT_TRUE(Authority::checkRequest(good).hasValue());
}

TEST(AuthorityTest, serversAreNamedByHostsOnly)
{
    const auto authority = Authority::make("fleet").value();
    const auto server = parse(authority.issueServer({ "hub.example.org", "192.0.2.7", "::1" })->certificate);
    EXPECT_EQ(X509_check_host(server.get(), "hub.example.org", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(server.get(), "other.example.org", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(server.get(), "192.0.2.7", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(server.get(), "192.0.2.8", 0), 0);
    for (const char* host : { "", "a,DNS:evil", "a b", "a\nb", "otherName:x;y" })
        EXPECT_EQ(authority.issueServer({ host }).error().code, base::ErrorCode::Usage) << host;
}

TEST(AuthorityTest, holdsAtAnyHourOfAnyClock)
{
    const auto authority = Authority::make("fleet").value();
    const auto certificate = parse(authority.signDevice(makeCertificateRequest("a")->request, "a").value());
    for (const std::time_t clock : { std::time_t { 1 }, std::time_t { 1'000'000'000 }, std::time_t { 4'000'000'000 } }) {
        std::time_t at = clock;
        EXPECT_LT(X509_cmp_time(X509_get0_notBefore(certificate.get()), &at), 0);
        EXPECT_GT(X509_cmp_time(X509_get0_notAfter(certificate.get()), &at), 0);
    }
}

}
}
