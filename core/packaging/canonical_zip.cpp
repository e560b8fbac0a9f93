#include "core/packaging/canonical_zip.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fmt/format.h>
#include <set>
#include <zlib.h>

namespace percept::packaging {

namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50, kEndSignature = 0x06054b50;
constexpr std::uint16_t kVersionNeeded = 20;
constexpr std::uint16_t kMadeBy = (3 << 8) | 20; // unix, so that unzip sets the mode below
constexpr std::uint32_t kFileMode = 0100644u << 16;
constexpr std::uint16_t kDate = (0 << 9) | (1 << 5) | 1; // 1980-01-01, the zero of zip
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22;

// Takes the bytes of a zip in order: once to store them, once to compare them with what lies there already.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void put(ByteView bytes) = 0;

    void put16(std::uint32_t v)
    {
        const std::uint8_t b[2] = { static_cast<std::uint8_t>(v), static_cast<std::uint8_t>(v >> 8) };
        put(b);
    }
    void put32(std::uint64_t v)
    {
        put16(static_cast<std::uint32_t>(v & 0xffff));
        put16(static_cast<std::uint32_t>((v >> 16) & 0xffff));
    }
    void put(std::string_view text) { put(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())); }
};

class StoringSink final : public Sink {
public:
    using Sink::put;
    void put(ByteView bytes) override { m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end()); }
    Bytes m_bytes;
};

class ComparingSink final : public Sink {
public:
    explicit ComparingSink(ByteView expected)
        : m_expected(expected)
    {
    }
    using Sink::put;
    void put(ByteView bytes) override
    {
        if (bytes.size() > m_expected.size() - m_position) {
            m_equal = false;
            return;
        }
        m_equal = m_equal
            && (bytes.empty() || std::memcmp(bytes.data(), m_expected.data() + m_position, bytes.size()) == 0);
        m_position += bytes.size();
    }
    bool isEqual() const { return m_equal && m_position == m_expected.size(); }

private:
    ByteView m_expected;
    std::size_t m_position = 0;
    bool m_equal = true;
};

