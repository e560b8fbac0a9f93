#include "tests/core/packaging/zip_builder.h"

namespace percept::test {

namespace {

std::uint32_t crcOf(const std::vector<std::uint8_t>& bytes)
{
    std::uint32_t crc = ~0u;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

class Out {
public:
    Out& u16(std::size_t v)
    {
        bytes.push_back(static_cast<std::uint8_t>(v));
        bytes.push_back(static_cast<std::uint8_t>(v >> 8));
        return *this;
    }
    Out& u32(std::size_t v) { return u16(v & 0xffff).u16((v >> 16) & 0xffff); }
    Out& text(const std::string& v)
    {
        bytes.insert(bytes.end(), v.begin(), v.end());
        return *this;
    }
    std::vector<std::uint8_t> bytes;
};

void putShared(Out& out, const ZipEntry& entry, const std::string& name)
{
    const std::size_t size = entry.bytes.size() + entry.sizeChange;
    out.u16(20).u16(entry.flags).u16(entry.method).u16(entry.time).u16(entry.date).u32(crcOf(entry.bytes) + entry.crcChange);
    out.u32(size).u32(size).u16(name.size()).u16(entry.extraBytes);
}

}

std::vector<std::uint8_t> buildZip(const std::vector<ZipEntry>& entries, const ZipShape& shape)
{
    Out out;
    out.text(shape.prefix);
    std::vector<std::size_t> offsets;
    for (const auto& entry : entries) {
        offsets.push_back(out.bytes.size());
        putShared(out.u32(0x04034b50), entry, entry.name);
        out.text(entry.name).text(std::string(entry.extraBytes, 'x'));
        out.bytes.insert(out.bytes.end(), entry.bytes.begin(), entry.bytes.end());
    }
    out.text(shape.gap);
    const std::size_t central = out.bytes.size();
    std::size_t count = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!entries[i].inCentral)
            continue;
        ++count;
        const std::string& name = entries[i].centralName.empty() ? entries[i].name : entries[i].centralName;
        putShared(out.u32(0x02014b50).u16(entries[i].versionMadeBy), entries[i], name);
        out.u16(0).u16(0).u16(0).u32(entries[i].attributes).u32(offsets[i]).text(name).text(std::string(entries[i].extraBytes, 'x'));
    }
    const std::size_t centralBytes = out.bytes.size() - central;
    count += static_cast<std::size_t>(shape.countChange);
    out.u32(0x06054b50).u32(0).u16(count).u16(count).u32(centralBytes).u32(central).u16(shape.comment.size());
    return out.text(shape.comment).text(shape.suffix).bytes;
}

}
