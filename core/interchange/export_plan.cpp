#include "core/interchange/export_plan.h"

#include "core/base/files.h"
#include "core/base/fresh_names.h"
#include "core/interchange/text_fields.h"
#include "core/media/picture.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::interchange {

namespace fs = std::filesystem;

namespace {

// A file name out of what the project calls the picture.
std::string plainName(const std::string& name)
{
    std::string plain = fs::path(name).filename().string();
    for (char& c : plain)
        if (static_cast<unsigned char>(c) < 32 || c == '\\' || c == '/' || c == ':')
            c = '_';
    if (plain.empty() || plain.starts_with('.'))
        plain.insert(0, "picture");
    return plain;
}

std::string uniqueName(const std::string& name, std::set<std::string>& taken)
{
    const fs::path plain = plainName(name);
    std::string stem = plain.stem().string();
    for (int n = 2; !taken.insert(lowered(stem)).second; ++n)
        stem = plain.stem().string() + "_" + std::to_string(n);
    return stem + plain.extension().string();
}

}

namespace {

// Classes that are not there yet: those that were made while the pictures were looked at come behind.
void addLabels(ExportPlan& plan, const std::vector<domain::Label>& labels)
{
    for (const domain::Label& label : labels)
        if (plan.labels.emplace(label.id, label.name).second)
            plan.labelList.push_back(label);
}

// Of a class that was made and deleted within the time that it took to look at all pictures.
void leaveUnknownOut(ExportPlan& plan, WriteOutcome& outcome)
{
    for (ExportItem& item : plan.items) {
        const auto gone = std::erase_if(item.annotations, [&](const domain::Annotation& a) { return !plan.labels.contains(a.label); });
        if (gone > 0)
            outcome.problems.add(item.item.name,
                counted(static_cast<std::int64_t>(gone), "box of a class that was deleted meanwhile was", "boxes of classes that were deleted meanwhile were") + " left out.");
    }
}

}

base::Result<ExportPlan> planExport(const WriteRequest& request, WriteOutcome& outcome)
{
    ExportPlan plan;
    PERCEPT_ASSIGN(labels, request.reader.readLabels());
    addLabels(plan, labels);
    std::set<std::string> taken;
    std::int64_t notDone = 0, looked = 0;
    for (ItemId after {};;) {
        PERCEPT_ASSIGN(page, request.reader.readItems(request.filter, after, 500));
        if (page.empty())
            break;
        after = page.back().id;
        for (domain::Item& item : page) {
            if (request.cancel.isCancelled())
                return base::cancelled();
            if (request.progress)
                request.progress({ ++looked, 0, "Looking at pictures" });
            if (!request.only.empty() && !std::binary_search(request.only.begin(), request.only.end(), item.id))
                continue;
            if (item.state != domain::ItemState::Done) {
                ++notDone;
                continue;
            }
            if (const auto info = media::readPictureInfo(request.reader.mediaPath(item)); info.hasError()) {
                outcome.problems.add(item.name, info.error().message);
                continue;
            }
            PERCEPT_ASSIGN(annotations, request.reader.readAnnotations(item.id));
            const std::string name = uniqueName(item.name, taken);
            plan.items.push_back({ std::move(item), std::move(annotations), name });
        }
    }
    PERCEPT_ASSIGN(later, request.reader.readLabels());
    addLabels(plan, later);
    leaveUnknownOut(plan, outcome);
    if (notDone > 0)
        outcome.problems.add("", counted(notDone, "picture that is not done was", "pictures that are not done were") + " left out.");
    return plan;
}

namespace {

// A folder that is there can be replaced, unless a disk is mounted on it or the shell stands in it.
bool isReplaceable(const fs::path& folder)
{
    struct stat self { }, parent { };
    std::error_code error;
    return ::stat(folder.c_str(), &self) == 0 && ::stat(folder.parent_path().c_str(), &parent) == 0 && self.st_dev == parent.st_dev
        && !fs::equivalent(folder, fs::current_path(error), error);
}

// What `out` stands for: absolute, without a slash at its end, a link to an empty folder followed.
base::Result<fs::path> freePlace(const fs::path& out)
{
    std::error_code error;
    const fs::file_status status = fs::status(out, error);
    if (fs::is_symlink(fs::symlink_status(out, error)) && !fs::exists(status))
        return base::usage(out.string() + " is a link that leads to no folder. Name a new folder for the export.");
    if (!fs::exists(status)) {
        const fs::path place = fs::absolute(out, error).lexically_normal();
        if (error)
            return base::usage("An export needs the name of a new folder.");
        return place.has_filename() ? place : place.parent_path();
    }
    if (!fs::is_directory(status))
        return base::usage(out.string() + " is a file. Name a new folder for the export.");
    if (!fs::is_empty(out, error))
        return base::usage(out.string() + " is not empty. Name a new folder for the export; nothing is overwritten.");
    const fs::path place = fs::canonical(out, error);
    if (error || !isReplaceable(place))
        return base::usage(out.string() + " cannot be replaced by the finished export. Name a new folder in it.");
    return place;
}

}

ExportFolder::ExportFolder(fs::path out, fs::path work)
    : m_out(std::move(out))
    , m_work(std::move(work))
{
}

ExportFolder::ExportFolder(ExportFolder&& other) noexcept
    : m_out(std::move(other.m_out))
    , m_work(std::exchange(other.m_work, {}))
{
}

ExportFolder::~ExportFolder()
{
    std::error_code error;
    if (!m_work.empty())
        fs::remove_all(m_work, error);
}

base::Result<ExportFolder> ExportFolder::create(const fs::path& out)
{
    PERCEPT_ASSIGN(place, freePlace(out));
    PERCEPT_TRY(makeFolder(place.parent_path()));
    // Not named after OUT: that may have the longest name there is.
    PERCEPT_ASSIGN(work, base::makeFreshFolder(place.parent_path() / "percept-export-"));
    return ExportFolder(place, work);
}

base::Result<void> ExportFolder::keep()
{
    PERCEPT_TRY(base::syncAllUnder(m_work)); // once, not file by file
    // Replaces an empty folder and nothing else.
    if (::rename(m_work.c_str(), m_out.c_str()) != 0)
        return base::failed(m_out.string() + " cannot be made: " + base::describeErrno(errno) + ".");
    m_work.clear();
    return base::syncFolder(m_out.parent_path());
}

base::Result<void> makeFolder(const fs::path& folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return base::failed(folder.string() + " cannot be made: " + base::describeErrno(error.value()) + ".");
    return {};
}

base::Result<void> copyMedia(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    fs::copy_file(from, to, error);
    if (error)
        return base::failed(from.filename().string() + " cannot be copied to " + to.string() + ": " + base::describeErrno(error.value()) + ".");
    return {};
}

}
