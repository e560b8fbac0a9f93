#pragma once

#include "core/report/report.h"

#include <string>

// Inside of core/report: numbers as people read them.
namespace percept::report {

// "93.1 %"; "–" where undefined.
std::string percent(double share);
// "93.1" for axis labels beside a unit.
std::string percentNumber(double share);
// "91 to 95 %"; empty where undefined.
std::string rangePercent(const evaluation::Interval& interval);
// "93 of 100" from a hundred objects on, else the counts themselves; never a rounded "100 of 100".
std::string ofHundred(std::int64_t k, std::int64_t n);
// A share in the same words.
std::string ofHundred(double share);
// "1 picture", "1,234 pictures"
std::string counted(std::int64_t n, std::string_view one, std::string_view many);
// "+1.5", "−0.3": hundredths with their sign.
std::string signedPoints(double points);
// "version 1.3", or the name of a draft as it is: in a sentence.
std::string versionForPeople(const std::string& version);
// What stands below the difference to the version before: its interval, and both versions at their own thresholds.
std::string comparisonSentence(const Comparison& comparison);
// "24 Nov", or "14:05" for times within one day, or "Nov 2026"
enum class DateDetail { Time, Day, Month };
std::string shortDate(std::int64_t timeMs, DateDetail detail);
// "24 November 2026", local time
std::string longDate(std::int64_t timeMs);

// "Blood cells: how good is model 1.4?"
std::string headlineTitle(const ReportData& data);
// "Measured on 72 test pictures ..."
std::string headlineScope(const ReportData& data);
// What stands small at the foot of the page: how the figures above were measured, in the words of the trade.
std::vector<std::string> footNotes(const ReportData& data);
// "No device runs it; 224 run version 1.0.": where a fleet runs this project's models, and not the one of the page; else empty.
std::string nowhereSentence(const ReportData& data);
// "93 of 100 objects are found, 91 to 95": the page in one sentence.
std::string headlineSentence(const ReportData& data);

}
