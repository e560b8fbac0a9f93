#include "core/device/outbox.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <spdlog/spdlog.h>
#include <sys/random.h>
#include <tuple>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = OutboxEntry::Kind;

namespace {

constexpr std::size_t kCheckLength = 16;
constexpr std::uint64_t kMaxPictureFileBytes = 64u << 20;
constexpr std::int64_t kSlackBytes = 256 << 10;    // of the file, before it is written anew
constexpr std::int64_t kDroppedBytes = 64; // about what such a line takes; counted with the windows, which never go either

std::string randomName()
{
    std::array<std::uint8_t, 16> bytes { };
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        std::terminate(); // the kernel has no randomness: nothing that this device says could be told apart
    return base::toHex(bytes);
}

std::string textOf(const json& line)
{
    const std::string content = protocol::dumpLine(line);
    return base::sha256Hex(content).substr(0, kCheckLength) + " " + content + "\n";
}

// Without its newline. Nothing when it is torn or damaged.
std::optional<json> lineFrom(std::string_view text)
{
    if (text.size() <= kCheckLength || text[kCheckLength] != ' ')
        return std::nullopt;
    const auto content = text.substr(kCheckLength + 1);
    if (base::sha256Hex(content).substr(0, kCheckLength) != text.substr(0, kCheckLength))
        return std::nullopt;
    const auto line = protocol::parseJson(content, "A line of the outbox");
    return line.hasValue() ? std::optional(line.value()) : std::nullopt;
}

Kind kindFrom(const json& line)
{
    const std::string kind = line.value("kind", "");
    return kind == "window" ? Kind::Window : kind == "sample" ? Kind::Sample : Kind::Dropped;
}

json entryLine(std::int64_t number, const char* kind, const json& body, const Stamp& stamp)
{
    return { { "n", number }, { "kind", kind }, { "body", body }, { "boot", stamp.bootId }, { "bootMs", stamp.bootMs },
        { "wallMs", stamp.wallMs } };
}

json droppedLine(std::int64_t number) { return { { "n", number }, { "kind", "dropped" } }; }

}

Outbox::Outbox(Options options)
    : m_options(std::move(options))
{
}

Outbox::~Outbox()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

base::Result<std::unique_ptr<Outbox>> Outbox::open(Options options)
{
    std::unique_ptr<Outbox> outbox(new Outbox(std::move(options)));
    std::error_code problem;
    fs::create_directories(outbox->m_options.folder, problem);
    if (problem)
        return base::failed(fmt::format("The folder {} cannot be used: {}.", outbox->m_options.folder.string(),
            base::describeErrno(problem.value())));
    PERCEPT_TRY(outbox->load());
    return outbox;
}

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
    PERCEPT_TRY(begin(streams.empty() ? randomName() : streams.front()));
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
        if (const auto line = lineFrom(*text))
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
    Item item { number, kindFrom(line), at, length, line.value("picture", ""), 0 };
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

void Outbox::count(const Item& item, int sign)
{
    auto& entries = item.kind == Kind::Window ? m_counts.windows : item.kind == Kind::Sample ? m_counts.samples : m_counts.dropped;
    entries += sign;
    (item.kind == Kind::Sample ? m_counts.pictureBytes : m_counts.windowBytes) += sign * item.bytes;
}

void Outbox::replace(Item& item, Item by)
{
    count(item, -1);
    item = std::move(by);
    count(item, 1);
}

Outbox::Item Outbox::droppedItem(std::int64_t number) { return { number, Kind::Dropped, -1, 0, {}, kDroppedBytes }; }

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
    const std::string text = textOf(line);
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

bool Outbox::dropOldestPicture()
{
    const auto oldest = std::find_if(m_items.begin(), m_items.end(), [](const Item& item) { return item.kind == Kind::Sample; });
    if (oldest == m_items.end())
        return false;
    std::error_code problem;
    fs::remove(m_options.folder / oldest->picture, problem); // first: it is what makes room for the line that says so
    markDropped(*oldest);
    return true;
}

