#include "core/interchange/picture_probe.h"

#include "core/media/picture.h"

namespace percept::interchange {

namespace {

std::string_view nameOf(media::PictureFormat format)
{
    switch (format) {
    case media::PictureFormat::Jpeg: return "jpeg";
    case media::PictureFormat::Png: return "png";
    case media::PictureFormat::WebP: return "webp";
    case media::PictureFormat::Tiff: return "tiff";
    case media::PictureFormat::Bmp: return "bmp";
    }
    return "";
}

}

base::Result<PictureFacts> probePicture(const std::filesystem::path& file, bool hash)
{
    PERCEPT_ASSIGN(found, media::readPictureFile(file, hash));
    PictureFacts facts;
    facts.format = nameOf(found.info.format);
    facts.width = found.info.width;
    facts.height = found.info.height;
    facts.orientation = found.info.orientation;
    facts.fileBytes = static_cast<std::int64_t>(found.bytes);
    facts.sha256 = std::move(found.sha256);
    return facts;
}

PictureProbe probeHere()
{
    return [](const std::vector<std::filesystem::path>& files, bool hash) {
        std::vector<base::Result<PictureFacts>> found;
        for (const auto& file : files)
            found.push_back(probePicture(file, hash));
        std::promise<base::Result<std::vector<base::Result<PictureFacts>>>> promise;
        promise.set_value(std::move(found));
        return promise.get_future();
    };
}

}
