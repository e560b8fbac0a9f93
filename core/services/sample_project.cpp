#include "core/base/files.h"
#include "core/base/fresh_names.h"
#include "core/base/hash.h"
#include "core/media/picture.h"
#include "core/services/loop.h"
#include "core/services/sample_scene.h"

#include <cerrno>
#include <fmt/format.h>
#include <utility>

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

// A folder beside the project, in which it is drawn: under its own name stands a whole sample or nothing, however the program
// ends, so that the next one is not in the way of a half one.
class SampleFolder {
public:
    static base::Result<SampleFolder> create(const std::filesystem::path& project)
    {
        std::error_code error;
        std::filesystem::path place = std::filesystem::weakly_canonical(project, error);
        if (error)
            place = std::filesystem::absolute(project, error).lexically_normal();
        if (!place.has_filename())
            place = place.parent_path();
        if (std::filesystem::exists(place, error) && !(std::filesystem::is_directory(place, error) && std::filesystem::is_empty(place, error)))
            return isThere(project);
        std::filesystem::create_directories(place.parent_path(), error);
        PERCEPT_ASSIGN(work, base::makeFreshFolder(place.parent_path() / "percept-sample-"));
        return SampleFolder(place, work);
    }
    SampleFolder(SampleFolder&& other) noexcept
        : m_place(std::move(other.m_place))
        , m_work(std::exchange(other.m_work, {}))
    {
    }
    SampleFolder& operator=(SampleFolder&&) = delete;
    ~SampleFolder()
    {
        std::error_code ignored;
        if (!m_work.empty())
            std::filesystem::remove_all(m_work, ignored); // half a sample is of no use
    }
    const std::filesystem::path& work() const { return m_work; }
    std::string name() const { return m_place.stem().string(); }
    base::Result<void> keep()
    {
        // Replaces an empty folder and nothing else.
        if (::rename(m_work.c_str(), m_place.c_str()) != 0)
            return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                ? isThere(m_place)
                : base::failed(m_place.string() + " cannot be made: " + base::describeErrno(errno) + ".");
        m_work.clear();
        return {};
    }

private:
    SampleFolder(std::filesystem::path place, std::filesystem::path work)
        : m_place(std::move(place))
        , m_work(std::move(work))
    {
    }
    static base::Error isThere(const std::filesystem::path& project)
    {
        return base::refused(project.string() + " is there already. Choose another name.");
    }
    std::filesystem::path m_place, m_work;
};

}

base::Result<void> makeSample(const std::filesystem::path& project, domain::Task task, int items, std::uint64_t seed, const base::ProgressFn& progress,
    const base::CancelToken& cancel)
{
    if (task != domain::Task::Detection)
        return base::usage("There is no sample for " + std::string(domain::toString(task)) + " in this version; there is one for detection.");
    if (items < 1 || items > 10000)
        return base::usage("A sample has 1 to 10,000 pictures.");
    PERCEPT_ASSIGN(folder, SampleFolder::create(project));
    PERCEPT_ASSIGN(store, dataset::ProjectStore::create(folder.work(), folder.name(), task, kSampleLabels));
    const auto filled = fillSample(*store, items, seed, progress, cancel);
    store.reset();
    PERCEPT_TRY(filled);
    return folder.keep();
}

}
