#include "core/dataset/project_lock.h"

#include "core/base/files.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace percept::dataset {

namespace {
std::string hostName()
{
    std::array<char, 256> name {};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "this computer";
}

std::string readHolder(int descriptor)
{
    std::array<char, 1024> bytes {};
    const ssize_t size = pread(descriptor, bytes.data(), bytes.size(), 0);
    const auto json = nlohmann::json::parse(
        std::string_view(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0), nullptr, false);
    if (!json.is_object() || !json.contains("program") || !json["program"].is_string())
        return "another program";
    return json["program"].get<std::string>() + " (process " + std::to_string(json.value("pid", 0)) + " on "
        + json.value("host", std::string("this computer")) + ")";
}

bool writeHolder(int descriptor, const std::string& program)
{
    const nlohmann::json json { { "program", program }, { "host", hostName() }, { "pid", getpid() } };
    const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    return ftruncate(descriptor, 0) == 0
        && pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

// The type column of /proc/self/mountinfo for the file system that holds `folder`.
std::string mountType(const std::filesystem::path& folder)
{
    struct stat status
    {
    };
    if (stat(folder.c_str(), &status) != 0)
        return {};
    const std::string device = std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string id, parent, dev;
        fields >> id >> parent >> dev;
        const std::size_t dash = line.find(" - ");
        if (dev == device && dash != std::string::npos)
            return line.substr(dash + 3, line.find(' ', dash + 3) - dash - 3);
    }
    return {};
}
}

base::Result<ProjectLock> ProjectLock::take(const std::filesystem::path& project, const std::string& programName)
{
    const std::filesystem::path file = project / "lock";
    ProjectLock lock(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (lock.m_descriptor < 0)
        return base::failed(
            project.string() + " cannot be written: " + base::describeErrno(errno) + ".", "opening " + file.string());
    if (flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return base::failed(project.string() + " cannot be locked: " + base::describeErrno(errno) + ".");
        return base::Error { base::ErrorCode::Conflict,
            project.string() + " is open for writing in " + readHolder(lock.m_descriptor)
                + ". Close it there and try again.",
            {} };
    }
    if (!writeHolder(lock.m_descriptor, programName))
        return base::failed(
            project.string() + " cannot be written: " + base::describeErrno(errno) + ".", "writing " + file.string());
    return lock;
}

ProjectLock::ProjectLock(ProjectLock&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

ProjectLock& ProjectLock::operator=(ProjectLock&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

ProjectLock::~ProjectLock()
{
    // The file stays: removing it would let two programs lock two files of one name.
    if (m_descriptor >= 0)
        close(m_descriptor);
}

std::optional<std::string> networkFileSystem(long magic, const std::string& fuseType)
{
    switch (static_cast<unsigned long>(magic) & 0xfffffffful) {
    case 0x6969:
        return "nfs";
    case 0xff534d42:
        return "cifs";
    case 0x517b:
        return "smb";
    case 0xfe534d42:
        return "smb2";
    case 0x5346414f:
        return "afs";
    case 0x73757245:
        return "coda";
    case 0x65735546:
        break; // FUSE: local or remote
    default:
        return std::nullopt;
    }
    constexpr std::array<std::string_view, 8> kRemote { "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.curlftpfs",
        "fuse.davfs", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.cephfs" };
    for (const std::string_view remote : kRemote) {
        if (fuseType == remote)
            return fuseType;
    }
    return std::nullopt;
}

base::Result<void> checkFileSystem(const std::filesystem::path& folder)
{
    struct statfs status
    {
    };
    if (statfs(folder.c_str(), &status) != 0)
        return base::failed(folder.string() + " cannot be read: " + base::describeErrno(errno) + ".");
    if (const auto network = networkFileSystem(status.f_type, mountType(folder)))
        return base::refused(folder.string() + " lies on a network folder (" + *network
            + "), where edits cannot be saved safely. Copy the project to a disk of this computer and open it there.");
    return {};
}

}
