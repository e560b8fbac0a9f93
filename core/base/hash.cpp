#include "core/base/hash.h"

#include "core/base/files.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <openssl/evp.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::base {

namespace {

// OpenSSL's, not libsodium's: it uses the processor's SHA instructions, six times faster where they are. Fetched once.
const EVP_MD* sha256()
{
    static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

// It fails for want of memory only.
void mustWork(bool works)
{
    if (!works)
        throw std::bad_alloc();
}

}

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context { EVP_MD_CTX_new(), &EVP_MD_CTX_free };
};

Sha256::Sha256() : m_state(std::make_unique<State>())
{
    mustWork(m_state->context && EVP_DigestInit_ex2(m_state->context.get(), sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::uint8_t> bytes)
{
    mustWork(EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size()) == 1);
}

void Sha256::add(std::string_view text)
{
    mustWork(EVP_DigestUpdate(m_state->context.get(), text.data(), text.size()) == 1);
}

std::string Sha256::hexDigest()
{
    std::array<std::uint8_t, 32> digest {};
    mustWork(EVP_DigestFinal_ex(m_state->context.get(), digest.data(), nullptr) == 1);
    return toHex(digest);
}

std::string sha256Hex(std::span<const std::uint8_t> bytes)
{
    Sha256 hash;
    hash.add(bytes);
    return hash.hexDigest();
}

std::string sha256Hex(std::string_view text)
{
    Sha256 hash;
    hash.add(text);
    return hash.hexDigest();
}

Result<std::string> sha256OfFile(const std::filesystem::path& path)
{
    // O_NONBLOCK: a FIFO must not hang the reader; regular files ignore it.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return failed(fmt::format("{} cannot be read: {}.", path.string(), describeErrno(errno)));
    struct stat status { };
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(fd);
        return failed(fmt::format("{} is not a regular file.", path.string()));
    }
    Sha256 hash;
    std::vector<std::uint8_t> buffer(1 << 18);
    ssize_t n = 0;
    while ((n = ::read(fd, buffer.data(), buffer.size())) > 0)
        hash.add(std::span(buffer.data(), static_cast<std::size_t>(n)));
    const int error = errno;
    ::close(fd);
    if (n < 0)
        return failed(fmt::format("{} cannot be read: {}.", path.string(), describeErrno(error)));
    return hash.hexDigest();
}

std::string toHex(std::span<const std::uint8_t> bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        hex.push_back(kDigits[byte >> 4]);
        hex.push_back(kDigits[byte & 15]);
    }
    return hex;
}

namespace {

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

}

Result<std::vector<std::uint8_t>> fromHex(std::string_view hex)
{
    if (hex.size() % 2 != 0)
        return refused("A hexadecimal text has an odd number of digits.");
    std::vector<std::uint8_t> bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hexDigit(hex[i]), low = hexDigit(hex[i + 1]);
        if (high < 0 || low < 0)
            return refused("A hexadecimal text holds something else than the digits 0-9 and a-f.");
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return bytes;
}

std::string toBase64(std::span<const std::uint8_t> bytes)
{
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back(); // the terminating NUL that libsodium counts
    return text;
}

Result<std::vector<std::uint8_t>> fromBase64(std::string_view text)
{
    std::vector<std::uint8_t> bytes(text.size());
    std::size_t size = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, nullptr,
            sodium_base64_VARIANT_ORIGINAL) != 0)
        return refused("A text is not base64.");
    bytes.resize(size);
    return bytes;
}

}
