#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/media/picture.h"
#include "core/services/loop.h"
#include "core/services/sample_scene.h"

#include <fmt/format.h>

namespace percept::services {

namespace {

// Three of five to learn from, one to choose by, one to test with.
domain::SplitSet sampleSet(int index)
{
    switch (index % 5) {
    case 3: return domain::SplitSet::Validation;
    case 4: return domain::SplitSet::Test;
    default: return domain::SplitSet::Train;
    }
}

base::Result<dataset::ImportItem> drawItem(const std::filesystem::path& media, int index, std::uint64_t seed)
{
    const SampleScene scene = drawSampleScene(seed, static_cast<std::uint64_t>(index));
    const bool isPng = index % 10 == 9;
    PERCEPT_ASSIGN(bytes, isPng ? media::encodePng(scene.rgb) : media::encodeJpeg(scene.rgb, 92));
    dataset::ImportItem item;
    item.name = fmt::format("tray_{:03}.{}", index + 1, isPng ? "png" : "jpg");
    item.file = media / item.name;
    PERCEPT_TRY(base::atomicWrite(item.file, bytes));
    item.contentHash = base::sha256Hex(bytes);
    item.sizeBytes = static_cast<std::int64_t>(bytes.size());
    item.width = scene.rgb.cols;
    item.height = scene.rgb.rows;
    item.set = sampleSet(index);
    item.labeled = true;
    for (const SamplePart& part : scene.parts)
        item.boxes.push_back({ part.label, part.box, { .occluded = part.isOccluded, .truncated = part.isTruncated, .crowd = false, .difficult = false } });
    return item;
}

base::Result<void> fillSample(dataset::ProjectStore& store, int items, std::uint64_t seed, const base::ProgressFn& progress,
    const base::CancelToken& cancel)
{
    const std::filesystem::path media = std::filesystem::absolute(store.folder()) / "media";
    std::error_code error;
    std::filesystem::create_directories(media, error);
    if (error)
        return base::failed(media.string() + " cannot be made: " + error.message() + ".");
    PERCEPT_ASSIGN(batch, store.beginImport("Drew the sample pictures"));
    for (int i = 0; i < items; ++i) {
        if (cancel.isCancelled())
            return base::cancelled();
        if (progress)
            progress({ i, items, "Drawing pictures" });
        PERCEPT_ASSIGN(item, drawItem(media, i, seed));
        PERCEPT_TRY(store.addToImport(batch, std::span(&item, 1)));
    }
    PERCEPT_TRY(store.finishImport(batch));
    if (progress)
        progress({ items, items, "Drawing pictures" });
    return {};
}

}

base::Result<void> makeSample(const std::filesystem::path& project, domain::Task task, int items, std::uint64_t seed, const base::ProgressFn& progress,
    const base::CancelToken& cancel)
{
    if (task != domain::Task::Detection)
        return base::usage("There is no sample for " + std::string(domain::toString(task)) + " in this version; there is one for detection.");
    if (items < 1 || items > 10000)
        return base::usage("A sample has 1 to 10,000 pictures.");
    const std::string name = project.stem().string();
    PERCEPT_ASSIGN(store, dataset::ProjectStore::create(project, name, task, kSampleLabels));
    const auto filled = fillSample(*store, items, seed, progress, cancel);
    store.reset();
    if (filled.hasError()) { // the folder is ours: half a sample is of no use
        std::error_code ignored;
        std::filesystem::remove_all(project, ignored);
    }
    return filled;
}

}
