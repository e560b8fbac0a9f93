#pragma once

#include "core/monitoring/statistics.h"

#include <functional>
#include <vector>

// Inside of core/monitoring: which bins are compared. Not for other folders.
namespace percept::monitoring::detail {

// Where each bin of an ordered property goes, so that few bins with enough of the reference in them remain: neighbours are
// added up until a tenth of it is together (ten quantile bins, as far as the stored bins allow). What the reference never
// showed, below and above, stays apart from what it did: a shift out of the known range must not hide in its last bin.
std::vector<std::size_t> orderedPlaces(const Counts& reference);
// The same for classes: those with less than a fiftieth of the reference are one, "others", with those that are new.
std::vector<std::size_t> categoryPlaces(const Counts& reference);

Counts placed(const Counts& counts, const std::vector<std::size_t>& places);

}
