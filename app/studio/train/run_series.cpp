#include "app/studio/train/run_series.h"

#include "core/runs/run_store.h"

#include <sys/stat.h>

namespace percept::studio {

void RunSeries::read(const std::filesystem::path& runFolder)
{
    struct stat now {};
    if (::stat((runFolder / "metrics.jsonl").c_str(), &now) != 0)
        return;
    if (now.st_ino != m_file || static_cast<std::uint64_t>(now.st_size) < m_offset) {
        *this = {};
        m_file = now.st_ino;
    }
    const auto metrics = runs::readMetrics(runFolder, m_offset);
    if (metrics.hasError())
        return;
    for (const auto& metric : metrics.value()) {
        if (!metric.value)
            continue;
        const QPointF point(metric.epoch, *metric.value);
        if (metric.name == "train/loss")
            loss.append(point);
        else if (metric.name == "val/loss")
            validationLoss.append(point);
        else if (metric.name == "val/map50")
            map50.append(point);
    }
}

}
