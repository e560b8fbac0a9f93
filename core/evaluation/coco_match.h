#pragma once

#include "core/evaluation/detection_metrics.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Inside of core/evaluation: COCO matching into flat arrays. Not for other folders.
namespace percept::evaluation::detail {

inline constexpr int kIouCount = 10;
inline constexpr int kRecallCount = 101;
inline constexpr int kAreaCount = 4; // all, small, medium, large
inline constexpr std::size_t kMaxDetections = 100;
inline constexpr std::uint16_t kAllIous = (1u << kIouCount) - 1;

// One bit per IoU threshold, so that all ten are matched at once.
using IouMask = std::uint16_t;

// How one detection fared. tp and ignored never share a bit; a bit in neither is a false positive.
struct CocoDetection {
    double score = 0;
    std::uint32_t image = 0;
    std::uint16_t rank = 0; // place among the detections of its picture and class, best first
    std::array<IouMask, kAreaCount> tp {};
    std::array<IouMask, kAreaCount> ignored {};
};

struct TruthCount {
    std::uint32_t image = 0;
    std::uint32_t truths = 0;
};

// One class over all pictures. Detections best score first; equal scores in the order of the pictures, then of the
// file: what numpy's mergesort makes of pycocotools' concatenated lists.
struct CocoClass {
    std::vector<CocoDetection> detections;
    std::array<std::int64_t, kAreaCount> truths {}; // not ignored, per area range
    std::vector<TruthCount> truthsPerImage;         // area range "all"
};

// Matches every (picture, class) once. `image` is the index in `images`; pictures are taken in the order of their item
// ids as pycocotools does. Detections and truths whose label is not in [0, classes) or that are not finite are skipped.
// only >= 0: the other classes stay empty.
std::vector<CocoClass> matchCoco(const std::vector<EvaluationImage>& images, int classes, int only = -1);

// A detection as the precision-recall sweep needs it.
struct SweepMark {
    std::uint32_t image = 0;
    IouMask tp = 0, ignored = 0;
};
// Marks of one area range, cut after the last true positive: what follows cannot change a precision that is read.
std::vector<SweepMark> sweepMarks(const CocoClass& matches, int area);

// Average precision (101 points) at the ten IoU thresholds. `weights` (per picture, may be null: all 1) says how often a
// picture was drawn. truths > 0.
class PrecisionSweep {
public:
    std::array<double, kIouCount> run(std::span<const SweepMark> marks, std::int64_t truths, const std::uint32_t* weights);

private:
    struct Point { std::int64_t tp; double precision; };
    std::array<std::vector<Point>, kIouCount> m_points; // kept between runs: no allocation per draw
    std::array<std::int64_t, kRecallCount> m_needed {};
};

}
