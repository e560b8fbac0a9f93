#include "core/services/picture_size.h"

#include "core/services/training_data.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace percept::services {

namespace {

constexpr int kUsual = 416, kLargest = 1024, kStep = 32;
constexpr double kSmallestObject = 20; // pixels of the network's picture
constexpr std::size_t kFewest = 5;     // objects of a class that say something of it
constexpr std::size_t kMostPictures = 2000;

// Of values that are not empty; reorders them.
template <typename T>
T quantile(std::vector<T>& values, double share)
{
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

int roundedUp(double pixels) { return static_cast<int>(std::ceil(pixels / kStep)) * kStep; }

std::vector<ItemId> evenlySpaced(const std::vector<ItemId>& items, std::size_t most)
{
    std::vector<ItemId> some;
    for (std::size_t i = 0, count = std::min(items.size(), most); i < count; ++i)
        some.push_back(items[i * items.size() / count]);
    return some;
}

}

PictureSize choosePictureSize(std::map<std::string, std::vector<double>> sides, std::vector<int> pictureSides)
{
    std::string smallest;
    double side = INFINITY;
    for (auto& [name, values] : sides)
        if (values.size() >= kFewest)
            if (const double quarter = quantile(values, 0.25); quarter > 0 && quarter < side) {
                side = quarter;
                smallest = name;
            }
    const int pictureSide = pictureSides.empty() ? 0 : quantile(pictureSides, 0.5);
    const double share = smallest.empty() ? 0 : side;
    if (smallest.empty() || pictureSides.empty() || side * kUsual >= kSmallestObject)
        return { kUsual, fmt::format("{} pixels show objects of all classes large enough.", kUsual), pictureSide, smallest, share };
    const int wanted = std::min(roundedUp(kSmallestObject / side), kLargest);
    const int chosen = std::max(kUsual, std::min(wanted, roundedUp(pictureSide)));
    if (chosen == kUsual)
        return { kUsual, fmt::format("Objects of the class {} are small, but the pictures have no more pixels.", smallest), pictureSide, smallest, share };
    return { chosen, fmt::format("Objects of the class {} are small: at {} pixels a quarter of them would be narrower than {:.0f}. {} take {:.1f} times as long.",
                         smallest, kUsual, std::ceil(side * kUsual), chosen, std::pow(static_cast<double>(chosen) / kUsual, 2)),
        pictureSide, smallest, share };
}

std::string cautionOn(int longSide, const PictureSize& chosen)
{
    if (chosen.pictureSide > 0 && longSide > roundedUp(chosen.pictureSide))
        return fmt::format("Most pictures have no more than {} pixels: they are only enlarged, which shows nothing more and takes longer.", chosen.pictureSide);
    if (!chosen.smallestClass.empty() && chosen.smallestShare * longSide < kSmallestObject)
        return fmt::format("Objects of the class {} get too small: at {} pixels a quarter of them is narrower than {:.0f}.", chosen.smallestClass, longSide,
            std::ceil(chosen.smallestShare * longSide));
    return {};
}

base::Result<PictureSize> choosePictureSize(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(done, readDoneItems(reader));
    PERCEPT_ASSIGN(labels, reader.readLabels());
    std::map<LabelId, std::string> names;
    for (const auto& label : labels)
        names.emplace(label.id, label.name);
    std::map<std::string, std::vector<double>> sides;
    std::vector<int> pictureSides;
    for (const ItemId id : evenlySpaced(done.train.empty() ? done.withoutSet : done.train, kMostPictures)) {
        PERCEPT_ASSIGN(item, reader.readItem(id));
        if (!item || item->width <= 0 || item->height <= 0)
            continue;
        const int longSide = std::max(item->width, item->height);
        pictureSides.push_back(longSide);
        PERCEPT_ASSIGN(annotations, reader.readAnnotations(id));
        for (const auto& annotation : annotations)
            if (annotation.box.isFinite() && annotation.box.hasArea() && !annotation.flags.crowd)
                sides[names[annotation.label]].push_back(std::sqrt(annotation.box.w * annotation.box.h) / longSide);
    }
    return choosePictureSize(std::move(sides), std::move(pictureSides));
}

}
