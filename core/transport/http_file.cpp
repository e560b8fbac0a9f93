#include "core/transport/http_file.h"

#include <algorithm>
#include <fcntl.h>
#include <httplib.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::transport {

namespace {

// One open file for all pieces of an answer: what is sent does not change when the name is given to another file meanwhile.
struct OpenFile {
    explicit OpenFile(const std::filesystem::path& path)
        : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
        struct stat info { };
        size = fd >= 0 && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
    }
    ~OpenFile()
    {
        if (fd >= 0)
            ::close(fd);
    }
    int fd;
    std::size_t size = 0;
};

bool sendPiece(const OpenFile& file, std::size_t offset, std::size_t length, httplib::DataSink& sink)
{
    char block[1 << 16];
    const ssize_t n = ::pread(file.fd, block, std::min(length, sizeof(block)), static_cast<off_t>(offset));
    return n > 0 && sink.write(block, static_cast<std::size_t>(n));
}

// httplib cuts the range out by itself, but does not look whether it lies inside.
bool isPossible(const httplib::Ranges& ranges, std::size_t size)
{
    const auto most = static_cast<ssize_t>(size);
    return ranges.empty()
        || (ranges.size() == 1 && (ranges[0].first >= 0 ? ranges[0].first < most : ranges[0].second > 0 && ranges[0].second <= most)
            && (ranges[0].first < 0 || ranges[0].second < 0 || (ranges[0].second >= ranges[0].first && ranges[0].second < most)));
}

}

void send(const HttpResponse& from, httplib::Response& to)
{
    to.status = from.status;
    to.set_content(from.body, from.contentType);
}

void sendFile(const httplib::Request& request, const HttpResponse& from, httplib::Response& to)
{
    const auto file = std::make_shared<OpenFile>(from.file);
    if (file->size == 0)
        return send(httpError(404, "There is nothing at this address."), to);
    if (!isPossible(request.ranges, file->size))
        return send(httpError(416, "There is no such part of the file."), to);
    to.set_header("Accept-Ranges", "bytes");
    to.set_content_provider(file->size, from.contentType,
        [file](std::size_t offset, std::size_t length, httplib::DataSink& sink) { return sendPiece(*file, offset, length, sink); });
}

}
