#include "core/interchange/picture_probe.h"

#include "core/base/hash.h"
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
    PERCEPT_ASSIGN(info, media::readPictureInfo(file));
    PictureFacts facts;
    facts.format = nameOf(info.format);
    facts.width = info.width;
    facts.height = info.height;
    facts.orientation = info.orientation;
    std::error_code error;
    facts.fileBytes = static_cast<std::int64_t>(std::filesystem::file_size(file, error));
    if (error)
        return base::notFound(file.filename().string() + " is not there any more.");
    if (hash) {
        PERCEPT_ASSIGN(sha256, base::sha256OfFile(file));
        facts.sha256 = std::move(sha256);
    }
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
