#include "core/evaluation/group_draws.h"
#include "core/evaluation/match_index.h"
#include "core/evaluation/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace percept::evaluation {
namespace {

using detail::ImageJudge;
using detail::JudgedCounts;


double costOf(const JudgedCounts& counts, double missCost)
{
    return missCost * static_cast<double>(counts.missed) + static_cast<double>(counts.falseAlarms)
        + static_cast<double>(counts.wrongClass) * (missCost + 1);
}

double per100(double amount, std::size_t images)
{
    return images > 0 ? amount * 100 / static_cast<double>(images) : 0;
}

JudgedCounts judgeAll(ImageJudge& judge, std::size_t images)
{
    JudgedCounts counts;
    for (std::size_t i = 0; i < images; ++i)
        counts += judge.judge(i, nullptr);
    return counts;
}

// A wrong class is a miss of one class and a false alarm of another.
CostPoint costPoint(double threshold, const JudgedCounts& counts, double missCost, std::size_t images)
{
    return { threshold, per100(static_cast<double>(counts.missed + counts.wrongClass), images),
        per100(static_cast<double>(counts.falseAlarms + counts.wrongClass), images), per100(costOf(counts, missCost), images) };
}

// The cheapest threshold; where neighbours are equally cheap the middle one of that stretch, which new pictures upset least.
std::size_t cheapestStep(const std::vector<double>& costs)
{
    const auto first = std::min_element(costs.begin(), costs.end());
    auto last = first;
    while (last + 1 != costs.end() && *(last + 1) == *first)
        ++last;
    return static_cast<std::size_t>((first - costs.begin()) + (last - first) / 2);
}

// Pictures where each class has a detection: only there does its threshold matter.
std::vector<std::vector<std::size_t>> imagesByClass(const MatchTable& table)
{
    std::vector<std::vector<std::size_t>> result(static_cast<std::size_t>(table.classes()));
    for (std::size_t i = 0; i < table.images().size(); ++i)
        for (const auto& d : table.index().detectionsOf(i)) {
            auto& list = result[static_cast<std::size_t>(d.label)];
            if (list.empty() || list.back() != i)
                list.push_back(i);
        }
    return result;
}

// Sets the class's threshold to the cheapest one, the others fixed. False when nothing is cheaper than what it has.
bool improveClass(ImageJudge& judge, std::size_t label, const std::vector<double>& steps, const std::vector<std::size_t>& images, double missCost)
{
    const auto cost = [&](double threshold) {
        judge.setThreshold(label, threshold);
        JudgedCounts counts;
        for (const std::size_t i : images)
            counts += judge.judge(i, nullptr);
        return costOf(counts, missCost);
    };
    const double before = judge.threshold(label);
    const double costBefore = cost(before);
    std::vector<double> costs;
    for (const double step : steps)
        costs.push_back(cost(step));
    const std::size_t best = cheapestStep(costs);
    const bool better = costs[best] < costBefore;
    judge.setThreshold(label, better ? steps[best] : before);
    return better;
}

}

double costPer100(const OperatingPoint& point, std::size_t images, double missCost)
{
    return per100(costOf({ point.found, point.missed, point.falseAlarms, point.wrongClass }, missCost), images);
}

Interval costInterval(
    const MatchTable& table, const std::vector<double>& thresholds, double missCost, int draws, std::uint64_t seed)
{
    ImageJudge judge(table, thresholds);
    std::vector<double> costs;
    for (std::size_t i = 0; i < table.images().size(); ++i)
        costs.push_back(costOf(judge.judge(i, nullptr), missCost));
    const auto mean = [&](const std::uint32_t* weights) {
        double sum = 0;
        std::size_t pictures = 0;
        for (std::size_t i = 0; i < costs.size(); ++i) {
            const std::uint32_t weight = weights ? weights[i] : 1;
            sum += weight * costs[i];
            pictures += weight;
        }
        return pictures > 0 ? per100(sum, pictures) : detail::undefinedInterval().value;
    };
    detail::GroupDraws groupDraws(table.images(), seed);
    std::vector<double> samples;
    for (int draw = 0; draw < draws; ++draw)
        samples.push_back(mean(groupDraws.weights(draw).data()));
    return detail::percentileInterval(mean(nullptr), samples);
}

