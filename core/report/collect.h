#pragma once

#include "core/report/report.h"

namespace percept::report {

// The numbers of the page, from the project and its stored scores; reads only, so it may run beside a writer.
// `model`: "1.1", a run ("r0002"), or empty for the newest: the newest finished run when it is younger than the last
// version, else that version. Every version is judged anew, from its stored answers (runs/ID/predictions-test.jsonl), by
// today's labels of today's test set; pictures that a version was never asked about are left out and named in the notes.
// `fleet`: folder of the hub whose devices are reported; empty: none.
// Without any scored model the labeling alone is reported. NotFound: no such version or run.
base::Result<ReportData> collectReport(
    const dataset::ProjectReader& reader, const std::filesystem::path& project, const std::string& model = {},
    const std::filesystem::path& fleet = {});

}
