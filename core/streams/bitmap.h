#pragma once

#include <cstdint>
#include <vector>

namespace percept::streams {

// How a picture has to be turned to stand upright.
enum class Turn { None, Quarter, Half, ThreeQuarters }; // clockwise

// Rows of blue, green, red, from the top; `stride` bytes from one to the next.
struct BgrRows {
    const std::uint8_t* first = nullptr;
    std::size_t stride = 0;
    int width = 0, height = 0;
};

// A BMP file of 24 bits, turned: what costs least to write and to read.
std::vector<std::uint8_t> toBitmap(const BgrRows& rows, Turn turn);

}
