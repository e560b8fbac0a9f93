#include "core/training/disk_room.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/statvfs.h>
#include <unistd.h>

namespace percept::training {

namespace {

bool isShortOfRoom(int errorNumber) { return errorNumber == ENOSPC || errorNumber == EDQUOT || errorNumber == EFBIG; }

bool saysThereIsRoom(const std::filesystem::path& folder, std::uint64_t bytes)
{
    struct statvfs disk {};
    return ::statvfs(folder.c_str(), &disk) != 0 || static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize >= bytes;
}

}

bool hasRoom(const std::filesystem::path& folder, std::uint64_t bytes)
{
    if (!saysThereIsRoom(folder, bytes)) // at once, without filling the rest of the disk for a moment
        return false;
    std::string probe = folder / ".room-XXXXXX";
    const int fd = ::mkostemp(probe.data(), O_CLOEXEC);
    if (fd < 0)
        return !isShortOfRoom(errno);
    ::unlink(probe.c_str());
    int error = 0;
    while ((error = ::fallocate(fd, 0, 0, static_cast<off_t>(bytes)) == 0 ? 0 : errno) == EINTR) { }
    ::close(fd);
    return !isShortOfRoom(error); // a file system that cannot reserve has said all it can
}

}
