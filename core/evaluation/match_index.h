#pragma once

#include "core/evaluation/detection_metrics.h"

#include <cstdint>
#include <span>
#include <vector>

// Inside of core/evaluation: what MatchTable keeps between thresholds. Not for other folders.
namespace percept::evaluation {

// From this overlap on a detection answers to a truth, below it is badly placed (down to kNearIou).
inline constexpr double kFoundIou = 0.5;
inline constexpr double kNearIou = 0.1;
inline constexpr double kDefaultThreshold = 0.5;

struct MatchTable::Index {
    struct Overlap {
        std::int32_t truth;
        double iou;
    };
    struct Detection {
        double score;
        std::int32_t label, place; // place in the picture's list
        std::uint32_t firstOverlap, endOverlap; // best first, IoU >= kNearIou
        bool inCrowd; // of its own class
    };
    // A detection that answers to a truth of its class and overlaps no other truth more.
    struct Response {
        std::int32_t truth;
        std::uint32_t detection; // counted from the picture's first
        double iou;
    };
    struct Image {
        std::uint32_t firstDetection, endDetection; // best score first
        std::uint32_t firstResponse, endResponse;   // by truth, then best score first
    };

    std::vector<Image> images;
    std::vector<Detection> detections;
    std::vector<Overlap> overlaps;
    std::vector<Response> responses;

    std::span<const Detection> detectionsOf(std::size_t image) const
    {
        return { detections.data() + images[image].firstDetection, detections.data() + images[image].endDetection };
    }
    std::span<const Overlap> overlapsOf(const Detection& d) const
    {
        return { overlaps.data() + d.firstOverlap, overlaps.data() + d.endOverlap };
    }
    std::span<const Response> responsesOf(std::size_t image) const
    {
        return { responses.data() + images[image].firstResponse, responses.data() + images[image].endResponse };
    }
};

namespace detail {

struct JudgedCounts {
    std::int64_t found = 0, missed = 0, falseAlarms = 0, wrongClass = 0;
    JudgedCounts& operator+=(const JudgedCounts& o);
};

// Judges pictures one at a time; keeps its buffers, so one per thread.
class ImageJudge {
public:
    ImageJudge(const MatchTable& table, const std::vector<double>& thresholds);
    void setThreshold(std::size_t label, double threshold) { m_thresholds[label] = threshold; }
    double threshold(std::size_t label) const { return m_thresholds[label]; }
    // Appends to `judgements` unless it is null.
    JudgedCounts judge(std::size_t image, std::vector<Judgement>* judgements);

private:
    void matchDetections(std::size_t image);
    void placeBadly(std::size_t image);
    void judgeTruths(std::size_t image);
    void missTruth(std::size_t image, std::int32_t truth, int label);
    void report(Verdict verdict, std::size_t image, int trueLabel, int predictedLabel, int truth, int detection, double iou,
        double score);

    const MatchTable& m_table;
    std::vector<double> m_thresholds;
    std::vector<Judgement>* m_out = nullptr;
    JudgedCounts m_counts;
    enum class TruthUse : std::uint8_t { Free, Taken, NearlyTaken };
    std::vector<TruthUse> m_truths;
    std::vector<bool> m_matched;            // per detection of the picture, best first
    std::vector<std::uint32_t> m_unmatched; // the same numbering
};

// Whether a truth takes part at all: not a crowd, finite, of a known class.
bool countsAsTruth(const TruthBox& truth, int classes);

}

}
