#include "core/interchange/writer.h"
#include "core/services/loop.h"

#include <algorithm>

namespace percept::services {

namespace {

base::Result<const interchange::Writer*> writerOf(const std::string& format)
{
    if (const interchange::Writer* writer = interchange::findWriter(format))
        return writer;
    std::string names;
    for (const std::string& name : interchange::writerNames())
        names += (names.empty() ? "" : ", ") + name;
    return base::usage("There is no export format \"" + format + "\". There are: " + names + ".");
}

// The project that a place lies in, whichever it is; empty: in none.
std::filesystem::path projectAround(const std::filesystem::path& place)
{
    namespace fs = std::filesystem;
    std::error_code error;
    fs::path folder = fs::weakly_canonical(fs::absolute(place, error), error);
    for (; folder.has_relative_path(); folder = folder.parent_path())
        if (fs::is_regular_file(folder / "project.db", error) && fs::is_directory(folder / "runs", error))
            return folder;
    return {};
}

// What lies in runs/, packages/ and the like is taken for what the project has put there.
base::Result<void> checkIsOutside(const std::filesystem::path& out)
{
    if (const auto project = projectAround(out); !project.empty())
        return base::usage(out.string() + " lies in the project " + project.string() + ", whose folders are its own. Name a new folder outside of it for the export.");
    return {};
}

}

base::Result<ExportReport> exportData(const dataset::ProjectReader& reader, const std::filesystem::path& out, const std::string& format,
    const base::ProgressFn& progress, const base::CancelToken& cancel, const ExportScope& scope)
{
    PERCEPT_ASSIGN(writer, writerOf(format));
    PERCEPT_TRY(checkIsOutside(out));
    PERCEPT_ASSIGN(outcome, writer->write({ reader, out, progress, cancel, scope.filter, scope.only }));
    ExportReport report { outcome.items, outcome.annotations, {} };
    for (const interchange::Problem& problem : outcome.problems.listed())
        report.problems.push_back({ problem.file, problem.what });
    return report;
}

base::Result<ExportOutline> outlineExport(
    const dataset::ProjectReader& reader, const std::string& format, const ExportScope& scope, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(writer, writerOf(format));
    ExportOutline outline;
    interchange::CountsBySet counts;
    for (ItemId after {};;) {
        PERCEPT_ASSIGN(page, reader.readItems(scope.filter, after, 500));
        if (page.empty())
            break;
        if (cancel.isCancelled())
            return base::cancelled();
        after = page.back().id;
        for (const domain::Item& item : page) {
            if (!scope.only.empty() && !std::binary_search(scope.only.begin(), scope.only.end(), item.id))
                continue;
            if (item.state != domain::ItemState::Done) {
                ++outline.notDone;
                continue;
            }
            ++outline.items;
            outline.annotations += item.boxCount;
            ++counts[item.set].items;
            counts[item.set].annotations += item.boxCount;
        }
    }
    for (const interchange::OutlineFile& file : writer->outline(counts))
        outline.files.push_back({ file.path, file.items, file.annotations });
    return outline;
}

}
