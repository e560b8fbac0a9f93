#pragma once

#include "core/monitoring/overview.h"
#include "widgets/plots/shaping.h"

#include <QString>
#include <QVector>
#include <array>
#include <map>
#include <optional>

// What the charts of Monitor draw, from what devices told: plain functions, tested without a window.
namespace percept::studio {

enum class FieldFigure { Objects, Confidence, Throughput, Latency, Brightness, Sharpness };
enum class FieldGrouping { Device, Class, Version };

// The part of an overview that is looked at: one device or all (empty), from `fromMs` to now in steps of whole hours.
struct FieldScope {
    QString device;
    std::int64_t fromMs = 0, stepMs = monitoring::kHourMs;
};
FieldScope scopeOf(const monitoring::Overview& overview, const QString& device, int days); // steps of an hour up to a week, then six

struct FieldSeries {
    QString name;
    plots::Points points; // x: the middle of a step, in seconds since 1970
    std::optional<QPointF> open; // of the step that is not over yet, as far as it was told of; x: the middle of what has passed of it
};

// One series for each device, class or version, by name. Objects are per hour of the time that a device told of (it may have begun
// or ceased within a step), and 0 in steps without a word between others. Throughput, latency, brightness and sharpness belong to no class: empty then.
QVector<FieldSeries> seriesOf(const monitoring::Overview& overview, const FieldScope& scope, FieldFigure figure, FieldGrouping grouping);

// Lines that can be told apart beside each other.
inline constexpr int kMostDevices = 8;
// Takes all but `most` series out of `series`: those of devices with open alerts stay first, then those that changed most. Returns the rest
// as one: `points` are their medians, `low` and `high` hold four of five; nothing where all stay.
struct FieldBand {
    plots::Points points, low, high;
    int devices = 0;
};
FieldBand takeOthers(const monitoring::Overview& overview, QVector<FieldSeries>& series, int most = kMostDevices);

// All of it as one sum.
monitoring::Tally totalOf(const monitoring::Overview& overview, const FieldScope& scope);

// The time that was told of within the scope; nothing: none of it.
std::optional<monitoring::ToldSpan> toldOf(const monitoring::Overview& overview, const FieldScope& scope);
// "47 a day", "12 an hour"; of less than an hour no rate is made: "in 12 min".
QString rateText(std::int64_t count, const std::optional<monitoring::ToldSpan>& told);
QString lengthText(std::int64_t ms); // "12 min", "5 h 30 min", "3 days"

// How far a measure of a device was from its reference, window by window, for the version that it told of last.
struct DriftSeries {
    plots::Points effect, significant, chance; // x: the middle of a window. `significant`: those of `effect` that are
    plots::Points others;                      // median of the other devices, where there are two
    std::optional<monitoring::Reading> newest;
    QString version;
    int windows = 0;           // days that are long enough, those of the reference included
    std::int64_t waiting = 0;  // objects of today, and of days before that were too few by themselves: of the next window
};
DriftSeries driftOf(const monitoring::Overview& overview, const QString& device, monitoring::Measure measure);

// The newest reading of each measure by device; none before its reference is complete.
using Readings = std::array<std::optional<monitoring::Reading>, monitoring::kMeasures.size()>;
std::map<std::string, Readings> newestReadings(const monitoring::Overview& overview);

QString measureText(monitoring::Measure measure); // "Mean score", "Class mix", ...

}
