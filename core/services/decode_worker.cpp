#include "core/services/decode_worker.h"

#include "core/base/confinement.h"
#include "core/interchange/picture_probe.h"
#include "core/media/picture.h"
#include "core/protocol/decode_messages.h"
#include "core/runs/line_buffer.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <opencv2/core/utility.hpp>
#include <unistd.h>

namespace percept::services {

namespace {

constexpr double kProcessorSecondsPerFile = 20;
constexpr std::size_t kMaxRequestBytes = 4u << 20;

base::Result<protocol::DecodedPicture> makeThumbnail(const std::string& file, const protocol::DecodeRequest& request)
{
    PERCEPT_ASSIGN(rgb, media::decodeThumbnail(file, request.longSide));
    protocol::DecodedPicture picture;
    picture.width = rgb.cols;
    picture.height = rgb.rows;
    const cv::Mat whole = rgb.isContinuous() ? rgb : rgb.clone();
    picture.rgb.assign(whole.datastart, whole.dataend);
    return picture;
}

base::Result<protocol::DecodedPicture> decodeOne(const std::string& file, const protocol::DecodeRequest& request)
{
    base::limitProcessorTime(kProcessorSecondsPerFile);
    const auto name = [&file] { return std::filesystem::path(file).filename().string(); };
    // The edge of the libraries: whatever they throw is about this file.
    try {
        return request.type == protocol::DecodeRequest::Type::Probe ? interchange::probePicture(file, request.hash)
                                                                    : makeThumbnail(file, request);
    } catch (const std::bad_alloc&) {
        return base::refused(name() + " does not fit into the memory that a decoder may use.");
    } catch (const std::exception& problem) {
        return base::refused(name() + " is damaged and cannot be read. Copy it again from its source.", problem.what());
    }
}

// One request line to one answer line.
std::string answer(std::string_view line)
{
    const auto request = protocol::decodeRequestFromLine(line);
    if (request.hasError())
        return protocol::encodeDecodeFailure(request.error());
    protocol::DecodeAnswer answer { request->id, {} };
    for (const std::string& file : request->files)
        answer.pictures.push_back(decodeOne(file, request.value()));
    return protocol::encode(answer);
}

bool say(const std::string& line)
{
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
}

}

int serveDecoding()
{
    std::signal(SIGINT, SIG_DFL); // nothing here needs an orderly end
    std::signal(SIGTERM, SIG_DFL);
    cv::setNumThreads(1); // there are as many of us as there are processors
    const auto confined = base::confineThisProcess();
    bool isHeard = say(protocol::encode(protocol::DecodeHello { protocol::kDecodeProtocolVersion, std::string(base::toString(confined)) }));
    runs::LineBuffer lines(kMaxRequestBytes);
    char buffer[65536];
    while (isHeard) {
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count == 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return 1;
        if (count > 0)
            lines.add({ buffer, static_cast<std::size_t>(count) },
                [&isHeard](std::string_view line) { isHeard = isHeard && say(answer(line)); });
    }
    return 1; // whom we answer has gone
}

}
