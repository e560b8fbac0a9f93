#pragma once

#include "core/dataset/project_reader.h"

namespace percept::services {

// How large a network should see the pictures of a project, and why in a sentence.
struct PictureSize {
    int longSide = 416; // pixels, a multiple of 32
    std::string reason;
    int pictureSide = 0;       // long side that half of the pictures have at least; 0: there are none
    std::string smallestClass {}; // whose objects are smallest; empty: too few objects
    double smallestShare = 0;  // of the long side: a quarter of that class's objects is narrower
};
// What another size than the chosen one means, in a sentence: nothing but enlarged pixels, or a class that gets too small; empty: neither.
std::string cautionOn(int longSide, const PictureSize& chosen);


// A quarter of the objects of each class may be smaller than 20 pixels of the network's picture: below that its finest grid,
// of 8 pixels, hardly tells neighbours apart. The class of the smallest objects decides, because each class counts alike in AP.
// `sides`: per class, sqrt(w * h) / long side of the picture. `pictureSides`: long sides of the pictures, pixels; asking for more than
// half of them have invents nothing. Between 416 and 1,024: beyond that a training on a desk takes days.
PictureSize choosePictureSize(std::map<std::string, std::vector<double>> sides, std::vector<int> pictureSides);

// The same for the finished pictures that are learned from (all finished ones where no set is given yet), at most 2,000 of them.
base::Result<PictureSize> choosePictureSize(const dataset::ProjectReader& reader);

}
