#include "core/report/wording.h"

#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <fmt/format.h>

namespace percept::report {
namespace {

constexpr std::array<std::string_view, 12> kMonths { "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December" };

std::tm localTime(std::int64_t timeMs)
{
    const auto seconds = static_cast<std::time_t>(timeMs / 1000);
    std::tm local {};
    localtime_r(&seconds, &local);
    return local;
}

std::string_view monthOf(const std::tm& t) { return kMonths[static_cast<std::size_t>(t.tm_mon) % kMonths.size()]; }

}

std::string percentNumber(double share)
{
    if (!std::isfinite(share))
        return "–";
    // Not quite all is never shown as all, and something never as nothing.
    const double rounded = std::round(share * 1000) / 10;
    if (rounded >= 100 && share < 1)
        return "99.9";
    if (rounded <= 0 && share > 0)
        return "0.1";
    return rounded == 100 || rounded == 0 ? fmt::format("{:.0f}", rounded) : fmt::format("{:.1f}", rounded);
}

std::string percent(double share) { return std::isfinite(share) ? percentNumber(share) + " %" : "–"; }

std::string rangePercent(const evaluation::Interval& interval)
{
    if (!std::isfinite(interval.low) || !std::isfinite(interval.high))
        return {};
    return percentNumber(interval.low) + " to " + percent(interval.high);
}

std::string ofHundred(double share)
{
    if (!std::isfinite(share))
        return "–";
    const double hundredths = std::round(share * 100);
    if (hundredths >= 100 && share < 1)
        return "over 99 of 100";
    if (hundredths <= 0 && share > 0)
        return "under 1 of 100";
    return fmt::format("{:.0f} of 100", hundredths);
}

std::string ofHundred(std::int64_t k, std::int64_t n)
{
    if (n < 100)
        return fmt::format("{} of {}", k, n);
    return ofHundred(static_cast<double>(k) / static_cast<double>(n));
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many)
{
    return base::groupedCount(n) + ' ' + std::string(n == 1 ? one : many);
}

std::string signedPoints(double points)
{
    const double rounded = std::round(points * 10) / 10;
    return fmt::format("{}{:.1f}", rounded < 0 ? "−" : rounded > 0 ? "+" : "", std::abs(rounded));
}

std::string comparisonSentence(const Comparison& comparison)
{
    std::string range = "on the same " + counted(comparison.pictures, "test picture", "test pictures");
    if (std::isfinite(comparison.found.low))
        range = signedPoints(comparison.found.low) + " to " + signedPoints(comparison.found.high) + ", " + range;
    const std::string tooFew = "Too few pictures to tell (" + range + ")";
    return (!comparison.canTell() ? tooFew : comparison.findsMore() || comparison.findsLess() ? range : "No difference in what is found that can be told from chance (" + range + ")")
        + fmt::format(". It finds {} with {:.1f} false alarms a picture; before: {} with {:.1f}.", percent(comparison.now.found),
            comparison.now.falsePerPicture, percent(comparison.before.found), comparison.before.falsePerPicture);
}

namespace {

bool isNumber(const std::string& version)
{
    return !version.empty() && version.find_first_not_of("0123456789.") == std::string::npos;
}

}

std::string versionForPeople(const std::string& version) { return isNumber(version) ? "version " + version : "the " + version; }

std::string shortDate(std::int64_t timeMs, DateDetail detail)
{
    const std::tm t = localTime(timeMs);
    const std::string month(monthOf(t).substr(0, 3));
    switch (detail) {
    case DateDetail::Time: return fmt::format("{:02}:{:02}", t.tm_hour, t.tm_min);
    case DateDetail::Day: return fmt::format("{} {}", t.tm_mday, month);
    case DateDetail::Month: return fmt::format("{} {}", month, t.tm_year + 1900);
    }
    return {};
}

std::string longDate(std::int64_t timeMs)
{
    const std::tm t = localTime(timeMs);
    return fmt::format("{} {} {}", t.tm_mday, monthOf(t), t.tm_year + 1900);
}

std::string headlineTitle(const ReportData& data)
{
    if (!data.hasModel)
        return data.project + ": how far is the labeling?";
    return data.project + ": how good is " + (isNumber(data.version) ? "model " : "the ") + data.version + "?";
}

std::vector<std::string> footNotes(const ReportData& data)
{
    if (!data.hasModel)
        return {};
    std::vector<std::string> notes { "Found: an answer of the right class overlaps the object by at least half (IoU 0.5), at this model's thresholds. "
                                     "Intervals: bootstrap over groups of pictures, or Wilson's where wider." };
    if (data.comparison.present)
        notes.push_back(fmt::format("Against {}: paired on the same pictures, each at its own thresholds. AP50, over all thresholds: {} points ({}).",
            versionForPeople(data.comparison.other), signedPoints(data.comparison.points.value),
            data.comparison.canTell() ? signedPoints(data.comparison.points.low) + " to " + signedPoints(data.comparison.points.high)
                                      : std::string("too few pictures for an interval")));
    return notes;
}

std::string headlineScope(const ReportData& data)
{
    if (!data.hasModel)
        return "No model has been scored on the test set yet. Counted in this project, nothing typed in.";
    return fmt::format("Measured on {} ({}) that training never saw. Bars and brackets are 95 % intervals.",
        counted(data.testPictures, "test picture", "test pictures"), counted(data.testObjects, "object", "objects"));
}

std::string nowhereSentence(const ReportData& data)
{
    const auto& versions = data.fleet.versions;
    const bool runs = std::any_of(versions.begin(), versions.end(), [&](const auto& v) { return v.first == data.version && v.second > 0; });
    if (!data.hasModel || data.fleet.devices == 0 || runs)
        return {};
    if (versions.empty())
        return "No device runs it yet.";
    const auto& [version, n] = versions.front();
    std::string text = fmt::format("No device runs it; {} {} version {}", base::groupedCount(n), n == 1 ? "runs" : "run", version);
    std::int64_t others = 0;
    for (std::size_t i = 1; i < versions.size(); ++i)
        others += versions[i].second;
    if (others > 0)
        text += fmt::format(", {} {}", base::groupedCount(others), versions.size() == 2 ? "version " + versions[1].first : "others");
    return text + ".";
}

std::string headlineSentence(const ReportData& data)
{
    if (!data.hasModel)
        return fmt::format("{} of {} are done.", base::groupedCount(data.done), counted(data.pictures, "picture", "pictures"));
    std::string text = ofHundred(data.found.value);
    text += " objects are found";
    if (std::isfinite(data.found.low))
        text += fmt::format(", {:.0f} to {:.0f}", std::round(data.found.low * 100), std::round(data.found.high * 100));
    return text + ".";
}

}
