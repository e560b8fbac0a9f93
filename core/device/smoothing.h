#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace percept::device {

// When a label counts as seen, so that one frame more or less does not ring a bell: hysteresis and n of m in one rule.
//
// The score of a label in a frame is that of its best detection, 0 without one. Look at the last `of` frames (frames before
// the first count as 0). A label that is off turns on with the frame that makes at least `need` of these scores reach
// `on`. A label that is on turns off with the frame that leaves fewer than `need` of them at `off` or above.
// need = of = 1 is hysteresis alone; on = off is n of m alone. off <= on, else a label would flicker.
struct SmoothingRule {
    double on = 0.5, off = 0.35;
    int need = 3, of = 5;
    bool operator==(const SmoothingRule&) const = default;
};
// On at the package's threshold, off at 0.7 of it (0.7 and 0.5 are usual), three of five frames.
SmoothingRule smoothingFor(double threshold);
bool isValid(const SmoothingRule& rule); // 0 < off <= on <= 1, 1 <= need <= of <= 1000

// A label has begun or ceased to be seen.
struct Edge {
    int label = 0; // its index
    bool isOn = false;
    std::int64_t frame = 0; // counted from 0
    double peak = 0;        // highest score while it was on; for a beginning, of the frames that made it
    bool operator==(const Edge&) const = default;
};

// The rule applied to one stream of frames, a rule a label. Rules must be valid. One thread.
class Smoother {
public:
    explicit Smoother(std::vector<SmoothingRule> rules);
    // Scores by label, as many as there are rules. Gives what changed with this frame, in the order of the labels.
    std::vector<Edge> add(std::span<const double> scores);
    bool isOn(int label) const { return m_labels[static_cast<std::size_t>(label)].isOn; }

private:
    struct Label {
        SmoothingRule rule;
        std::deque<double> last; // at most rule.of
        bool isOn = false;
        double peak = 0;
    };
    std::vector<Label> m_labels;
    std::int64_t m_frame = 0;
};

}
