#pragma once

#include "app/studio/frame/studio_context.h"

#include <QJsonObject>
#include <QList>
#include <QString>

namespace percept::studio {

QString stateName(domain::ItemState state); // "Done", "To review", "To do"
QString setName(domain::SplitSet set);      // "Train", "Validation", "Test", "Reserve", "Unassigned"

// A part of a filter as the chip that removes it.
struct FilterPart {
    QString text;
    LabelId label; // for its swatch; invalid: none
    dataset::ItemFilter without;
};
QList<FilterPart> filterParts(const dataset::ItemFilter& filter, const StudioContext& context);

// For the next opening of the project. Classes that are gone by then are left out.
QJsonObject filterToJson(const dataset::ItemFilter& filter);
dataset::ItemFilter filterFromJson(const QJsonObject& json, const StudioContext& context);

}