std::vector<double> thresholdSteps(const MatchTable& table)
{
    constexpr int kFirst = 2, kLast = 98; // hundredths
    constexpr std::int64_t kFinest = 1'000'000;
    double highest = 0;
    for (const auto& detection : table.index().detections)
        highest = std::max(highest, detection.score);
    std::vector<double> steps;
    for (int step = kFirst; step <= kLast; ++step)
        steps.push_back(step / 100.0);
    // Thousandths up to .999, then ten-thousandths, as far as there are scores. Each is one division: .995 is what people type.
    for (std::int64_t parts = 1000; parts <= kFinest && highest > steps.back(); parts *= 10)
        for (std::int64_t step = parts == 1000 ? 981 : parts - 9; step < parts; ++step)
            steps.push_back(static_cast<double>(step) / static_cast<double>(parts));
    return steps;
}

std::string thresholdText(double threshold)
{
    constexpr double kCoarse = 0.98, kExact = 1e-7; // thresholds may have been floats
    for (int digits = 2; digits < 6; ++digits) {
        auto text = fmt::format("{:.{}f}", threshold, digits);
        if (threshold <= kCoarse || std::abs(std::stod(text) - threshold) < kExact)
            return text;
    }
    return fmt::format("{:.6f}", threshold);
}

std::vector<CostPoint> costCurve(const MatchTable& table, double missCost)
{
    const std::size_t images = table.images().size();
    std::vector<CostPoint> curve;
    for (const double threshold : thresholdSteps(table)) {
        ImageJudge judge(table, std::vector<double>(static_cast<std::size_t>(table.classes()), threshold));
        curve.push_back(costPoint(threshold, judgeAll(judge, images), missCost, images));
    }
    return curve;
}

std::vector<CostPoint> costCurve(
    const MatchTable& table, double missCost, const std::vector<double>& thresholds, std::size_t label)
{
    const std::size_t images = table.images().size();
    const auto moved = imagesByClass(table)[label];
    ImageJudge judge(table, thresholds);
    JudgedCounts still;
    for (std::size_t i = 0, next = 0; i < images; ++i) {
        if (next < moved.size() && moved[next] == i)
            ++next;
        else
            still += judge.judge(i, nullptr);
    }
    std::vector<CostPoint> curve;
    for (const double threshold : thresholdSteps(table)) {
        judge.setThreshold(label, threshold);
        JudgedCounts counts = still;
        for (const std::size_t i : moved)
            counts += judge.judge(i, nullptr);
        curve.push_back(costPoint(threshold, counts, missCost, images));
    }
    return curve;
}

std::vector<double> cheapestThresholds(const MatchTable& table, double missCost)
{
    const auto classes = static_cast<std::size_t>(table.classes());
    std::vector<double> costs;
    for (const CostPoint& point : costCurve(table, missCost))
        costs.push_back(point.cost);
    const std::vector<double> steps = thresholdSteps(table);
    const double common = steps[cheapestStep(costs)];
    ImageJudge judge(table, std::vector<double>(classes, common));
    const auto images = imagesByClass(table);
    constexpr int kRounds = 3; // classes meet only where boxes overlap: it settles at once
    for (int round = 0; round < kRounds; ++round) {
        bool better = false;
        for (std::size_t label = 0; label < classes; ++label)
            better |= improveClass(judge, label, steps, images[label], missCost);
        if (!better)
            break;
    }
    std::vector<double> thresholds;
    for (std::size_t label = 0; label < classes; ++label)
        thresholds.push_back(judge.threshold(label));
    return thresholds;
}

}
