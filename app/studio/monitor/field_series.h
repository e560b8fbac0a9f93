#pragma once

#include "core/monitoring/overview.h"
#include "widgets/plots/shaping.h"

#include <QString>
#include <QVector>
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
};

// One series for each device, class or version, by name; a step that is not over is left out. Objects are per hour, and 0 in
// steps without a word between others. Throughput, latency, brightness and sharpness belong to no class: empty then.
QVector<FieldSeries> seriesOf(const monitoring::Overview& overview, const FieldScope& scope, FieldFigure figure, FieldGrouping grouping);

// All of it as one sum.
monitoring::Tally totalOf(const monitoring::Overview& overview, const FieldScope& scope);

// How far a measure of a device was from its reference, window by window, for the version that it told of last.
struct DriftSeries {
    plots::Points effect, significant, chance; // x: the middle of a window. `significant`: those of `effect` that are
    plots::Points others;                      // median of the other devices, where there are two
    std::optional<monitoring::Reading> newest;
    QString version;
};
DriftSeries driftOf(const monitoring::Overview& overview, const QString& device, monitoring::Measure measure);

// The newest reading of a measure on a device; nothing before its reference is complete.
std::optional<monitoring::Reading> newestReading(const monitoring::Overview& overview, const QString& device, monitoring::Measure measure);

QString measureText(monitoring::Measure measure); // "Mean score", "Class mix", ...

}
