#include "core/interchange/json_elements.h"

#include "core/base/files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::interchange {

namespace {

constexpr std::size_t kBlock = 4u << 20, kMaxElement = 64u << 20, kMaxDepth = 200;

enum class Kind : std::uint8_t { Other, Quote, Open, Close };
constexpr std::array<Kind, 256> makeKinds()
{
    std::array<Kind, 256> kinds = {};
    kinds['"'] = Kind::Quote;
    kinds['{'] = kinds['['] = Kind::Open;
    kinds['}'] = kinds[']'] = Kind::Close;
    return kinds;
}
constexpr auto kKinds = makeKinds();

// The first place from `at` on that `isHit` wants, looked for 16 bytes at a time; without one, where less than a block is left
// before `end`. Compilers make vector code of it on every processor.
using Block = std::uint8_t __attribute__((vector_size(16)));
static_assert(std::endian::native == std::endian::little);
template <typename IsHit>
std::size_t findInBlocks(const char* text, std::size_t at, std::size_t end, IsHit isHit)
{
    for (; at + sizeof(Block) <= end; at += sizeof(Block)) {
        Block block;
        std::memcpy(&block, text + at, sizeof block);
        std::uint64_t halves[2];
        const auto hits = isHit(block); // 0xff in each byte that is one
        std::memcpy(halves, &hits, sizeof halves);
        if (halves[0] != 0)
            return at + static_cast<std::size_t>(std::countr_zero(halves[0])) / 8;
        if (halves[1] != 0)
            return at + 8 + static_cast<std::size_t>(std::countr_zero(halves[1])) / 8;
    }
    return at;
}
// Quotes and brackets; also Y, y and _, which the table sorts out: | 0x26 makes one byte of all four brackets.
std::size_t findBracketOrQuote(const char* text, std::size_t at, std::size_t end)
{
    return findInBlocks(text, at, end, [](Block block) { return (block == '"') | ((block | 0x26) == 0x7f); });
}
std::size_t findEndOrEscape(const char* text, std::size_t at, std::size_t end)
{
    return findInBlocks(text, at, end, [](Block block) { return (block == '"') | (block == '\\'); });
}

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The file through one sliding buffer. Problems are kept in m_error; a scanner that sees one stops.
class Walker {
public:
    Walker(const std::filesystem::path& file, const base::ProgressFn& progress, const base::CancelToken& cancel)
        : m_name(file.filename().string())
        , m_progress(progress)
        , m_cancel(cancel)
        , m_fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))
    {
    }
    ~Walker()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Walker(const Walker&) = delete;
    Walker& operator=(const Walker&) = delete;

    base::Result<std::vector<std::string>> walk(
        const std::vector<std::string>& wanted, const std::function<base::Result<void>(const JsonElement&)>& onElement)
    {
        PERCEPT_TRY(begin());
        if (!expect('{', "does not begin with {: it is no COCO data set"))
            return m_error;
        std::vector<std::string> seen;
        if (nextIs('}'))
            return finish(seen);
        do {
            std::string key;
            if (!readKey(key) || !expect(':', "is damaged (a name without value)"))
                return m_error;
            skipSpace();
            const bool isWanted = std::find(wanted.begin(), wanted.end(), key) != wanted.end();
            if (isWanted && peek() == '[') {
                if (std::find(seen.begin(), seen.end(), key) == seen.end())
                    seen.push_back(key);
                PERCEPT_TRY(walkArray(key, onElement));
            } else if (!skipValue()) {
                return m_error;
            }
        } while (nextIs(','));
        if (!expect('}', "is damaged (neither comma nor end)"))
            return m_error;
        return finish(seen);
    }

