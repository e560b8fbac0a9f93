#include "core/device/outbox.h"

#include "core/base/files.h"
#include "core/device/outbox_line.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = OutboxEntry::Kind;

namespace {

constexpr std::uint64_t kMaxPictureFileBytes = 64u << 20;
constexpr std::int64_t kSlackBytes = 256 << 10;    // of the file, before it is written anew

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
    if (append(outboxDroppedLine(number)).hasError())
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
    PERCEPT_TRY(appendMakingRoom(outboxEntryLine(nextNumber(), "window", body, stamp)));
    keepCaps();
    return {};
}

base::Result<void> Outbox::addSample(const json& body, std::span<const std::uint8_t> picture, const Stamp& stamp)
{
    const std::lock_guard lock(m_mutex);
    if (static_cast<std::int64_t>(picture.size()) > m_options.maxPictureBytes)
        return base::refused("The picture is larger than all pictures that may wait.");
    const std::string name = randomOutboxName() + ".picture";
    auto written = base::atomicWrite(m_options.folder / name, picture);
    while (written.hasError() && dropOldestPicture())
        written = base::atomicWrite(m_options.folder / name, picture);
    PERCEPT_TRY(written);
    json line = outboxEntryLine(nextNumber(), "sample", body, stamp);
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
        const bool isWindow = outboxKindOf(line) == Kind::Window && line["n"].get<std::int64_t>() > m_handedOut;
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
    m_stream = randomOutboxName();
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
        PERCEPT_TRY(begin(randomOutboxName()));
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
