#pragma once

#include "app/studio/frame/studio_context.h"

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

}
