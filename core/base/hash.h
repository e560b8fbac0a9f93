#pragma once

#include "core/base/result.h"


#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace percept::base {

// SHA-256 over bytes that arrive in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::span<const std::uint8_t> bytes);
    void add(std::string_view text);
    // Lower-case hex, 64 characters. Call once.
    std::string hexDigest();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

std::string sha256Hex(std::span<const std::uint8_t> bytes);
std::string sha256Hex(std::string_view text);
Result<std::string> sha256OfFile(const std::filesystem::path& path);

std::string toHex(std::span<const std::uint8_t> bytes);
Result<std::vector<std::uint8_t>> fromHex(std::string_view hex);
std::string toBase64(std::span<const std::uint8_t> bytes);
Result<std::vector<std::uint8_t>> fromBase64(std::string_view text);

}
