#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/packaging/package.h"
#include "core/packaging/package_files.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::packaging {

static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_BYTES == kSignatureBytes);

namespace {

namespace fs = std::filesystem;

base::Error cannotUseKeys(const fs::path& path, int errorNumber)
{
    return base::failed("The signing key " + path.string() + " cannot be made or read: " + base::describeErrno(errorNumber)
        + ". Give this user the right to write there, or set PERCEPT_CONFIG_DIR.");
}

// Exclusive and already private when it appears: link() of a finished file, so that two programs that start at once end
// with the same key and nobody ever sees half of one.
base::Result<void> storeNewSeed(const fs::path& path, ByteView seed)
{
    std::string temporary = path.string() + ".XXXXXX";
    const int fd = ::mkostemp(temporary.data(), O_CLOEXEC); // mode 0600
    if (fd < 0)
        return cannotUseKeys(path, errno);
    const std::string text = base::toBase64(seed) + "\n";
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    int problem = written ? 0 : (errno != 0 ? errno : EIO);
    if (::close(fd) != 0 && problem == 0)
        problem = errno;
    if (problem == 0 && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
        problem = errno;
    ::unlink(temporary.c_str());
    if (problem != 0)
        return cannotUseKeys(path, problem);
    const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

base::Result<SigningKey> readSeed(const fs::path& path)
{
    struct stat info { };
    if (::lstat(path.c_str(), &info) != 0)
        return cannotUseKeys(path, errno);
    if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0)
        return base::refused("The signing key " + path.string()
            + " can be read by other users of this machine. Take their rights away (chmod 600), or delete it and sign anew.");
    PERCEPT_ASSIGN(text, base::readTextFile(path, 1000));
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    const auto seed = base::fromBase64(text);
    if (seed.hasError() || seed.value().size() != crypto_sign_SEEDBYTES)
        return base::refused("The signing key " + path.string() + " is damaged. Put it back from a backup, or delete it "
            "to get a new one; devices that trust the old one will then refuse what you sign.");
    return keyFromSeed(seed.value());
}

}

SigningKey keyFromSeed(ByteView seed)
{
    SigningKey key;
    crypto_sign_seed_keypair(key.publicKey.data(), key.secretKey.data(), seed.data());
    return key;
}

base::Result<void> startSodium()
{
    if (sodium_init() < 0)
        return base::failed("The cryptographic library cannot start on this machine.");
    return {};
}

base::Result<SigningKey> loadOrMakeUserKey()
{
    PERCEPT_TRY(startSodium());
    const fs::path folder = base::configFolder() / "keys", path = folder / "signing.key";
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        return cannotUseKeys(path, problem.value());
    ::chmod(folder.c_str(), 0700);
    if (!fs::exists(path, problem)) {
        Bytes seed(crypto_sign_SEEDBYTES);
        randombytes_buf(seed.data(), seed.size());
        PERCEPT_TRY(storeNewSeed(path, seed));
    }
    return readSeed(path);
}

std::string publicKeyText(const std::array<std::uint8_t, 32>& key) { return base::toBase64(key); }

base::Result<std::array<std::uint8_t, 32>> publicKeyFromText(std::string_view text)
{
    std::array<std::uint8_t, 32> key {};
    const auto bytes = base::fromBase64(text);
    // Written back and compared: base64 has spellings that mean the same bytes.
    if (bytes.hasError() || bytes.value().size() != key.size() || base::toBase64(bytes.value()) != text)
        return base::refused("The public key is not one: 32 bytes in base64 are expected.");
    std::copy(bytes.value().begin(), bytes.value().end(), key.begin());
    return key;
}

Bytes signatureOf(ByteView message, const SigningKey& key)
{
    Bytes signature(kSignatureBytes);
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), key.secretKey.data());
    return signature;
}

bool isSignatureOf(ByteView signature, ByteView message, const std::array<std::uint8_t, 32>& key)
{
    return signature.size() == kSignatureBytes
        && crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

}
