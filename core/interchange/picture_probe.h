#pragma once

#include "core/base/result.h"
#include "core/protocol/decode_messages.h"

#include <filesystem>
#include <functional>
#include <future>
#include <vector>

namespace percept::interchange {

using PictureFacts = protocol::DecodedPicture;

// What an import has to know of a picture file, found in this process.
base::Result<PictureFacts> probePicture(const std::filesystem::path& file, bool hash);

// The same for several files, elsewhere: one result for each file, in order. An error as a whole ends the import.
using PictureProbe = std::function<std::future<base::Result<std::vector<base::Result<PictureFacts>>>>(
    const std::vector<std::filesystem::path>& files, bool hash)>;
// Here, at once: what a crafted file does to a decoder it does to this process.
PictureProbe probeHere();

}
