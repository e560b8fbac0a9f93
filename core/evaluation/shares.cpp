#include "core/evaluation/detection_metrics.h"
#include "core/evaluation/group_draws.h"

#include <limits>

namespace percept::evaluation {
namespace {

// k of n, as it is added up over pictures.
struct Share {
    std::int64_t k = 0, n = 0;
    void add(const Share& s, std::int64_t weight)
    {
        k += weight * s.k;
        n += weight * s.n;
    }
    double value() const
    {
        return n > 0 ? static_cast<double>(k) / static_cast<double>(n) : std::numeric_limits<double>::quiet_NaN();
    }
};

// Per picture: [0] found, [1] marks right, [2 + c] found of class c.
using ShareRow = std::vector<Share>;

std::vector<ShareRow> sharesPerImage(const MatchTable& table, const std::vector<double>& thresholds)
{
    const auto classes = static_cast<std::size_t>(table.classes());
    std::vector<ShareRow> rows(table.images().size(), ShareRow(2 + classes));
    for (const Judgement& j : table.at(thresholds).judgements) {
        const Share one { j.verdict == Verdict::Right ? 1 : 0, 1 };
        ShareRow& row = rows[j.image];
        if (j.truth >= 0) {
            row[0].add(one, 1);
            row[2 + static_cast<std::size_t>(j.trueLabel)].add(one, 1);
        }
        if (j.detection >= 0)
            row[1].add(one, 1);
    }
    return rows;
}

// weights null: every picture once.
ShareRow total(const std::vector<ShareRow>& rows, std::size_t columns, const std::uint32_t* weights)
{
    ShareRow sum(columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::int64_t weight = weights ? weights[i] : 1;
        for (std::size_t c = 0; weight > 0 && c < columns; ++c)
            sum[c].add(rows[i][c], weight);
    }
    return sum;
}

}

ShareIntervals shareIntervals(
    const MatchTable& table, const std::vector<double>& thresholds, int draws, std::uint64_t seed)
{
    const std::size_t columns = 2 + static_cast<std::size_t>(table.classes());
    const auto rows = sharesPerImage(table, thresholds);
    const ShareRow whole = total(rows, columns, nullptr);
    std::vector<std::vector<double>> samples(columns);
    detail::GroupDraws groupDraws(table.images(), seed);
    for (int draw = 0; draw < draws; ++draw) {
        const ShareRow drawn = total(rows, columns, groupDraws.weights(draw).data());
        for (std::size_t c = 0; c < columns; ++c)
            samples[c].push_back(drawn[c].value());
    }

    const auto interval = [&](std::size_t c) {
        return detail::wider(wilson(whole[c].k, whole[c].n), detail::percentileInterval(whole[c].value(), samples[c]));
    };
    ShareIntervals result;
    result.found = interval(0);
    result.marksRight = interval(1);
    for (std::size_t c = 2; c < columns; ++c) {
        result.foundPerClass.push_back(interval(c));
        result.foundCounts.push_back({ whole[c].k, whole[c].n });
    }
    return result;
}

}
