#include "core/streams/bitmap.h"

#include <algorithm>
#include <cstring>

namespace percept::streams {

namespace {

constexpr std::size_t kHeaderBytes = 54;

void put16(std::uint8_t* at, std::uint32_t value)
{
    at[0] = static_cast<std::uint8_t>(value);
    at[1] = static_cast<std::uint8_t>(value >> 8);
}

void put32(std::uint8_t* at, std::uint32_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

void putHeader(std::uint8_t* at, std::size_t bytes, int width, int height)
{
    at[0] = 'B';
    at[1] = 'M';
    put32(at + 2, static_cast<std::uint32_t>(bytes));
    put32(at + 10, kHeaderBytes);
    put32(at + 14, 40);
    put32(at + 18, static_cast<std::uint32_t>(width));
    put32(at + 22, static_cast<std::uint32_t>(height)); // from the bottom
    put16(at + 26, 1);
    put16(at + 28, 24);
    put32(at + 34, static_cast<std::uint32_t>(bytes - kHeaderBytes));
}

// Row y of the upright picture.
void putRow(const BgrRows& rows, Turn turn, int y, std::uint8_t* to)
{
    const auto pixel = [&rows](int x, int row) { return rows.first + rows.stride * static_cast<std::size_t>(row) + 3 * x; };
    switch (turn) {
    case Turn::None: std::memcpy(to, pixel(0, y), 3 * static_cast<std::size_t>(rows.width)); return;
    case Turn::Half:
        for (int x = 0; x < rows.width; ++x)
            std::memcpy(to + 3 * x, pixel(rows.width - 1 - x, rows.height - 1 - y), 3);
        return;
    case Turn::Quarter:
        for (int x = 0; x < rows.height; ++x)
            std::memcpy(to + 3 * x, pixel(y, rows.height - 1 - x), 3);
        return;
    case Turn::ThreeQuarters:
        for (int x = 0; x < rows.height; ++x)
            std::memcpy(to + 3 * x, pixel(rows.width - 1 - y, x), 3);
        return;
    }
}

}

std::vector<std::uint8_t> toBitmap(const BgrRows& rows, Turn turn)
{
    const bool isAcross = turn == Turn::Quarter || turn == Turn::ThreeQuarters;
    const int width = isAcross ? rows.height : rows.width, height = isAcross ? rows.width : rows.height;
    const std::size_t stride = (3 * static_cast<std::size_t>(width) + 3) / 4 * 4;
    std::vector<std::uint8_t> file(kHeaderBytes + stride * static_cast<std::size_t>(height));
    putHeader(file.data(), file.size(), width, height);
    for (int y = 0; y < height; ++y)
        putRow(rows, turn, y, file.data() + kHeaderBytes + stride * static_cast<std::size_t>(height - 1 - y));
    return file;
}

}
