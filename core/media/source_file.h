#pragma once

#include "core/media/picture.h"

#include <memory>
#include <vector>

namespace percept::media {

// A picture file, opened. Only regular files are (checked on the descriptor, so that a FIFO or a device can neither block nor be
// swapped in), none that is empty or over the limit, and what is read belongs to one and the same file whatever its name does.
class SourceFile {
public:
    static base::Result<SourceFile> open(const std::filesystem::path& file, const DecodeLimits& limits);

    const std::string& name() const { return m_name; }
    std::uint64_t size() const { return m_size; }
    // The bytes from `offset` on, up to `count` or the end; the file may have shrunk since it was opened.
    base::Result<std::vector<std::uint8_t>> read(std::uint64_t offset, std::uint64_t count) const;
    base::Result<std::vector<std::uint8_t>> readAll() const { return read(0, m_size); }
    // Of the whole file; `start` holds its first bytes.
    base::Result<std::string> sha256(std::span<const std::uint8_t> start) const;

private:
    class Descriptor;
    std::shared_ptr<const Descriptor> m_descriptor;
    std::string m_name; // for sentences
    std::uint64_t m_size = 0;
};

}
