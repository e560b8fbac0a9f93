#pragma once

namespace percept::streams {

// When the pictures of a video are due: at the pace of their time stamps, counted from when the first one was due. Time stamps
// come from the file and may be anything. Those that go back, stand still or jump by more than kLongestStep are taken for a new
// beginning, a usual step after the picture before. Who is more than kMostBehind late (decoding is too slow, the machine
// slept) goes on from now and does not race after the time that is lost. All in seconds of one monotonic clock.
class PlayClock {
public:
    static constexpr double kLongestStep = 10, kMostBehind = 1;
    explicit PlayClock(double framesPerSecond); // what is usual; 0: unknown

    // Of the next picture, with its time stamp.
    double due(double seconds, double now);
    // The next picture is the first of a file that begins again.
    void beginAgain() { m_jumps = true; }

private:
    double m_usualStep;
    double m_last = 0, m_due = 0;
    bool m_hasBegun = false, m_jumps = false;
};

}
