// thumbnail_bench ROUNDS FILE...: seconds that each round of making a 256 px thumbnail of every file took on one thread, as
// one line of JSON. Run by thumbnails_against_pil.py.
#include "core/base/time.h"
#include "core/media/picture.h"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "usage: thumbnail_bench ROUNDS FILE...\n");
        return 2;
    }
    std::printf("{\"seconds\": [");
    for (int round = 0; round < std::atoi(argv[1]); ++round) {
        const double start = percept::base::monotonicSeconds();
        for (int i = 2; i < argc; ++i) {
            const auto thumbnail = percept::media::decodeThumbnail(argv[i], 256);
            if (thumbnail.hasError()) {
                std::fprintf(stderr, "thumbnail_bench: %s\n", thumbnail.error().message.c_str());
                return 1;
            }
        }
        std::printf("%s%.6f", round > 0 ? ", " : "", percept::base::monotonicSeconds() - start);
    }
    std::printf("]}\n");
    return 0;
}
