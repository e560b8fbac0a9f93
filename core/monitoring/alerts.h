#pragma once

#include "core/monitoring/track.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace percept::monitoring {

enum class ReferenceChoice {
    Auto,       // validation for Confidence where its scores are known: is the field what the model was tested on? The rest
                // by the device's own first windows: has it changed since?
    Validation, // all that a test set can tell; input properties by the first windows
    Field,      // the first windows alone
};

struct Rules {
    WindowRules windows;
    ReferenceChoice reference = ReferenceChoice::Auto;
    double alpha = 0.01; // of all tests of a period together
};

// What ends together, after its comparison with the reference. Where predictions are few, windows of pictures end more often
// than those of scores and classes (see Enough): a reading tells which span it is of.
struct Judged {
    Window window; // of scores and classes where one ends here, else of pictures
    std::vector<Reading> readings;
    bool ofScores = false, ofPictures = false; // which of them end here
    bool isOf(Measure measure) const { return isOfPictures(measure) ? ofPictures : ofScores; }
};

struct JudgedTrack {
    std::string device, version;
    std::optional<Window> reference; // the first field windows with enough predictions, once there are enough
    std::vector<Judged> windows;     // those after the reference, or all where only validation is compared with
    int fieldWindows = 0;            // all with enough predictions, those of the reference included
};

// Of each measure that of its newest window, if there is one.
std::vector<Reading> newestReadings(const JudgedTrack& track);

// Alone, or together with the window before.
bool isSignificant(const Reading& reading, double alpha);

enum class Level { Watch, Warn, Act };

// A change of one measure on one device. Warn, Act: in two windows in a row the size is beyond the limit, to the same side
// where there are sides, and chance does both with less than alpha (pTwice takes the windows as independent; where the reference
// that they share is smaller than they are, its error is in both, and it is the size that keeps chance out). The level goes by the
// newest size, and it lasts until a window where that is no longer so. Watch: the newest window alone, by size and pCorrected.
struct DriftAlert {
    std::string device, version;
    Level level = Level::Watch;
    Reading reading; // of the newest window in which it was seen
    std::int64_t sinceMs = 0; // begin of the first of the two windows
    std::int64_t raisedMs = 0; // end of the second
    std::int64_t endedMs = 0; // end of the first window without it; 0: it goes on
};

struct Judgement {
    std::vector<JudgedTrack> tracks;
    std::vector<DriftAlert> alerts; // open and closed ones, newest first; watched ones last
};

// `validation`: scores on the validation set by version, where they are known and at least leastPredictions.
// Tracks of one device: only the one that told last can have open alerts.
Judgement judge(const std::vector<Track>& tracks, const std::map<std::string, Window>& validation, const Rules& rules, std::int64_t nowMs);

}
