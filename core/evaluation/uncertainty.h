#pragma once

#include "core/evaluation/detection_metrics.h"

// What other test pictures of the same kind would have given: bands, intervals and paired differences, bootstrap over groups.
namespace percept::evaluation {

// 95 % around the precision-recall curve of a class, at recalls in steps of a hundredth up to where the curve ends. A draw
// that finds no more has precision 0 from there on.
struct BandPoint { double recall = 0, low = 0, high = 0; };
std::vector<BandPoint> precisionBand(const std::vector<EvaluationImage>& images, int label, int draws, std::uint64_t seed);

// costPer100() with its interval.
Interval costInterval(
    const MatchTable& table, const std::vector<double>& thresholds, double missCost, int draws, std::uint64_t seed);

// Fewer groups of pictures prove nothing: of one, every draw is the same, and its interval would be a point that 0 lies outside of.
inline constexpr std::size_t kFewestGroups = 10;

// Paired difference (b - a) of AP50 on the pictures that both hold with the same truths, the same draws for both. AP50 asks
// for no threshold: it tells models apart where shares found depend on the threshold that each was given. Of fewer groups than
// kFewestGroups it has no interval (NaN).
struct Map50Difference {
    Interval difference;
    std::int64_t pictures = 0;
};
Map50Difference compareMap50(const std::vector<EvaluationImage>& a, const std::vector<EvaluationImage>& b, int classes, int draws,
    std::uint64_t seed);

// Paired difference (b - a) of what two models find and of their false alarms (those of a wrong class among them), each at its own
// thresholds. Both tables hold the same pictures with the same truths in the same order. `found`: of the share, at each end the wider
// of a bootstrap over groups and of Agresti and Min's interval for paired shares (2005), since few objects that agree are no proof.
// Of fewer groups than kFewestGroups neither has an interval (NaN).
struct ShareDifference {
    Interval found;
    Interval falseAlarms; // a picture
};
ShareDifference compareShares(const MatchTable& a, const std::vector<double>& thresholdsA, const MatchTable& b, const std::vector<double>& thresholdsB, int draws,
    std::uint64_t seed);

}