std::uint32_t crc(ByteView bytes)
{
    return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

// The fields that local and central header share, from "version needed" to the length of the extra field.
void putCommon(Sink& sink, std::string_view name, std::size_t size, std::uint32_t checksum)
{
    sink.put16(kVersionNeeded);
    sink.put16(0); // flags
    sink.put16(0); // stored
    sink.put16(0); // time
    sink.put16(kDate);
    sink.put32(checksum);
    sink.put32(size);
    sink.put32(size);
    sink.put16(static_cast<std::uint32_t>(name.size()));
    sink.put16(0);
}

void putZip(Sink& sink, const EntryMap& entries)
{
    struct Place {
        std::uint64_t offset;
        std::uint32_t checksum;
    };
    std::vector<Place> places;
    std::uint64_t offset = 0;
    for (const auto& [name, bytes] : entries) {
        places.push_back({ offset, crc(bytes) });
        sink.put32(kLocalSignature);
        putCommon(sink, name, bytes.size(), places.back().checksum);
        sink.put(name);
        sink.put(bytes);
        offset += kLocalBytes + name.size() + bytes.size();
    }
    std::uint64_t centralBytes = 0;
    auto place = places.begin();
    for (const auto& [name, bytes] : entries) {
        sink.put32(kCentralSignature);
        sink.put16(kMadeBy);
        putCommon(sink, name, bytes.size(), place->checksum);
        sink.put16(0); // comment
        sink.put16(0); // disk
        sink.put16(0); // internal attributes
        sink.put32(kFileMode);
        sink.put32(place->offset);
        sink.put(name);
        centralBytes += kCentralBytes + name.size();
        ++place;
    }
    sink.put32(kEndSignature);
    sink.put32(0); // disks
    sink.put16(static_cast<std::uint32_t>(entries.size()));
    sink.put16(static_cast<std::uint32_t>(entries.size()));
    sink.put32(centralBytes);
    sink.put32(offset);
    sink.put16(0); // comment
}

base::Result<void> checkNames(const EntryMap& entries)
{
    if (entries.size() > kMaxEntries)
        return base::refused(fmt::format("The package holds {} files; a package has at most {}.", entries.size(), kMaxEntries));
    std::set<std::string> folded;
    for (const auto& [name, bytes] : entries) {
        if (!isEntryName(name))
            return base::refused("The package holds a file whose name a package must not have.", "entry name: " + name);
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
        if (!folded.insert(lower).second)
            return base::refused(fmt::format("Two files of the package differ only in upper and lower case: {}.", name));
    }
    return {};
}

std::uint64_t zipBytes(const EntryMap& entries)
{
    std::uint64_t total = kEndBytes;
    for (const auto& [name, bytes] : entries)
        total += kLocalBytes + kCentralBytes + 2 * name.size() + bytes.size();
    return total;
}

std::uint32_t get16(ByteView b, std::size_t at) { return b[at] | static_cast<std::uint32_t>(b[at + 1]) << 8; }
std::uint64_t get32(ByteView b, std::size_t at) { return get16(b, at) | static_cast<std::uint64_t>(get16(b, at + 2)) << 16; }

base::Error notCanonical(std::string detail)
{
    return base::refused("The package is damaged, or it was not written by Percept.", std::move(detail));
}

// Walks the local headers, as a reader that streams would. Everything that this does not look at, the comparison does.
base::Result<EntryMap> collectEntries(ByteView bytes)
{
    EntryMap entries;
    std::size_t at = 0;
    while (bytes.size() - at >= kLocalBytes && get32(bytes, at) == kLocalSignature) {
        const std::uint64_t size = get32(bytes, at + 18);
        const std::size_t nameBytes = get16(bytes, at + 26);
        const std::size_t left = bytes.size() - at - kLocalBytes;
        if (nameBytes > left || size > left - nameBytes)
            return notCanonical("an entry reaches over the end");
        const auto* name = reinterpret_cast<const char*>(bytes.data()) + at + kLocalBytes;
        const bool isNew
            = entries.emplace(std::string(name, nameBytes), bytes.subspan(at + kLocalBytes + nameBytes, size)).second;
        if (!isNew || entries.size() > kMaxEntries)
            return notCanonical(isNew ? "too many entries" : "an entry name comes twice");
        at += kLocalBytes + nameBytes + size;
    }
    return entries;
}

}

bool isEntryName(std::string_view name)
{
    if (name.empty() || name.size() > 200)
        return false;
    std::size_t start = 0;
    while (true) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        const std::string_view part = name.substr(start, end - start);
        const bool known = std::all_of(part.begin(), part.end(), [](unsigned char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        });
        if (part.empty() || part == "." || part == ".." || !known)
            return false;
        if (end == name.size())
            return true;
        start = end + 1;
    }
}

base::Result<Bytes> writeCanonicalZip(const EntryMap& entries)
{
    PERCEPT_TRY(checkNames(entries));
    if (zipBytes(entries) > kMaxZipBytes)
        return base::refused("Together the files of the package are over the limit of 1 GiB for a package.");
    StoringSink sink;
    sink.m_bytes.reserve(zipBytes(entries));
    putZip(sink, entries);
    return std::move(sink.m_bytes);
}

base::Result<EntryMap> readCanonicalZip(ByteView bytes)
{
    if (bytes.size() > kMaxZipBytes)
        return base::refused("The package is over the limit of 1 GiB for a package.");
    PERCEPT_ASSIGN(entries, collectEntries(bytes));
    if (entries.empty())
        return base::refused("The package is not a Percept package.");
    PERCEPT_TRY(checkNames(entries));
    ComparingSink sink(bytes);
    putZip(sink, entries);
    if (!sink.isEqual())
        return notCanonical("the zip rebuilt from its entries differs");
    return entries;
}

}