private:
    base::Result<void> begin()
    {
        struct stat info = {};
        if (m_fd < 0 || ::fstat(m_fd, &info) != 0)
            return base::failed(m_name + " cannot be opened: " + base::describeErrno(errno) + ".");
        if (!S_ISREG(info.st_mode))
            return base::refused(m_name + " is not a regular file.");
        m_size = static_cast<std::uint64_t>(info.st_size);
        m_buffer.resize(kBlock + simdjson::SIMDJSON_PADDING);
        fill();
        const std::string_view start(m_buffer.data(), std::min<std::size_t>(m_end, 4));
        if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff") || (start.size() > 1 && (start[0] == 0 || start[1] == 0)))
            return base::refused(m_name + " is UTF-16 text. Save it as UTF-8 and import again.");
        if (start.starts_with("\xef\xbb\xbf"))
            m_position = 3;
        return {};
    }

    base::Result<std::vector<std::string>> finish(const std::vector<std::string>& seen)
    {
        skipSpace();
        if (!m_failed && m_position < m_end)
            fail("goes on after its end");
        if (m_failed)
            return m_error;
        return seen;
    }

    bool fail(const std::string& what)
    {
        if (!m_failed)
            m_error = base::refused(m_name + " " + what + " (at byte " + std::to_string(offset()) + "). Nothing was imported from it.");
        m_failed = true;
        return false;
    }
    bool failAtEnd() { return fail("is cut off: the file ends early"); }
    std::uint64_t offset() const { return m_base + m_position; }

    // Reads more; what lies before m_mark (or the position) is let go. False at the end of the file.
    bool fill()
    {
        if (m_failed)
            return false;
        if (m_cancel.isCancelled()) {
            m_error = base::cancelled();
            m_failed = true;
            return false;
        }
        const std::size_t keep = std::min(m_mark, m_position);
        if (keep > 0) {
            std::memmove(m_buffer.data(), m_buffer.data() + keep, m_end - keep);
            m_base += keep;
            m_position -= keep;
            m_end -= keep;
            if (m_mark != kNoMark)
                m_mark = 0;
        }
        if (m_end + simdjson::SIMDJSON_PADDING >= m_buffer.size()) {
            if (m_buffer.size() > kMaxElement)
                return fail("holds one entry of more than 64 MiB");
            m_buffer.resize(m_buffer.size() * 2);
        }
        ssize_t n = 0;
        do
            n = ::read(m_fd, m_buffer.data() + m_end, m_buffer.size() - simdjson::SIMDJSON_PADDING - m_end);
        while (n < 0 && errno == EINTR);
        if (n < 0) {
            m_error = base::failed(m_name + " cannot be read: " + base::describeErrno(errno) + ".");
            m_failed = true;
        }
        if (n <= 0)
            return false;
        m_end += static_cast<std::size_t>(n);
        if (m_progress)
            m_progress({ static_cast<std::int64_t>(m_base + m_end), static_cast<std::int64_t>(m_size), "Reading annotations" });
        return true;
    }

    bool hasByte() { return m_position < m_end || fill(); }
    char peek() { return hasByte() ? m_buffer[m_position] : '\0'; }
    void skipSpace()
    {
        while (hasByte() && isSpace(m_buffer[m_position]))
            ++m_position;
    }
    bool nextIs(char c)
    {
        skipSpace();
        if (m_failed || peek() != c)
            return false;
        ++m_position;
        return true;
    }
    bool expect(char c, const char* otherwise)
    {
        if (nextIs(c))
            return true;
        return hasByte() ? fail(otherwise) : failAtEnd();
    }

    bool readKey(std::string& key)
    {
        skipSpace();
        m_mark = m_position;
        if (peek() != '"')
            return hasByte() ? fail("is damaged (a name was expected)") : failAtEnd();
        if (!skipString())
            return false;
        key.assign(m_buffer.data() + m_mark + 1, m_position - m_mark - 2);
        m_mark = kNoMark;
        return true;
    }

    bool skipString()
    {
        ++m_position;
        while (true) {
            m_position = findEndOrEscape(m_buffer.data(), m_position, m_end);
            while (m_position < m_end) {
                const char c = m_buffer[m_position++];
                if (c == '"')
                    return true;
                if (c != '\\')
                    continue;
                if (!hasByte())
                    return failAtEnd();
                ++m_position;
            }
            if (!fill())
                return failAtEnd();
        }
    }

    bool skipValue()
    {
        skipSpace();
        const char first = peek();
        if (!hasByte())
            return failAtEnd();
        if (first == '"')
            return skipString();
        if (first == '{' || first == '[')
            return skipNested();
        const std::uint64_t start = offset();
        while (hasByte() && !isSpace(m_buffer[m_position]) && std::strchr(",]}", m_buffer[m_position]) == nullptr)
            ++m_position;
        return offset() > start || fail("is damaged (a value was expected)");
    }

    bool skipNested()
    {
        char expected[kMaxDepth];
        std::size_t depth = 0;
        while (true) {
            while (m_position < m_end) {
                const char c = m_buffer[m_position];
                const Kind kind = kKinds[static_cast<unsigned char>(c)];
                if (kind == Kind::Other) {
                    m_position = findBracketOrQuote(m_buffer.data(), m_position + 1, m_end);
                    continue;
                }
                if (kind == Kind::Quote) {
                    if (!skipString())
                        return false;
                    continue;
                }
                ++m_position;
                if (kind == Kind::Open) {
                    if (depth == kMaxDepth)
                        return fail("is nested deeper than 200 levels, which no annotation is");
                    expected[depth++] = c == '{' ? '}' : ']';
                } else {
                    if (expected[--depth] != c)
                        return fail("is damaged (brackets do not match)");
                    if (depth == 0)
                        return true;
                }
            }
            if (!fill())
                return failAtEnd();
        }
    }

    base::Result<void> walkArray(const std::string& key, const std::function<base::Result<void>(const JsonElement&)>& onElement)
    {
        ++m_position;
        if (nextIs(']'))
            return {};
        do {
            skipSpace();
            m_mark = m_position;
            if (!skipValue())
                return m_error;
            const std::string_view text(m_buffer.data() + m_mark, m_position - m_mark);
            PERCEPT_TRY(onElement({ key, text, m_buffer.size() - m_mark, m_base + m_mark }));
            m_mark = kNoMark;
        } while (nextIs(','));
        if (!expect(']', "is damaged (neither comma nor end of a list)"))
            return m_error;
        return {};
    }

    static constexpr std::size_t kNoMark = static_cast<std::size_t>(-1);

    std::string m_name;
    const base::ProgressFn& m_progress;
    const base::CancelToken& m_cancel;
    int m_fd;
    std::vector<char> m_buffer;
    std::size_t m_position = 0, m_end = 0, m_mark = kNoMark;
    std::uint64_t m_base = 0, m_size = 0;
    bool m_failed = false;
    base::Error m_error;
};

}

base::Result<std::vector<std::string>> walkJsonElements(const std::filesystem::path& file, const std::vector<std::string>& wanted,
    const std::function<base::Result<void>(const JsonElement&)>& onElement, const base::ProgressFn& progress,
    const base::CancelToken& cancel)
{
    Walker walker(file, progress, cancel);
    return walker.walk(wanted, onElement);
}

}
