#include "core/monitoring/wording.h"

#include "core/base/time.h"

#include <cmath>
#include <fmt/format.h>

namespace percept::monitoring::detail {

namespace {

struct Words {
    std::string title, what, next;
};

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

const char* strength(const Reading& r) { return r.effect >= limitsOf(r.measure).act ? "strongly" : "clearly"; }

std::string movedFromTo(const char* what, const Reading& r, int digits)
{
    return fmt::format("{} {} from {:.{}f} to {:.{}f}", what, r.now < r.before ? "fell" : "rose", r.before, digits, r.now, digits);
}

Words confidenceWords(const Reading& r)
{
    return { r.now < r.before ? "less sure" : "surer", movedFromTo("How sure it is of what it finds (mean score)", r, 3),
        r.now < r.before ? "Label pictures from this device and validate on them. Less sure often means more mistakes, but only labels tell."
                         : "Look at some of its pictures: they may have become easier, or show less than before." };
}

Words scoresWords(const Reading& r)
{
    return { "scores are spread differently", fmt::format("How often it is sure and how often unsure has {} changed", strength(r)),
        "Look at pictures from this device, the unsure ones first, and label those that the model gets wrong." };
}

Words classesWords(const Reading& r)
{
    return { "other classes than before", fmt::format("How often it finds which class has {} changed", strength(r)),
        "If the place shows other things now, label pictures of them. If not, one class may be taken for another: look at some." };
}

Words emptyWords(const Reading& r)
{
    return { r.now > r.before ? "more empty pictures" : "fewer empty pictures",
        fmt::format("Pictures with nothing found went from {} to {}", percent(r.before), percent(r.now)),
        r.now > r.before ? "Look at what the camera shows. If objects are there, label these pictures: the model misses them."
                         : "Look at what is found now. False alarms are labeled by marking the picture done without boxes." };
}

Words brightnessWords(const Reading& r)
{
    return { r.now < r.before ? "pictures are darker" : "pictures are brighter", movedFromTo("Mean brightness", r, 2),
        "Check the lamp, the exposure and the lens. If the light stays like this, label pictures in it and train again." };
}

Words sharpnessWords(const Reading& r)
{
    return { r.now < r.before ? "pictures are less sharp" : "pictures are sharper", movedFromTo("Mean sharpness", r, 2),
        r.now < r.before ? "Clean the lens and check the focus and what shakes the camera."
                         : "Look at what the camera shows: noise and a new view count as sharp too." };
}

Words wordsFor(const Reading& r)
{
    switch (r.measure) {
    case Measure::Confidence: return confidenceWords(r);
    case Measure::Scores: return scoresWords(r);
    case Measure::Classes: return classesWords(r);
    case Measure::Empty: return emptyWords(r);
    case Measure::Brightness: return brightnessWords(r);
    case Measure::Sharpness: return sharpnessWords(r);
    }
    return {};
}

// What is asked of a change besides its size, for those who know no p-values.
std::string chanceText(double p)
{
    const long times = std::lround(1000 * p);
    return p < 0.001 ? "by chance less than once in 1,000 times" : times == 1 ? "by chance about once in 1,000 times" : fmt::format("by chance about {} times in 1,000", times);
}

// For those who do: which statistic, beside its limits, and how sure.
std::string detailsOf(const Reading& r, double p)
{
    const Limits limits = limitsOf(r.measure);
    const char* statistic = r.measure == Measure::Confidence ? "Difference of the mean scores" : "Population stability index (PSI) beyond chance";
    return fmt::format("{} {:.3f}; warns from {}, acts from {}. {} after Holm's correction.", statistic, r.effect, limits.warn, limits.act,
        p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p));
}

}

Alert worded(const DriftAlert& drift, const WindowRules& rules)
{
    const Reading& r = drift.reading;
    const Words words = wordsFor(r);
    Alert alert { std::string(nameOf(r.measure)), drift.device, drift.version, drift.level, drift.device + ": " + words.title, {}, words.next,
        drift.sinceMs, drift.endedMs };
    const bool isWatched = drift.level == Level::Watch;
    const std::string against = r.byValidation ? fmt::format("what model {} was tested on (the validation set)", drift.version)
                                               : fmt::format("its first {} with model {}", periodsText(rules, rules.referenceWindows), drift.version);
    const double p = isWatched ? r.pCorrected : r.pTwice;
    alert.text = fmt::format("{}, compared with {}: {}, {}.", words.what, against, isWatched ? "so far in one " + periodName(rules) : periodsText(rules, 2) + " in a row",
        chanceText(p));
    alert.details = detailsOf(r, p);
    if (isWatched)
        alert.next = fmt::format("An alert if the next {} agrees.", periodName(rules));
    return alert;
}

Alert offlineAlert(const DeviceState& device, std::int64_t nowMs)
{
    Alert alert { "offline", device.name, {}, Level::Act, {}, {}, {}, device.seenMs, 0 };
    alert.title = fmt::format("{}: offline for {}", device.name, base::describeDuration(static_cast<double>(nowMs - device.seenMs) / 1000));
    alert.text = "If it runs, it goes on working; what it counts waits on its disk and comes when it is back.";
    if (device.outboxEntries > 0)
        alert.text += fmt::format(" {} messages waited when it was last heard.", base::groupedCount(device.outboxEntries));
    alert.next = "Check its power and its network, and that percept-edge runs.";
    return alert;
}

Alert noHubAlert(const std::string& folder)
{
    return { "no-hub", {}, {}, Level::Act, "No hub runs", "Devices keep what they have to tell until it is back; nothing here is newer than its end.",
        "Start it with `percept fleet serve`. Its folder is " + folder + ".", 0, 0 };
}

}
