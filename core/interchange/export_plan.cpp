#include "core/interchange/export_plan.h"

#include "core/interchange/text_fields.h"
#include "core/media/picture.h"

#include <set>

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

base::Result<ExportPlan> planExport(const WriteRequest& request, WriteOutcome& outcome)
{
    ExportPlan plan;
    PERCEPT_ASSIGN(labels, request.reader.readLabels());
    plan.labelList = labels;
    for (const domain::Label& label : labels)
        plan.labels[label.id] = label.name;
    dataset::ItemFilter filter;
    std::set<std::string> taken;
    std::int64_t notDone = 0, looked = 0;
    for (ItemId after {};;) {
        PERCEPT_ASSIGN(page, request.reader.readItems(filter, after, 500));
        if (page.empty())
            break;
        after = page.back().id;
        for (domain::Item& item : page) {
            if (request.cancel.isCancelled())
                return base::cancelled();
            if (request.progress)
                request.progress({ ++looked, 0, "Looking at pictures" });
            if (item.state != domain::ItemState::Done) {
                ++notDone;
                continue;
            }
            if (const auto info = media::readPictureInfo(request.reader.mediaPath(item)); info.hasError()) {
                outcome.problems.add(item.name, info.error().message);
                continue;
            }
            const std::string name = uniqueName(item.name, taken);
            plan.items.push_back({ std::move(item), name });
        }
    }
    if (notDone > 0)
        outcome.problems.add("", counted(notDone, "picture that is not done was", "pictures that are not done were") + " left out.");
    return plan;
}

ExportFolder::ExportFolder(fs::path out, bool existed)
    : m_out(std::move(out))
    , m_existed(existed)
{
}

ExportFolder::ExportFolder(ExportFolder&& other) noexcept
    : m_out(std::move(other.m_out))
    , m_existed(other.m_existed)
    , m_isKept(std::exchange(other.m_isKept, true))
{
}

ExportFolder::~ExportFolder()
{
    if (m_isKept)
        return;
    std::error_code error;
    if (!m_existed) {
        fs::remove_all(m_out, error);
        return;
    }
    std::vector<fs::path> entries; // the folder was there and empty: only its content is ours
    for (fs::directory_iterator it(m_out, error), end; !error && it != end; it.increment(error))
        entries.push_back(it->path());
    for (const fs::path& entry : entries)
        fs::remove_all(entry, error);
}

base::Result<ExportFolder> ExportFolder::create(const fs::path& out)
{
    std::error_code error;
    const bool exists = fs::exists(out, error);
    if (exists && !fs::is_directory(out, error))
        return base::usage(out.string() + " is a file. Name a new folder for the export.");
    if (exists && !fs::is_empty(out, error))
        return base::usage(out.string() + " is not empty. Name a new folder for the export; nothing is overwritten.");
    ExportFolder folder(out, exists);
    PERCEPT_TRY(makeFolder(out));
    return folder;
}

base::Result<void> makeFolder(const fs::path& folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return base::failed(folder.string() + " cannot be made: " + error.message() + ".");
    return {};
}

base::Result<void> copyMedia(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    fs::copy_file(from, to, error);
    if (error)
        return base::failed(from.filename().string() + " cannot be copied to " + to.string() + ": " + error.message() + ".");
    return {};
}

}
