// The file of an outbox: read at the start, appended to, written anew.
#include "core/base/files.h"
#include "core/device/outbox_line.h"
#include "core/transport/line_pipe.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = OutboxEntry::Kind;

base::Result<void> Outbox::load()
{
    std::vector<std::string> streams;
    std::error_code problem;
    for (fs::directory_iterator entry(m_options.folder, problem), end; !problem && entry != end; entry.increment(problem))
        if (entry->path().extension() == ".log")
            streams.push_back(entry->path().stem());
    // Two: a new stream was begun, and the old one, which had been told, not yet removed.
    if (streams.size() > 1)
        std::sort(streams.begin(), streams.end(), [this](const auto& a, const auto& b) {
            return fs::last_write_time(m_options.folder / (a + ".log")) > fs::last_write_time(m_options.folder / (b + ".log"));
        });
    PERCEPT_TRY(begin(streams.empty() ? randomOutboxName() : streams.front()));
    PERCEPT_TRY(readLog());
    removeStrangers();
    dropLostPictures();
    return {};
}

base::Result<void> Outbox::begin(const std::string& stream)
{
    m_stream = stream;
    if (!fs::exists(logPath()))
        PERCEPT_TRY(base::atomicWrite(logPath(), std::string_view()));
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = ::open(logPath().c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
    if (m_fd < 0)
        return base::failed(fmt::format("{} cannot be written: {}.", logPath().string(), base::describeErrno(errno)));
    m_items.clear();
    m_counts = { };
    m_fileBytes = m_acknowledged = m_handedOut = 0;
    return {};
}

base::Result<void> Outbox::readLog()
{
    transport::LineReader reader(m_fd);
    while (true) {
        PERCEPT_ASSIGN(text, reader.readLine());
        if (!text.has_value())
            break;
        const auto length = static_cast<std::int64_t>(text->size()) + 1;
        if (const auto line = outboxLineFrom(*text))
            apply(*line, m_fileBytes, length);
        else
            spdlog::error("a line of {} is damaged and left out", logPath().string());
        m_fileBytes += length;
    }
    if (::ftruncate(m_fd, m_fileBytes) != 0)
        return base::failed(fmt::format("{} cannot be written: {}.", logPath().string(), base::describeErrno(errno)));
    return {};
}

void Outbox::apply(const json& line, std::int64_t at, std::int64_t length)
{
    if (line.contains("state")) {
        m_acknowledged = std::max(m_acknowledged, line["state"].value("acknowledged", std::int64_t(0)));
        m_handedOut = std::max({ m_handedOut, m_acknowledged, line["state"].value("handedOut", std::int64_t(0)) });
        while (!m_items.empty() && m_items.front().number <= m_acknowledged) {
            count(m_items.front(), -1);
            m_items.pop_front();
        }
        return;
    }
    const auto number = line.value("n", std::int64_t(0));
    if (number <= m_acknowledged)
        return;
    Item item { number, outboxKindOf(line), at, length, line.value("picture", ""), 0 };
    item.bytes = item.kind == Kind::Sample ? length + line.value("pictureBytes", std::int64_t(0))
        : item.kind == Kind::Window        ? length
                                           : kDroppedBytes;
    // Lines in between that were damaged: the numbers stay without gaps.
    while (nextNumber() < number)
        count(m_items.emplace_back(droppedItem(nextNumber())), 1);
    if (number == nextNumber())
        count(m_items.emplace_back(std::move(item)), 1);
    else
        replace(m_items[static_cast<std::size_t>(number - m_items.front().number)], std::move(item)); // it was dropped later
}

// What a crash has left behind: pictures without an entry, the log of a stream that is over.
void Outbox::removeStrangers()
{
    std::set<std::string> known { logPath().filename() };
    for (const auto& item : m_items)
        if (!item.picture.empty())
            known.insert(item.picture);
    std::error_code problem;
    for (fs::directory_iterator entry(m_options.folder, problem), end; !problem && entry != end; entry.increment(problem))
        if (std::error_code ignored; !known.contains(entry->path().filename()))
            fs::remove(entry->path(), ignored);
}

// A crash between the end of a picture and the line that says so.
void Outbox::dropLostPictures()
{
    std::error_code problem;
    for (Item& item : m_items)
        if (item.kind == Kind::Sample && !fs::exists(m_options.folder / item.picture, problem))
            markDropped(item);
}

base::Result<void> Outbox::append(const json& line)
{
    const std::string text = outboxText(line);
    const auto written = transport::writeAll(m_fd, { reinterpret_cast<const std::uint8_t*>(text.data()), text.size() });
    if (written.hasError() || ::fdatasync(m_fd) != 0) {
        const int problem = errno;
        (void)!::ftruncate(m_fd, m_fileBytes); // half of it; what cannot be cut off now is when the outbox is opened
        return base::failed(fmt::format("{} cannot be written: {}.", logPath().string(), base::describeErrno(problem)));
    }
    apply(line, m_fileBytes, static_cast<std::int64_t>(text.size()));
    m_fileBytes += static_cast<std::int64_t>(text.size());
    return {};
}

std::vector<json> Outbox::allLines() const
{
    std::vector<json> lines;
    for (const auto& item : m_items) {
        const auto line = readLine(item);
        lines.push_back(line.hasValue() ? line.value() : outboxDroppedLine(item.number));
    }
    return lines;
}

base::Result<json> Outbox::readLine(const Item& item) const
{
    if (item.at < 0)
        return outboxDroppedLine(item.number);
    std::string text(static_cast<std::size_t>(item.length), '\0');
    const ssize_t count = ::pread(m_fd, text.data(), text.size(), item.at);
    if (count == static_cast<ssize_t>(text.size()))
        if (auto line = outboxLineFrom(std::string_view(text).substr(0, text.size() - 1)))
            return std::move(*line);
    return base::failed("An entry of the outbox cannot be read any more.");
}

base::Result<void> Outbox::rewrite(const std::vector<json>& lines)
{
    std::string text = outboxText({ { "state", { { "acknowledged", m_acknowledged }, { "handedOut", m_handedOut } } } });
    for (const auto& line : lines)
        text += outboxText(line);
    PERCEPT_TRY(base::atomicWrite(logPath(), text));
    PERCEPT_TRY(begin(m_stream));
    return readLog();
}

}
