#include "core/services/field_samples.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/fleet/fleet_view.h"
#include "core/fleet/own_packages.h"
#include "core/media/picture.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <map>
#include <set>

namespace percept::services {

namespace fs = std::filesystem;
using dataset::FieldAnswer;

namespace {

constexpr std::uint64_t kMostBytes = 64ull << 20; // more than any device may send
constexpr std::size_t kEveryRandom = 10;

// The hub has checked it when it came; what is odd all the same is left out.
std::optional<FieldPicture> pictureOf(const fleet::StoredSample& stored)
{
    const auto& d = stored.description;
    if (!d.is_object())
        return std::nullopt;
    FieldPicture picture { { stored.id, stored.device, d.value("packageVersion", ""), d.value("package", ""), d.value("reason", ""),
                               d.value("timeMs", std::int64_t { 0 }), {} },
        stored.receivedMs, stored.picture, d.value("width", 0), d.value("height", 0) };
    if (const auto list = d.find("predictions"); list != d.end() && list->is_array())
        for (const auto& p : *list) {
            const auto box = p.value("box", std::vector<double>());
            if (box.size() == 4)
                picture.sample.answers.push_back({ p.value("label", ""), p.value("score", 0.0), { box[0], box[1], box[2], box[3] } });
        }
    return picture;
}

std::optional<FieldPicture> readPicture(const fleet::StoredSample& stored)
{
    try {
        return pictureOf(stored);
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

// Every picture of the project's models in these states, newest first, until `take` says no. What comes meanwhile shifts the pages: no
// picture is given twice for that.
base::Result<void> forEachOwn(const fleet::FleetView& view, const fleet::OwnPackages& own, fleet::SampleQuery query, const std::function<bool(FieldPicture)>& take)
{
    std::set<std::string> given;
    for (query.skip = 0;; query.skip += query.most) {
        PERCEPT_ASSIGN(page, view.readSamples(query));
        for (const auto& stored : page.newest) {
            auto picture = readPicture(stored);
            if (!picture || !given.insert(stored.id).second)
                continue;
            const bool isOwn = own.has({ stored.packageName, picture->sample.version, picture->sample.packageSha256 });
            if (isOwn && !take(std::move(*picture)))
                return {};
        }
        if (static_cast<std::int64_t>(page.newest.size()) < query.most)
            return {};
    }
}

// How unsure the model was: the lowest of its scores; a picture that it called empty, and that came all the same, comes first.
double leastScore(const FieldPicture& picture)
{
    double least = 1;
    for (const FieldAnswer& answer : picture.sample.answers)
        least = std::min(least, answer.score);
    return picture.sample.answers.empty() ? 0 : least;
}

std::vector<FieldPicture> inOrder(std::vector<FieldPicture> pictures)
{
    std::stable_sort(pictures.begin(), pictures.end(), [](const auto& a, const auto& b) { return leastScore(a) < leastScore(b); });
    const auto middle = std::stable_partition(pictures.begin(), pictures.end(), [](const auto& p) { return !p.sample.isRandom(); });
    // Random ones in the order in which they came: to sort them by score and stop half-way would make a biased sample of them.
    std::stable_sort(middle, pictures.end(), [](const auto& a, const auto& b) { return a.receivedMs < b.receivedMs; });
    std::vector<FieldPicture> mixed;
    auto chosen = pictures.begin(), random = middle;
    while (chosen != middle || random != pictures.end()) {
        const bool isRandomsTurn = mixed.size() % kEveryRandom == 0;
        const bool takesRandom = random != pictures.end() && (isRandomsTurn || chosen == middle);
        mixed.push_back(std::move(takesRandom ? *random++ : *chosen++));
    }
    return mixed;
}

base::Result<std::vector<domain::Annotation>> boxesOf(
    const dataset::ProjectReader& reader, const FieldPicture& picture, const media::PictureInfo& info)
{
    PERCEPT_ASSIGN(labels, reader.readLabels());
    std::map<std::string, LabelId> ids;
    for (const auto& label : labels)
        ids.emplace(label.name, label.id);
    std::vector<domain::Annotation> boxes;
    for (const FieldAnswer& answer : picture.sample.answers) {
        const auto id = ids.find(answer.label);
        if (id == ids.end())
            return base::refused(fmt::format("The device answered {}, a class that the project no longer has. Say that it is wrong and draw what is there.", answer.label));
        domain::Annotation box;
        box.label = id->second;
        box.box = domain::clipped(answer.box, info.width, info.height);
        box.origin = domain::Origin::ProposalAccepted;
        box.score = answer.score;
        if (box.box.hasArea())
            boxes.push_back(box);
    }
    return boxes;
}

// media/field/ID.jpg, the same bytes as the device sent. Written before the transaction: a crash between leaves a file that nobody
// names, and the next try replaces it.
base::Result<fs::path> copyIntoProject(const fs::path& project, const FieldPicture& picture)
{
    PERCEPT_ASSIGN(bytes, base::readFile(picture.file, kMostBytes));
    const fs::path folder = project / "media" / "field";
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return base::failed("The folder " + folder.string() + " cannot be made: " + base::describeErrno(error.value()) + ". Nothing was taken.");
    const fs::path file = fs::absolute(folder, error) / picture.file.filename();
    PERCEPT_TRY(base::atomicWrite(file, bytes));
    return file;
}

// Whether a picture of that moment tests: walks from neighbour to neighbour, as the store groups them, and no further than a moment lasts.
bool isBesideTest(const std::vector<std::pair<std::int64_t, domain::SplitSet>>& taken, std::int64_t timeMs)
{
    const auto isNear = [timeMs](std::int64_t a, std::int64_t b) {
        return std::abs(a - b) <= dataset::kMomentMs && std::abs(a - timeMs) <= dataset::kLongestMomentMs;
    };
    const auto after = std::lower_bound(taken.begin(), taken.end(), timeMs, [](const auto& t, std::int64_t time) { return t.first < time; });
    std::int64_t last = timeMs;
    for (auto at = after; at != taken.end() && isNear(at->first, last); last = at->first, ++at)
        if (at->second == domain::SplitSet::Test)
            return true;
    last = timeMs;
    for (auto at = after; at != taken.begin() && isNear(std::prev(at)->first, last); last = std::prev(at)->first, --at)
        if (std::prev(at)->second == domain::SplitSet::Test)
            return true;
    return false;
}

void markMoments(std::vector<FieldPicture>& waiting, const std::vector<dataset::StoredFieldSample>& known)
{
    std::map<std::string, std::vector<std::pair<std::int64_t, domain::SplitSet>>> taken; // by device, oldest first
    for (const auto& stored : known)
        if (!stored.trashed && stored.sample.timeMs > 0)
            taken[stored.sample.device].push_back({ stored.sample.timeMs, stored.set });
    for (FieldPicture& picture : waiting)
        if (const auto at = taken.find(picture.sample.device); at != taken.end() && picture.sample.timeMs > 0)
            picture.isBesideTest = !picture.sample.isRandom() && isBesideTest(at->second, picture.sample.timeMs);
}

// Files of equal size only are read whole: few are.
base::Result<void> markEqualFiles(const dataset::ProjectReader& reader, std::vector<FieldPicture>& waiting)
{
    if (waiting.empty())
        return {};
    PERCEPT_ASSIGN(sizes, reader.readContentSizes());
    for (FieldPicture& picture : waiting) {
        std::error_code error;
        const auto bytes = fs::file_size(picture.file, error);
        if (error || !sizes.contains(static_cast<std::int64_t>(bytes)))
            continue;
        const auto hash = base::sha256OfFile(picture.file);
        if (hash.hasError())
            continue; // taking it will say why
        PERCEPT_ASSIGN(item, reader.findItemByContent(*hash));
        if (item)
            picture.sameAs = item->name;
    }
    return {};
}

std::string titleOf(const FieldPicture& picture, FieldVerdict verdict)
{
    return fmt::format("{} a picture of {}", verdict == FieldVerdict::Right ? "Confirmed" : "Took", picture.sample.device);
}

}

base::Result<FieldQueue> readFieldQueue(const dataset::ProjectReader& reader, const fs::path& fleetFolder, const FieldQueueLimits& limits)
{
    FieldQueue queue;
    PERCEPT_ASSIGN(known, reader.readFieldSamples());
    std::set<std::string> taken;
    for (const auto& stored : known)
        if (!stored.trashed)
            taken.insert(stored.sample.id);
    queue.taken = static_cast<std::int64_t>(taken.size());
    auto view = fleet::FleetView::open(fleetFolder);
    if (view.hasError())
        return view.error().code == base::ErrorCode::NotFound ? base::Result<FieldQueue>(queue) : view.error();
    PERCEPT_ASSIGN(info, reader.readInfo());
    using fleet::SampleState;
    fleet::OwnPackages own(fleetFolder);
    PERCEPT_TRY(own.read(reader));
    fleet::SampleQuery query;
    query.package = info.name;
    query.byHand = true;
    query.most = std::clamp<std::int64_t>(limits.page, 1, fleet::SampleQuery::kMost);
    query.states = fleet::SampleQuery::bit(SampleState::Ignored);
    PERCEPT_TRY(forEachOwn(**view, own, query, [&](const FieldPicture&) { return ++queue.ignored > 0; }));
    query.states = fleet::SampleQuery::bit(SampleState::Waiting) | fleet::SampleQuery::bit(SampleState::Taken); // and taken back since, maybe
    std::vector<FieldPicture> waiting;
    PERCEPT_TRY(forEachOwn(**view, own, query, [&](FieldPicture picture) {
        if (taken.contains(picture.sample.id))
            return true;
        queue.hasMore = waiting.size() >= limits.waiting;
        if (queue.hasMore)
            return false;
        queue.random += picture.sample.isRandom() ? 1 : 0;
        waiting.push_back(std::move(picture));
        return true;
    }));
    markMoments(waiting, known);
    PERCEPT_TRY(markEqualFiles(reader, waiting));
    queue.waiting = inOrder(std::move(waiting));
    return queue;
}

base::Result<FieldTaken> takeFieldSample(ProjectSession& session, const FieldPicture& picture, FieldVerdict verdict)
{
    PERCEPT_ASSIGN(reader, session.openReader());
    PERCEPT_ASSIGN(read, media::readPictureFile(picture.file, /*hash=*/true));
    dataset::TakeFieldSample edit;
    edit.sample = picture.sample;
    edit.set = picture.sample.isRandom() ? domain::SplitSet::Test : domain::SplitSet::Train;
    if (verdict == FieldVerdict::Right) {
        PERCEPT_ASSIGN(boxes, boxesOf(*reader, picture, read.info));
        edit.boxes = std::move(boxes);
        edit.state = domain::ItemState::Done;
    }
    PERCEPT_ASSIGN(file, copyIntoProject(session.folder(), picture));
    edit.picture = { file, picture.sample.device + " " + file.filename().string(), read.sha256, static_cast<std::int64_t>(read.bytes),
        read.info.width, read.info.height };
    const std::vector<dataset::Edit> edits { std::move(edit) };
    PERCEPT_ASSIGN(committed, session.call([&](dataset::ProjectStore& store) { return store.apply(edits, titleOf(picture, verdict)); }));
    PERCEPT_ASSIGN(known, reader->readFieldSamples());
    FieldTaken taken { {}, committed, committed.touchedItems.empty() };
    for (const auto& stored : known)
        if (stored.sample.id == picture.sample.id) {
            taken.item = stored.item;
            taken.set = stored.set;
        }
    taken.setAside = std::count_if(committed.touchedItems.begin(), committed.touchedItems.end(), [&](ItemId item) { return item != taken.item; });
    return taken;
}

}
