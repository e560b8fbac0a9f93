#include "core/base/files.h"
#include "core/dataset/project_reader.h"
#include "core/protocol/run_config.h"
#include "core/services/loop.h"

#include <nlohmann/json.hpp>
#include <sstream>

namespace percept::services {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::size_t kMostBytes = std::size_t { 1 } << 30; // of a snapshot: millions of pictures

// Where a picture that is not at its place any more lies now; nothing when it is still there or was replaced.
base::Result<std::optional<std::string>> newPlace(const dataset::ProjectReader& reader, const protocol::SnapshotItem& item)
{
    std::error_code ec;
    if (fs::is_regular_file(item.path, ec))
        return std::optional<std::string>();
    PERCEPT_ASSIGN(today, reader.readItem(ItemId { item.id }));
    if (!today || today->contentHash != item.sha256)
        return std::optional<std::string>();
    const auto place = fs::absolute(reader.mediaPath(*today)).string();
    return place == item.path ? std::optional<std::string>() : std::optional(place);
}

}

base::Result<int> findMovedPictures(const dataset::ProjectReader& reader, const fs::path& runFolder)
{
    const auto file = runFolder / "snapshot" / "items.jsonl";
    PERCEPT_ASSIGN(text, base::readTextFile(file, kMostBytes));
    std::istringstream lines(text);
    std::string written;
    int moved = 0;
    for (std::string line; std::getline(lines, line);) {
        auto parsed = protocol::snapshotItemFromJson(json::parse(line, nullptr, false));
        if (parsed.hasError())
            return 0; // the trainer says what is wrong with it
        PERCEPT_ASSIGN(place, newPlace(reader, *parsed));
        if (place) {
            parsed->path = *place;
            line = protocol::toJson(*parsed).dump(-1, ' ', false, json::error_handler_t::replace);
            ++moved;
        }
        written += line + "\n";
    }
    if (moved > 0)
        PERCEPT_TRY(base::atomicWrite(file, written));
    return moved;
}

}
