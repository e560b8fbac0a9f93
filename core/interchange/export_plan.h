#pragma once

#include "core/interchange/writer.h"

#include <map>
#include <vector>

namespace percept::interchange {

struct ExportItem {
    domain::Item item;
    std::vector<domain::Annotation> annotations; // as they were when the plan was made; of classes that it has
    std::string fileName; // in the export; no two share a name, with or without extension, in any case
};

struct ExportPlan {
    std::vector<ExportItem> items;
    std::map<LabelId, std::string> labels; // by id, in order
    std::vector<domain::Label> labelList;  // in the order of the project
};

// The done items of the request that can be read; the others are counted in the outcome's problems. All that is written comes from
// here: people go on labeling while an export is made.
base::Result<ExportPlan> planExport(const WriteRequest& request, WriteOutcome& outcome);

// The new folder of an export: written under a name of its own beside OUT and renamed when it is complete, so that whatever
// stands under the name OUT is a whole export. Unless keep() is called, it goes away with the guard.
class ExportFolder {
public:
    static base::Result<ExportFolder> create(const std::filesystem::path& out);
    ExportFolder(ExportFolder&& other) noexcept;
    ~ExportFolder();
    const std::filesystem::path& path() const { return m_work; } // to be written to
    base::Result<void> keep();

private:
    ExportFolder(std::filesystem::path out, std::filesystem::path work);
    std::filesystem::path m_out, m_work;
};

base::Result<void> copyMedia(const std::filesystem::path& from, const std::filesystem::path& to);
base::Result<void> makeFolder(const std::filesystem::path& folder);

// Reads the export with `format`'s reader and compares every item, set and box with the project.
base::Result<void> compareExport(const WriteRequest& request, const ExportPlan& plan, std::string_view format, WriteOutcome& outcome);

}
