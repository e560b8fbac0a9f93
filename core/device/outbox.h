#pragma once

#include "core/base/result.h"
#include "core/device/stamp.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

namespace percept::device {

// One thing that a device has to tell.
struct OutboxEntry {
    enum class Kind { Window, Sample, Dropped };
    std::int64_t number = 0;
    Kind kind = Kind::Window;
    Stamp stamp;                       // when it was put in
    nlohmann::json body;               // of the window or sample; null where a sample was dropped
    std::vector<std::uint8_t> picture; // of a sample
};

// What a device has to tell, on its disk until somebody acknowledges it: windows of counts, and samples with a picture, in
// the order in which they came. A stream has a random name and numbers its entries 1, 2, 3, ... without gaps, so that the
// other side can take each once; it is told up to which number it has them all. What was put in is on the disk
// (synchronised) when add...() returns, and survives kill -9; a line that was torn by it was never put in.
//
// OUTBOX/STREAM.log: one line an entry or event, "CHECK JSON" (CHECK: the first 16 hex digits of the SHA-256 of the JSON).
// OUTBOX/*.picture: pictures of samples, complete before their entry is.
//
// There are caps. Pictures go first, the oldest ones: their samples become "dropped" entries with the same number. Windows
// are never dropped: when they are too many, neighbours that were never handed out are merged, and what comes after them is
// numbered anew, which nobody can have seen. Where nothing can be merged any more the cap gives way.
class Outbox {
public:
    // Both windows in one, or nothing when these two cannot be (another model, say).
    using Merge = std::function<std::optional<nlohmann::json>(const nlohmann::json& older, const nlohmann::json& newer)>;
    struct Options {
        std::filesystem::path folder;
        std::int64_t maxPictureBytes = 256ll << 20; // samples, with what belongs to them
        std::int64_t maxWindowBytes = 16ll << 20;
        Merge merge;
    };
    static base::Result<std::unique_ptr<Outbox>> open(Options options);
    ~Outbox();
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    // Any thread. When the disk is full the oldest pictures make room; an error: there is nothing left to drop.
    base::Result<void> addWindow(const nlohmann::json& body, const Stamp& stamp);
    base::Result<void> addSample(const nlohmann::json& body, std::span<const std::uint8_t> picture, const Stamp& stamp);

    // The entries after `number`, in order, no more than that many and about that many bytes (at least one). They count as
    // handed out from here on, also after a restart.
    base::Result<std::vector<OutboxEntry>> handOut(std::int64_t number, std::size_t maxEntries, std::size_t maxBytes);
    // The other side has everything up to this number; they are forgotten. A number that was never given says that this
    // outbox is an old copy of one that went on: what is in it was told already, and a new stream begins.
    base::Result<void> acknowledge(std::int64_t number);

    // The other side has lost what it had: what waits here goes on as a stream of another name, numbered from 1.
    base::Result<void> beginAnew();

    struct Fill {
        std::string stream;
        std::int64_t acknowledged = 0, handedOut = 0, last = 0; // numbers
        std::int64_t windows = 0, samples = 0, dropped = 0;     // that wait
        std::int64_t pictureBytes = 0, windowBytes = 0;
    };
    Fill fill() const;

private:
    struct Item {
        std::int64_t number = 0;
        OutboxEntry::Kind kind = OutboxEntry::Kind::Window;
        std::int64_t at = 0, length = 0; // its line in the file
        std::string picture;             // name of its file
        std::int64_t bytes = 0;          // that it counts for
    };

    // About what the line of a dropped sample takes; counted with the windows, which never go either.
    static constexpr std::int64_t kDroppedBytes = 64;

    explicit Outbox(Options options);
    base::Result<void> load();
    base::Result<void> begin(const std::string& stream);
    base::Result<void> readLog();
    void apply(const nlohmann::json& line, std::int64_t at, std::int64_t length);
    void removeStrangers();
    base::Result<void> append(const nlohmann::json& line);
    base::Result<void> appendMakingRoom(const nlohmann::json& line);
    void markDropped(Item& item);
    void dropLostPictures();
    bool dropOldestPicture();
    void keepCaps();
    bool mergeSome();
    base::Result<void> rewrite(const std::vector<nlohmann::json>& lines);
    base::Result<nlohmann::json> readLine(const Item& item) const;
    std::vector<nlohmann::json> allLines() const;
    std::int64_t nextNumber() const { return m_items.empty() ? m_acknowledged + 1 : m_items.back().number + 1; }
    std::filesystem::path logPath() const { return m_options.folder / (m_stream + ".log"); }
    static Item droppedItem(std::int64_t number);
    void count(const Item& item, int sign);
    void replace(Item& item, Item by);

    const Options m_options;
    mutable std::mutex m_mutex;
    std::string m_stream;
    int m_fd = -1;
    std::int64_t m_fileBytes = 0, m_acknowledged = 0, m_handedOut = 0;
    Fill m_counts; // of m_items; names and numbers are filled in when asked
    std::deque<Item> m_items; // m_acknowledged + 1, + 2, ...
};

}
