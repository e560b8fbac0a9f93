#include "core/monitoring/alerts.h"

#include "core/monitoring/statistics.h"

#include <algorithm>
#include <utility>

namespace percept::monitoring {

namespace {

bool comesFromTestSet(Measure measure) { return measure != Measure::Brightness && measure != Measure::Sharpness; }

const Window* referenceFor(Measure measure, const std::optional<Window>& field, const Window* validation, ReferenceChoice choice)
{
    const bool byValidation = validation
        && (choice == ReferenceChoice::Auto ? measure == Measure::Confidence : choice == ReferenceChoice::Validation && comesFromTestSet(measure));
    return byValidation ? validation : field ? &*field : nullptr;
}

// The first windows as one; nothing while there are too few.
std::optional<Window> firstOf(const std::vector<Window>& windows, std::size_t first)
{
    if (windows.size() < first)
        return std::nullopt;
    Window reference;
    reference.fromMs = windows.front().fromMs;
    reference.toMs = windows[first - 1].toMs;
    for (std::size_t i = 0; i < first; ++i)
        for (const Tally& part : windows[i].parts)
            reference.add(part);
    return reference;
}

// Of one kind, by their ends.
class Comparison {
public:
    Comparison(const Window* validation, const Rules& rules)
        : m_validation(validation)
        , m_rules(rules)
        , m_first(static_cast<std::size_t>(std::max(1, rules.windows.referenceWindows)))
    {
    }
    // Returns their reference.
    std::optional<Window> add(std::vector<Window> windows, Enough kind)
    {
        auto reference = firstOf(windows, m_first);
        for (std::size_t i = 0; i < windows.size(); ++i)
            add(std::move(windows[i]), kind, reference, i < m_first);
        return reference;
    }
    std::vector<Judged> take()
    {
        std::vector<Judged> all;
        for (auto& [end, judged] : m_byEnd)
            if (!judged.readings.empty())
                all.push_back(std::move(judged));
        return all;
    }

private:
    void add(Window window, Enough kind, const std::optional<Window>& field, bool isOfReference)
    {
        const bool ofPictures = kind == Enough::Frames;
        Judged& judged = m_byEnd[window.toMs];
        (ofPictures ? judged.ofPictures : judged.ofScores) = true;
        for (const Measure measure : kMeasures) {
            const Window* reference = referenceFor(measure, field, m_validation, m_rules.reference);
            // The windows of a reference are not compared with themselves.
            if (isOfPictures(measure) != ofPictures || !reference || (reference != m_validation && isOfReference))
                continue;
            if (auto reading = compare(measure, *reference, window)) {
                reading->byValidation = reference == m_validation;
                reading->fromMs = window.fromMs;
                reading->toMs = window.toMs;
                judged.readings.push_back(*reading);
            }
        }
        if (!ofPictures || !judged.ofScores)
            judged.window = std::move(window);
    }

