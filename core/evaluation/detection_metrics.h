#pragma once

#include "core/base/cancel.h"
#include "core/domain/annotation.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace percept::evaluation {

// Truth and answers of one picture. Crowd truths are ignored as in COCO (a detection inside one is neither right nor wrong).
struct TruthBox { int label = 0; domain::Box box; bool crowd = false; double area = -1; }; // area < 0: box area
struct EvaluationImage {
    std::int64_t item = 0;
    std::int64_t group = 0; // the bootstrap draws groups; 0: the picture is its own group
    std::string name;
    std::vector<TruthBox> truths;
    std::vector<domain::Detection> detections;
    int width = 0, height = 0; // of the picture; no figure needs them
};

struct Interval { double value = 0, low = 0, high = 0; }; // 95 %; NaN where undefined

// The 12 numbers of COCO box evaluation (cocoeval.py: IoU .50:.05:.95, 101 recall points, areas all < 32^2 < 96^2,
// 1/10/100 detections). -1 where undefined, as there. Of equal scores the picture with the lower item id comes first.
// Truths and detections that are not finite or of no class in [0, classes) are skipped.
struct CocoSummary {
    double map = -1, map50 = -1, map75 = -1, mapSmall = -1, mapMedium = -1, mapLarge = -1;
    double ar1 = -1, ar10 = -1, ar100 = -1, arSmall = -1, arMedium = -1, arLarge = -1;
    std::vector<double> mapPerClass, map50PerClass, map75PerClass;
};
CocoSummary evaluateCoco(const std::vector<EvaluationImage>& images, int classes);

// Bootstrap over groups (draws with replacement, `seed`), percentile intervals, for map, map50, map75 and, per class, map
// and map50. Cancelled: the intervals rest on the `draws` made until then.
struct BootstrapResult { Interval map, map50, map75; std::vector<Interval> map50PerClass, mapPerClass; int draws = 0; };
BootstrapResult bootstrapCoco(const std::vector<EvaluationImage>& images, int classes, int draws, std::uint64_t seed,
    const base::CancelToken& cancel = {});

// Precision over recall at IoU 0.5 of one class: one point per detection, best score first.
struct CurvePoint { double recall = 0, precision = 0, score = 0; };
std::vector<CurvePoint> precisionRecall(const std::vector<EvaluationImage>& images, int label);

// How every truth and detection is judged at a threshold, for matrix, tiles and mistakes (DESIGN 5): detections at or above
// their class's threshold, best first, each takes the free truth with the largest IoU >= 0.5 regardless of class.
enum class Verdict { Right, Missed, FalseAlarm, WrongClass, BadlyPlaced }; // BadlyPlaced: 0.1 <= IoU < 0.5 with a free truth of its class
struct Judgement {
    std::size_t image = 0; // index into the images
    Verdict verdict = Verdict::Right;
    int trueLabel = -1, predictedLabel = -1; // -1: background
    int truth = -1, detection = -1;          // indices in the image, -1: none
    double iou = 0, score = 0;               // score: best response near a missed truth (0: none), else the detection's
};
// Each truth (crowds aside) and each detection at or above its threshold (those inside a crowd of their class aside) is
// in exactly one judgement; a badly placed pair is one. So found + missed + wrongClass = truths and
// right + falseAlarms + wrongClass = marks, with right = found.
struct OperatingPoint {
    std::vector<Judgement> judgements; // by picture; in a picture best detection first, then the missed truths
    std::vector<std::vector<std::int64_t>> confusion; // (classes+1)^2; rows true, columns predicted; last = background
    std::int64_t found = 0, truths = 0, right = 0, marks = 0; // found of truths; right of marks
    std::int64_t missed = 0, falseAlarms = 0, wrongClass = 0; // a badly placed one counts as missed and as false alarm
};
// Matches once, answers any threshold fast (< 16 ms for a few thousand objects): what the slider calls. Thresholds are
// per class; a class without one gets 0.5. Const calls may come from several threads.
class MatchTable {
public:
    MatchTable(std::vector<EvaluationImage> images, int classes);
    OperatingPoint at(const std::vector<double>& thresholds) const;
    const std::vector<EvaluationImage>& images() const { return m_images; }
    int classes() const { return m_classes; }

    struct Index; // sorted detections and their overlaps; inside of core/evaluation
    const Index& index() const { return *m_index; }

private:
    std::vector<EvaluationImage> m_images;
    int m_classes = 0;
    std::shared_ptr<const Index> m_index; // shared by copies
};

// What mistakes cost per 100 pictures: missCost * missed + falseAlarms + wrongClass * (missCost + 1)  (a wrong class counts
// as one of each).
double costPer100(const OperatingPoint& point, std::size_t images, double missCost);
struct CostPoint { double threshold = 0, missed = 0, falseAlarms = 0, cost = 0; }; // per 100 pictures
// The thresholds that are tried and offered, ascending: .02 .. .98 in hundredths; where scores lie above, on in finer and finer
// steps towards 1, as far as they reach: most answers of a sure model lie there.
std::vector<double> thresholdSteps(const MatchTable& table);
std::string thresholdText(double threshold); // "0.46"; above .98 with the digits that it has: "0.9993"
std::vector<CostPoint> costCurve(const MatchTable& table, double missCost); // at thresholdSteps(), the same for all classes
// The same steps for one class alone, the others at their thresholds.
std::vector<CostPoint> costCurve(
    const MatchTable& table, double missCost, const std::vector<double>& thresholds, std::size_t label);
// Cheapest threshold of each class, starting from the cheapest common one; of equally cheap neighbours the middle one.
std::vector<double> cheapestThresholds(const MatchTable& table, double missCost);

// Wilson interval of k of n (Wilson 1927), 95 %.
Interval wilson(std::int64_t k, std::int64_t n);
// Share found / share of marks right. At each end the wider of a bootstrap interval over groups and Wilson's: the first
// knows that objects of a picture fail together, the second that 9 of 9 is no proof.
// Of fewer groups than kFewestGroups (uncertainty.h) each group is one witness for Wilson's, however many objects it shows.
struct ShareIntervals {
    Interval found, marksRight;
    std::vector<Interval> foundPerClass;
    std::vector<std::array<std::int64_t, 2>> foundCounts; // per class: found, of
};
ShareIntervals shareIntervals(const MatchTable& table, const std::vector<double>& thresholds, int draws, std::uint64_t seed);

}
