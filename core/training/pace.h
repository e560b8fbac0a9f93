#pragma once

#include "core/training/plan.h"

#include <cmath>
#include <cstdint>

namespace percept::training {

// How fast the run goes, smoothed, and what that says about the time left.
class Pace {
public:
    struct Left { double likely = -1, low = -1, high = -1; };

    // Starts from what was measured before the first step; 0: nothing was.
    void start(double secondsPerStep, double secondsPerValidation);
    void stepTook(double seconds);
    void validationTook(double seconds);
    double secondsPerStep() const { return m_step; }
    double secondsPerValidation() const { return m_validation; }
    Left left(const Plan& plan, std::int64_t step, double exportSeconds) const;

private:
    double m_step = 0, m_deviation = 0, m_validation = 0;
    std::int64_t m_steps = 0;
};

}
