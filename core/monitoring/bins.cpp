#include "core/monitoring/bins.h"

#include <algorithm>

namespace percept::monitoring::detail {

namespace {

constexpr double kQuantile = 0.1 - 1e-9, kRare = 0.02;

}

std::vector<std::size_t> orderedPlaces(const Counts& reference)
{
    const double enough = kQuantile * sum(reference);
    std::size_t first = 0, end = reference.size();
    while (first < end && !(reference[first] > 0))
        ++first;
    while (end > first && !(reference[end - 1] > 0))
        --end;
    std::vector<std::size_t> places(reference.size(), 0);
    std::size_t place = first > 0 ? 1 : 0;
    double inPlace = 0;
    for (std::size_t i = first; i < end; ++i) {
        // A large bin begins a place of its own: a thin tail beside it stays to be seen.
        if (inPlace > 0 && (inPlace >= enough || reference[i] >= enough)) {
            ++place;
            inPlace = 0;
        }
        places[i] = place;
        inPlace += reference[i];
    }
    for (std::size_t i = end; i < reference.size(); ++i)
        places[i] = place + 1;
    return places;
}

std::vector<std::size_t> categoryPlaces(const Counts& reference)
{
    const double enough = kRare * sum(reference);
    std::vector<std::size_t> places(reference.size(), 0); // 0: the others
    std::size_t place = 0;
    for (std::size_t i = 0; i < reference.size(); ++i)
        if (reference[i] > 0 && reference[i] >= enough)
            places[i] = ++place;
    return places;
}

Counts placed(const Counts& counts, const std::vector<std::size_t>& places)
{
    Counts result(places.empty() ? 0 : *std::max_element(places.begin(), places.end()) + 1);
    for (std::size_t i = 0; i < counts.size() && i < places.size(); ++i)
        result[places[i]] += counts[i];
    return result;
}

}