    const Window* m_validation;
    const Rules& m_rules;
    std::size_t m_first;
    std::map<std::int64_t, Judged> m_byEnd;
};

JudgedTrack compareTrack(const Track& track, const Window* validation, const Rules& rules, std::int64_t nowMs)
{
    auto windows = windowsOf(track, rules.windows, nowMs, Enough::Predictions);
    JudgedTrack judged { track.device, track.version, {}, {}, static_cast<int>(windows.size()) };
    Comparison comparison(validation, rules);
    judged.reference = comparison.add(std::move(windows), Enough::Predictions);
    comparison.add(windowsOf(track, rules.windows, nowMs, Enough::Frames), Enough::Frames);
    judged.windows = comparison.take();
    return judged;
}

const Reading* find(const Judged& judged, Measure measure)
{
    const auto at = std::find_if(judged.readings.begin(), judged.readings.end(), [&](const Reading& r) { return r.measure == measure; });
    return at == judged.readings.end() ? nullptr : &*at;
}

bool hasSides(Measure measure) { return measure != Measure::Scores && measure != Measure::Classes; }

bool isSameChange(const Reading& a, const Reading& b)
{
    return !hasSides(a.measure) || (a.now > a.before) == (b.now > b.before);
}

// The one before windows[i] that is of this measure.
const Judged* previous(const std::vector<Judged>& windows, std::size_t i, Measure measure)
{
    while (i-- > 0)
        if (windows[i].isOf(measure))
            return &windows[i];
    return nullptr;
}

// Chance of both windows being so far off, if they are to the same side.
double pOfBoth(const Judged* before, const Reading& now)
{
    const Reading* then = before ? find(*before, now.measure) : nullptr;
    if (!then || !isSameChange(*then, now))
        return 1;
    const double larger = std::max(then->p, now.p);
    return larger * larger;
}

// All tests of windows that end together are one family.
struct Family {
    std::vector<Reading*> readings;
    std::vector<double> once, twice;
};

void correct(std::vector<JudgedTrack>& tracks)
{
    std::map<std::int64_t, Family> families;
    for (JudgedTrack& track : tracks)
        for (std::size_t i = 0; i < track.windows.size(); ++i)
            for (Reading& reading : track.windows[i].readings) {
                Family& family = families[track.windows[i].window.toMs];
                family.readings.push_back(&reading);
                family.once.push_back(reading.p);
                family.twice.push_back(pOfBoth(previous(track.windows, i, reading.measure), reading));
            }
    for (const auto& [end, family] : families) {
        const auto once = holmCorrected(family.once), twice = holmCorrected(family.twice);
        for (std::size_t i = 0; i < family.readings.size(); ++i) {
            family.readings[i]->pCorrected = once[i];
            family.readings[i]->pTwice = twice[i];
        }
    }
}

bool isLarge(const Reading& reading) { return reading.effect >= limitsOf(reading.measure).warn; }

void followMeasure(const JudgedTrack& track, Measure measure, double alpha, std::vector<DriftAlert>& alerts)
{
    std::optional<DriftAlert> open;
    const Judged* before = nullptr;
    for (const Judged& judged : track.windows) {
        if (!judged.isOf(measure))
            continue;
        const Reading* reading = find(judged, measure);
        const Reading* then = before ? find(*before, measure) : nullptr;
        const bool isOn = reading && then && isLarge(*reading) && isLarge(*then) && reading->pTwice < alpha;
        if (open && !isOn) {
            open->endedMs = judged.window.toMs;
            alerts.push_back(*std::exchange(open, std::nullopt));
        }
        if (!open && isOn)
            open = DriftAlert { track.device, track.version, Level::Warn, *reading, then->fromMs, judged.window.toMs, 0 };
        if (open) {
            open->reading = *reading;
            open->level = reading->effect >= limitsOf(measure).act ? Level::Act : Level::Warn;
        }
        before = &judged;
    }
    const Reading* newest = before ? find(*before, measure) : nullptr;
    if (open)
        alerts.push_back(*open);
    else if (newest && isLarge(*newest) && newest->pCorrected < alpha)
        alerts.push_back({ track.device, track.version, Level::Watch, *newest, newest->fromMs, 0, 0 });
}

// By device the track that told last.
std::map<std::string, const Track*> newestTracks(const std::vector<Track>& tracks)
{
    std::map<std::string, const Track*> newest;
    for (const Track& track : tracks) {
        if (track.hours.empty())
            continue;
        const Track*& best = newest[track.device];
        if (!best || track.hours.rbegin()->first > best->hours.rbegin()->first)
            best = &track;
    }
    return newest;
}

// Another version runs now: what was open ended with this one, what was watched is over.
void endWith(const JudgedTrack& track, std::vector<DriftAlert>& alerts)
{
    std::erase_if(alerts, [](const DriftAlert& alert) { return alert.level == Level::Watch; });
    for (DriftAlert& alert : alerts)
        if (alert.endedMs == 0)
            alert.endedMs = track.windows.back().window.toMs;
}

void order(std::vector<DriftAlert>& alerts)
{
    std::stable_sort(alerts.begin(), alerts.end(), [](const DriftAlert& a, const DriftAlert& b) {
        const auto group = [](const DriftAlert& alert) { return alert.level == Level::Watch ? 2 : alert.endedMs != 0 ? 1 : 0; };
        if (group(a) != group(b))
            return group(a) < group(b);
        return a.level != b.level ? a.level > b.level : a.sinceMs > b.sinceMs;
    });
}

}

std::vector<Reading> newestReadings(const JudgedTrack& track)
{
    std::vector<Reading> readings;
    for (const Measure measure : kMeasures)
        if (const Judged* newest = previous(track.windows, track.windows.size(), measure))
            if (const Reading* reading = find(*newest, measure))
                readings.push_back(*reading);
    return readings;
}

bool isSignificant(const Reading& reading, double alpha) { return reading.pCorrected < alpha || reading.pTwice < alpha; }

Judgement judge(const std::vector<Track>& tracks, const std::map<std::string, Window>& validation, const Rules& rules, std::int64_t nowMs)
{
    Judgement result;
    for (const Track& track : tracks) {
        const auto known = validation.find(track.version);
        const bool isEnough = known != validation.end() && known->second.total.predictions >= rules.windows.leastPredictions;
        result.tracks.push_back(compareTrack(track, isEnough ? &known->second : nullptr, rules, nowMs));
    }
    correct(result.tracks);
    const auto newest = newestTracks(tracks);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        std::vector<DriftAlert> own;
        for (const Measure measure : kMeasures)
            followMeasure(result.tracks[i], measure, rules.alpha, own);
        const auto last = newest.find(tracks[i].device);
        if (last == newest.end() || last->second != &tracks[i])
            endWith(result.tracks[i], own);
        result.alerts.insert(result.alerts.end(), own.begin(), own.end());
    }
    order(result.alerts);
    return result;
}

}
