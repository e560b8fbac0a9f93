#include "core/interchange/writer.h"
#include "core/services/loop.h"

namespace percept::services {

base::Result<ExportReport> exportData(const dataset::ProjectReader& reader, const std::filesystem::path& out, const std::string& format,
    const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const interchange::Writer* writer = interchange::findWriter(format);
    if (writer == nullptr) {
        std::string names;
        for (const std::string& name : interchange::writerNames())
            names += (names.empty() ? "" : ", ") + name;
        return base::usage("There is no export format \"" + format + "\". There are: " + names + ".");
    }
    PERCEPT_ASSIGN(outcome, writer->write({ reader, out, progress, cancel }));
    ExportReport report { outcome.items, outcome.annotations, {} };
    for (const interchange::Problem& problem : outcome.problems.listed())
        report.problems.push_back({ problem.file, problem.what });
    return report;
}

}