void Outbox::markDropped(Item& item)
{
    const auto number = item.number;
    if (append(droppedLine(number)).hasError())
        replace(item, droppedItem(number));
}

base::Result<void> Outbox::appendMakingRoom(const json& line)
{
    auto appended = append(line);
    while (appended.hasError() && dropOldestPicture())
        appended = append(line);
    return appended;
}

base::Result<void> Outbox::addWindow(const json& body, const Stamp& stamp)
{
    const std::lock_guard lock(m_mutex);
    PERCEPT_TRY(appendMakingRoom(entryLine(nextNumber(), "window", body, stamp)));
    keepCaps();
    return {};
}

base::Result<void> Outbox::addSample(const json& body, std::span<const std::uint8_t> picture, const Stamp& stamp)
{
    const std::lock_guard lock(m_mutex);
    if (static_cast<std::int64_t>(picture.size()) > m_options.maxPictureBytes)
        return base::refused("The picture is larger than all pictures that may wait.");
    const std::string name = randomName() + ".picture";
    auto written = base::atomicWrite(m_options.folder / name, picture);
    while (written.hasError() && dropOldestPicture())
        written = base::atomicWrite(m_options.folder / name, picture);
    PERCEPT_TRY(written);
    json line = entryLine(nextNumber(), "sample", body, stamp);
    line["picture"] = name;
    line["pictureBytes"] = picture.size();
    if (const auto appended = appendMakingRoom(line); appended.hasError()) {
        std::error_code problem;
        fs::remove(m_options.folder / name, problem);
        return appended;
    }
    keepCaps();
    return {};
}

Outbox::Fill Outbox::fill() const
{
    const std::lock_guard lock(m_mutex);
    Fill fill = m_counts;
    fill.stream = m_stream;
    fill.acknowledged = m_acknowledged;
    fill.handedOut = m_handedOut;
    fill.last = nextNumber() - 1;
    return fill;
}

void Outbox::keepCaps()
{
    while (m_counts.pictureBytes > m_options.maxPictureBytes && dropOldestPicture()) { }
    if (m_counts.windowBytes > m_options.maxWindowBytes)
        while (m_counts.windowBytes > m_options.maxWindowBytes / 2 && mergeSome()) { }
    // Events and entries that are over are still in the file. What cannot be written now is tried again the next time.
    if (m_fileBytes > 2 * (m_counts.windowBytes + m_counts.pictureBytes) + kSlackBytes)
        (void)rewrite(allLines());
}

// Every second window that was never handed out goes into the next one. False when there was nothing to merge.
bool Outbox::mergeSome()
{
    std::vector<json> lines = allLines(), kept;
    std::optional<std::size_t> older; // in kept
    bool hasMerged = false;
    for (auto& line : lines) {
        const bool isWindow = kindFrom(line) == Kind::Window && line["n"].get<std::int64_t>() > m_handedOut;
        const auto merged = isWindow && older.has_value() && m_options.merge ? m_options.merge(kept[*older]["body"], line["body"])
                                                                             : std::nullopt;
        if (merged.has_value()) {
            line["body"] = *merged;
            kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(*older));
            hasMerged = true;
            older.reset(); // this one was doubled now; the next pair begins behind it
        } else if (isWindow) {
            older = kept.size();
        }
        kept.push_back(std::move(line));
    }
    if (!hasMerged)
        return false;
    std::int64_t number = m_acknowledged;
    for (auto& line : kept)
        line["n"] = ++number;
    return rewrite(kept).hasValue();
}

std::vector<json> Outbox::allLines() const
{
    std::vector<json> lines;
    for (const auto& item : m_items) {
        const auto line = readLine(item);
        lines.push_back(line.hasValue() ? line.value() : droppedLine(item.number));
    }
    return lines;
}

