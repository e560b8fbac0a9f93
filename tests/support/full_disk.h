#pragma once

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

namespace percept::test {

// No file of this process may grow beyond `bytes`: what a full disk does, without a disk.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit now { bytes, m_before.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() { makeRoom(); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    void makeRoom() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before {};
};

// A small file system of its own on `folder` (made when it is not there), which can really be full. Only root can have one.
class SmallDisk {
public:
    SmallDisk(std::filesystem::path folder, int kibibytes)
        : m_folder(std::move(folder))
    {
        std::filesystem::create_directories(m_folder);
        m_isMounted = ::mount("tmpfs", m_folder.c_str(), "tmpfs", 0, ("size=" + std::to_string(kibibytes) + "k").c_str()) == 0;
    }
    ~SmallDisk()
    {
        if (m_isMounted)
            ::umount2(m_folder.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool isMounted() const { return m_isMounted; }
    void fill() const
    {
        // Not inherited: a child that has it open would keep its room.
        const int file = ::open((m_folder / "fill").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        const std::string block(1024, 'x');
        while (::write(file, block.data(), block.size()) > 0)
            continue;
        ::close(file);
    }
    void setReadOnly(bool isReadOnly) const { (void)::mount(nullptr, m_folder.c_str(), nullptr, MS_REMOUNT | (isReadOnly ? MS_RDONLY : 0), nullptr); }
    void makeRoom() const { std::filesystem::remove(m_folder / "fill"); }

private:
    std::filesystem::path m_folder;
    bool m_isMounted = false;
};

}
