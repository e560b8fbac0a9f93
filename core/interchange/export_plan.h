#pragma once

#include "core/interchange/writer.h"

#include <map>
#include <vector>

namespace percept::interchange {

struct ExportItem {
    domain::Item item;
    std::string fileName; // in the export; no two share a name, with or without extension, in any case
};

struct ExportPlan {
    std::vector<ExportItem> items;
    std::map<LabelId, std::string> labels; // by id, in order
    std::vector<domain::Label> labelList;  // in the order of the project
};

// The done items that can be read; the others are counted in the outcome's problems.
base::Result<ExportPlan> planExport(const WriteRequest& request, WriteOutcome& outcome);

// The new folder of an export. Unless keep() is called, everything in it goes away with the guard.
class ExportFolder {
public:
    static base::Result<ExportFolder> create(const std::filesystem::path& out);
    ExportFolder(ExportFolder&& other) noexcept;
    ~ExportFolder();
    void keep() { m_isKept = true; }

private:
    ExportFolder(std::filesystem::path out, bool existed);
    std::filesystem::path m_out;
    bool m_existed, m_isKept = false;
};

base::Result<void> copyMedia(const std::filesystem::path& from, const std::filesystem::path& to);
base::Result<void> makeFolder(const std::filesystem::path& folder);

// Reads the export with `format`'s reader and compares every item, set and box with the project.
base::Result<void> compareExport(const WriteRequest& request, const ExportPlan& plan, std::string_view format, WriteOutcome& outcome);

}