base::Result<json> Outbox::readLine(const Item& item) const
{
    if (item.at < 0)
        return droppedLine(item.number);
    std::string text(static_cast<std::size_t>(item.length), '\0');
    const ssize_t count = ::pread(m_fd, text.data(), text.size(), item.at);
    if (count == static_cast<ssize_t>(text.size()))
        if (auto line = lineFrom(std::string_view(text).substr(0, text.size() - 1)))
            return std::move(*line);
    return base::failed("An entry of the outbox cannot be read any more.");
}

base::Result<void> Outbox::rewrite(const std::vector<json>& lines)
{
    std::string text = textOf({ { "state", { { "acknowledged", m_acknowledged }, { "handedOut", m_handedOut } } } });
    for (const auto& line : lines)
        text += textOf(line);
    PERCEPT_TRY(base::atomicWrite(logPath(), text));
    PERCEPT_TRY(begin(m_stream));
    return readLog();
}

base::Result<std::vector<OutboxEntry>> Outbox::handOut(std::int64_t number, std::size_t maxEntries, std::size_t maxBytes)
{
    const std::lock_guard lock(m_mutex);
    std::vector<OutboxEntry> entries;
    std::size_t bytes = 0;
    for (const auto& item : m_items) {
        if (item.number <= number)
            continue;
        bytes += static_cast<std::size_t>(item.bytes);
        if (entries.size() == maxEntries || (!entries.empty() && bytes > maxBytes))
            break;
        OutboxEntry entry { item.number, Kind::Dropped, {}, nullptr, {} };
        const auto line = readLine(item);
        auto picture = item.picture.empty() ? base::Result<std::vector<std::uint8_t>>(std::vector<std::uint8_t>())
                                            : base::readFile(m_options.folder / item.picture, kMaxPictureFileBytes);
        if (item.kind != Kind::Dropped && line.hasValue() && picture.hasValue()) {
            const json& content = line.value();
            entry = { item.number, item.kind, { content.value("boot", ""), content.value("bootMs", std::int64_t(0)),
                content.value("wallMs", std::int64_t(0)) }, content["body"], std::move(picture).value() };
        }
        entries.push_back(std::move(entry));
    }
    if (!entries.empty() && entries.back().number > m_handedOut)
        PERCEPT_TRY(appendMakingRoom({ { "state", { { "handedOut", entries.back().number } } } }));
    return entries;
}

base::Result<void> Outbox::beginAnew()
{
    const std::lock_guard lock(m_mutex);
    auto lines = allLines();
    std::int64_t number = 0;
    for (auto& line : lines)
        line["n"] = ++number;
    const fs::path old = logPath();
    const auto before = std::tuple(m_stream, m_acknowledged, m_handedOut);
    m_stream = randomName();
    m_acknowledged = m_handedOut = 0;
    if (const auto written = rewrite(lines); written.hasError()) {
        std::tie(m_stream, m_acknowledged, m_handedOut) = before;
        return written;
    }
    std::error_code problem;
    fs::remove(old, problem);
    return {};
}

base::Result<void> Outbox::acknowledge(std::int64_t number)
{
    const std::lock_guard lock(m_mutex);
    if (number <= m_acknowledged)
        return {};
    if (number >= nextNumber()) {
        const fs::path old = logPath();
        PERCEPT_TRY(begin(randomName()));
        std::error_code problem;
        fs::remove(old, problem);
        removeStrangers();
        return {};
    }
    std::vector<std::string> pictures;
    for (const auto& item : m_items)
        if (item.number <= number && !item.picture.empty())
            pictures.push_back(item.picture);
    PERCEPT_TRY(append({ { "state", { { "acknowledged", number } } } })); // then the pictures: without it they are still owed
    std::error_code problem;
    for (const auto& name : pictures)
        fs::remove(m_options.folder / name, problem);
    keepCaps();
    return {};
}

}
