#include "core/evaluation/detection_metrics.h"
#include "core/evaluation/group_draws.h"
#include "core/evaluation/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

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

    // Objects of one moment are no independent witnesses: of few groups, each counts as one.
    const std::size_t groups = groupDraws.groups();
    const auto interval = [&](std::size_t c) {
        Interval own = wilson(whole[c].k, whole[c].n);
        const auto few = static_cast<std::int64_t>(groups);
        if (groups < kFewestGroups && whole[c].n > few) {
            own = wilson(std::llround(whole[c].value() * static_cast<double>(few)), few);
            own = { whole[c].value(), std::min(own.low, whole[c].value()), std::max(own.high, whole[c].value()) };
        }
        return detail::wider(own, detail::percentileInterval(whole[c].value(), samples[c]));
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

namespace {

// Of one picture: truths, those that each of two models found, and its false alarms.
struct PairedRow {
    std::int64_t truths = 0;
    std::array<std::int64_t, 2> found {}, wrong {};
};

using FoundTruths = std::set<std::pair<std::size_t, int>>; // picture, truth

FoundTruths countInto(std::vector<PairedRow>& rows, const OperatingPoint& point, std::size_t model)
{
    FoundTruths all;
    for (const Judgement& j : point.judgements) {
        PairedRow& row = rows[j.image];
        if (j.truth >= 0 && model == 0)
            ++row.truths;
        if (j.verdict == Verdict::Right) {
            ++row.found[model];
            all.emplace(j.image, j.truth);
        } else if (j.detection >= 0) {
            ++row.wrong[model];
        }
    }
    return all;
}

// Agresti and Min 2005: half an object more in each of the four cells.
Interval agrestiMin(double onlyA, double onlyB, double truths, double value)
{
    const double a = onlyA + 0.5, b = onlyB + 0.5, n = truths + 2;
    constexpr double kZ = 1.959963984540054;
    const double middle = (b - a) / n, half = kZ * std::sqrt(std::max(0.0, (a + b) - (b - a) * (b - a) / n)) / n;
    return { value, middle - half, middle + half };
}

}

ShareDifference compareShares(const MatchTable& a, const std::vector<double>& thresholdsA, const MatchTable& b, const std::vector<double>& thresholdsB, int draws,
    std::uint64_t seed)
{
    if (a.images().empty() || a.images().size() != b.images().size())
        return { detail::undefinedInterval(), detail::undefinedInterval() };
    std::vector<PairedRow> rows(a.images().size());
    const FoundTruths foundA = countInto(rows, a.at(thresholdsA), 0), foundB = countInto(rows, b.at(thresholdsB), 1);
    const auto differences = [&rows](const std::uint32_t* weights) {
        double truths = 0, found = 0, wrong = 0, pictures = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double weight = weights ? weights[i] : 1;
            pictures += weight;
            truths += weight * static_cast<double>(rows[i].truths);
            found += weight * static_cast<double>(rows[i].found[1] - rows[i].found[0]);
            wrong += weight * static_cast<double>(rows[i].wrong[1] - rows[i].wrong[0]);
        }
        return std::pair(truths > 0 ? found / truths : std::numeric_limits<double>::quiet_NaN(), wrong / pictures);
    };
    const auto whole = differences(nullptr);
    std::vector<double> found, wrong;
    detail::GroupDraws groupDraws(a.images(), seed);
    const bool canTell = groupDraws.groups() >= kFewestGroups;
    for (int draw = 0; draw < draws && canTell; ++draw) {
        const auto drawn = differences(groupDraws.weights(draw).data());
        found.push_back(drawn.first);
        wrong.push_back(drawn.second);
    }
    double truths = 0;
    for (const PairedRow& row : rows)
        truths += static_cast<double>(row.truths);
    const auto without = [](const FoundTruths& some, const FoundTruths& others) {
        return static_cast<double>(std::count_if(some.begin(), some.end(), [&](const auto& truth) { return !others.contains(truth); }));
    };
    ShareDifference result { detail::percentileInterval(whole.first, found), detail::percentileInterval(whole.second, wrong) };
    if (truths > 0 && canTell)
        result.found = detail::wider(agrestiMin(without(foundA, foundB), without(foundB, foundA), truths, whole.first), result.found);
    return result;
}

}
