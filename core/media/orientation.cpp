#include "core/media/orientation.h"

#include <algorithm>
#include <libexif/exif-data.h>
#include <memory>
#include <opencv2/core.hpp>
#include <string_view>

namespace percept::media {

int exifOrientation(std::span<const std::uint8_t> exif)
{
    using namespace std::string_view_literals;
    constexpr auto kPrefix = "Exif\0\0"sv;
    std::vector<std::uint8_t> prefixed;
    if (exif.size() < kPrefix.size() || !std::equal(kPrefix.begin(), kPrefix.end(), exif.begin())) {
        prefixed.assign(kPrefix.begin(), kPrefix.end());
        prefixed.insert(prefixed.end(), exif.begin(), exif.end());
        exif = prefixed;
    }
    if (exif.size() > (1u << 20))
        return 1;
    const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(exif_data_new(), exif_data_unref);
    if (!data)
        return 1;
    // Nothing is added or repaired: only what the file says counts.
    exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_load_data(data.get(), exif.data(), static_cast<unsigned int>(exif.size()));
    const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->components < 1 || entry->size < 2)
        return 1;
    const int value = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
    return value >= 1 && value <= 8 ? value : 1;
}

cv::Mat applyOrientation(const cv::Mat& stored, int orientation)
{
    cv::Mat seen;
    switch (orientation) {
    case 2: cv::flip(stored, seen, 1); return seen;
    case 3: cv::flip(stored, seen, -1); return seen;
    case 4: cv::flip(stored, seen, 0); return seen;
    case 5: cv::transpose(stored, seen); return seen;
    case 6: cv::rotate(stored, seen, cv::ROTATE_90_CLOCKWISE); return seen;
    case 7:
        cv::transpose(stored, seen);
        cv::flip(seen, seen, -1);
        return seen;
    case 8: cv::rotate(stored, seen, cv::ROTATE_90_COUNTERCLOCKWISE); return seen;
    default: return stored;
    }
}

}
