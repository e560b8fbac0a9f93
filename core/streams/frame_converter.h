#pragma once

#include "core/base/result.h"
#include "core/streams/bitmap.h"

#include <cstdint>
#include <vector>

struct AVFrame;
struct SwsContext;

namespace percept::streams {

// Decoded pictures, in whatever colours and layout, as BMP files. One thread.
class FrameConverter {
public:
    FrameConverter() = default;
    ~FrameConverter();
    FrameConverter(const FrameConverter&) = delete;
    FrameConverter& operator=(const FrameConverter&) = delete;

    base::Result<std::vector<std::uint8_t>> toBmp(const AVFrame& frame, Turn turn);

private:
    SwsContext* m_scaler = nullptr; // kept: all pictures of a file are mostly alike
    std::vector<std::uint8_t> m_rows;
};

}
