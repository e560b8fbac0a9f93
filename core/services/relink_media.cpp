#include "core/services/relink_media.h"

#include "core/base/hash.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>

namespace percept::services {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kChunk = 500; // of one transaction
constexpr int kPage = 500;

bool isThere(const fs::path& file)
{
    std::error_code ignored;
    return fs::is_regular_file(file, ignored);
}

struct Missing {
    domain::Item item;
    fs::path was;
};

base::Result<std::vector<Missing>> listMissing(const dataset::ProjectReader& reader, const base::CancelToken& cancel)
{
    std::vector<Missing> missing;
    for (ItemId after {};;) {
        PERCEPT_ASSIGN(page, reader.readItems({}, after, kPage));
        if (page.empty())
            return missing;
        if (cancel.isCancelled())
            return base::cancelled();
        after = page.back().id;
        for (domain::Item& item : page)
            if (fs::path file = reader.mediaPath(item); !isThere(file))
                missing.push_back({ std::move(item), std::move(file) });
    }
}

int commonEnd(const fs::path& a, const fs::path& b)
{
    int parts = 0;
    for (auto i = a.end(), j = b.end(); i != a.begin() && j != b.begin() && *--i == *--j;)
        ++parts;
    return parts;
}

// The files in `folder` and below that are called as a missing one.
using FilesByName = std::unordered_map<std::string, std::vector<fs::path>>;
base::Result<FilesByName> filesNamedAs(const std::vector<Missing>& missing, const fs::path& folder, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    FilesByName files;
    for (const Missing& one : missing)
        files[one.was.filename().string()];
    std::error_code error;
    std::int64_t looked = 0;
    fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
    if (error)
        return base::failed(folder.string() + " cannot be read: " + error.message() + ".");
    for (const fs::recursive_directory_iterator end; it != end; it.increment(error)) {
        if (error)
            return base::failed(folder.string() + " cannot be read: " + error.message() + ".");
        if (cancel.isCancelled())
            return base::cancelled();
        if (progress && ++looked % 256 == 0)
            progress({ looked, 0, "Looking through the folder" });
        if (const auto found = files.find(it->path().filename().string()); found != files.end() && isThere(it->path()))
            found->second.push_back(it->path());
    }
    return files;
}

bool hasSize(const fs::path& file, std::int64_t size)
{
    std::error_code error;
    const auto now = fs::file_size(file, error);
    return !error && (size <= 0 || now == static_cast<std::uintmax_t>(size));
}

// The one among `candidates` that is the missing file; nullopt: none is for certain. isOnly: no other of that name is missing.
std::optional<fs::path> sameFile(const Missing& missing, std::vector<fs::path> candidates, bool isOnly)
{
    std::erase_if(candidates, [&](const fs::path& file) { return !hasSize(file, missing.item.sizeBytes); });
    std::stable_sort(candidates.begin(), candidates.end(),
        [&](const fs::path& a, const fs::path& b) { return commonEnd(a, missing.was) > commonEnd(b, missing.was); });
    if (missing.item.contentHash.empty()) { // the place has to tell
        if (candidates.empty() || (candidates.size() > 1 && commonEnd(candidates[0], missing.was) == commonEnd(candidates[1], missing.was)))
            return std::nullopt;
        return isOnly || commonEnd(candidates[0], missing.was) > 1 ? std::optional(candidates.front()) : std::nullopt;
    }
    for (const fs::path& file : candidates)
        if (const auto hash = base::sha256OfFile(file); hash.hasValue() && hash.value() == missing.item.contentHash)
            return file;
    return std::nullopt;
}

}

base::Result<MissingMedia> findMissingMedia(const dataset::ProjectReader& reader, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(missing, listMissing(reader, cancel));
    MissingMedia media;
    std::map<fs::path, std::int64_t> folders;
    for (const Missing& one : missing) {
        media.items.push_back(one.item.id);
        ++folders[one.was.parent_path()];
    }
    const auto most = std::max_element(folders.begin(), folders.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != folders.end())
        media.folder = most->first;
    return media;
}

base::Result<std::vector<dataset::ItemFile>> moveMedia(ProjectSession& session, const std::vector<dataset::ItemFile>& files)
{
    std::vector<dataset::ItemFile> before;
    for (std::size_t from = 0; from < files.size(); from += kChunk) {
        const auto chunk = std::span(files).subspan(from, std::min(kChunk, files.size() - from));
        PERCEPT_ASSIGN(were, session.call([chunk](dataset::ProjectStore& store) { return store.moveItemFiles(chunk); }, ProjectSession::Priority::Background));
        before.insert(before.end(), were.begin(), were.end());
    }
    return before;
}

base::Result<RelinkReport> relinkMedia(ProjectSession& session, const fs::path& folder, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(reader, session.openReader());
    PERCEPT_ASSIGN(missing, listMissing(*reader, cancel));
    PERCEPT_ASSIGN(files, filesNamedAs(missing, folder, progress, cancel));
    RelinkReport report;
    report.missing = static_cast<std::int64_t>(missing.size());
    std::vector<dataset::ItemFile> moved;
    std::unordered_map<std::string, int> numNamed;
    for (const Missing& one : missing)
        ++numNamed[one.was.filename().string()];
    for (const Missing& one : missing) {
        if (cancel.isCancelled())
            return base::cancelled();
        const auto& candidates = files[one.was.filename().string()];
        if (auto file = sameFile(one, candidates, numNamed[one.was.filename().string()] == 1))
            moved.push_back({ one.item.id, std::move(*file) });
        else if (!candidates.empty())
            ++report.changed;
        if (progress)
            progress({ static_cast<std::int64_t>(&one - missing.data()) + 1, report.missing, "Comparing" });
    }
    PERCEPT_ASSIGN(before, moveMedia(session, moved));
    report.before = std::move(before);
    report.found = static_cast<std::int64_t>(report.before.size());
    return report;
}

}
