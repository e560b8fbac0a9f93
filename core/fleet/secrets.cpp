#include "core/fleet/secrets.h"

#include "core/base/hash.h"

#include <array>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdexcept>
#include <sys/random.h>

namespace percept::fleet {

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> randomBytes()
{
    std::array<std::uint8_t, N> bytes {};
    if (::getrandom(bytes.data(), N, 0) != static_cast<ssize_t>(N)) // complete for up to 256 bytes
        throw std::runtime_error("the system gives no random numbers");
    return bytes;
}

}

std::string randomSecret() { return base::toHex(randomBytes<32>()); }

std::string brokerPasswordHash(std::string_view secret)
{
    constexpr int kRounds = 101; // mosquitto's own default
    const auto salt = randomBytes<12>();
    std::array<std::uint8_t, 64> hash {};
    if (PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()), salt.data(), static_cast<int>(salt.size()), kRounds,
            EVP_sha512(), static_cast<int>(hash.size()), hash.data()) != 1)
        throw std::runtime_error("OpenSSL cannot hash");
    return fmt::format("$7${}${}${}", kRounds, base::toBase64(salt), base::toBase64(hash));
}

bool isSameSecret(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}
