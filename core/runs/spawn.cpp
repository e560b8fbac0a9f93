#include "core/runs/spawn.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace percept::runs {

namespace {

struct Pipe { Descriptor read, write; };

bool makePipe(Pipe& pipe)
{
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0)
        return false;
    pipe.read = Descriptor(fds[0]);
    pipe.write = Descriptor(fds[1]);
    return true;
}

Descriptor nonBlocking(Descriptor fd)
{
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    return fd;
}

// The C library reports a failed exec as posix_spawn's own error, so "did not start" is certain.
int spawnOnPipes(const std::filesystem::path& program, const std::vector<std::string>& arguments, bool ownSession,
    const int (&standard)[3], pid_t& pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; ++i)
        posix_spawn_file_actions_adddup2(&actions, standard[i], i);
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        | (ownSession ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP)));
    std::string name = program.string();
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv { name.data() };
    for (auto& argument : copies)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int error = posix_spawn(&pid, name.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

}

void Descriptor::reset()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
}

int spawnChild(const std::filesystem::path& program, const std::vector<std::string>& arguments, bool ownSession,
    ChildPipes& ours, pid_t& pid)
{
    Pipe in, out, err;
    if (!makePipe(in) || !makePipe(out) || !makePipe(err))
        return errno;
    const int error
        = spawnOnPipes(program, arguments, ownSession, { in.read.get(), out.write.get(), err.write.get() }, pid);
    if (error != 0)
        return error;
    ours = { nonBlocking(std::move(in.write)), nonBlocking(std::move(out.read)), nonBlocking(std::move(err.read)) };
    return 0;
}

namespace {

// What the detached program tells before it is one: its pid, then an errno if there is no program after all.
struct FirstWords { pid_t pid = 0; int error = 0; };

// In the grandchild of a program with threads: only calls that are safe there.
[[noreturn]] void becomeProgram(const char* program, char* const* argv, int in, int out, int words)
{
    FirstWords first { ::getpid(), 0 };
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(out, 2) >= 0) {
        if (::write(words, &first, sizeof(first)) != sizeof(first))
            ::_exit(127);
        ::execv(program, argv);
    }
    first.error = errno;
    (void)!::write(words, &first, sizeof(first));
    ::_exit(127);
}

FirstWords readWords(int fd)
{
    FirstWords last, read;
    while (::read(fd, &read, sizeof(read)) == static_cast<ssize_t>(sizeof(read)))
        last = read;
    return last;
}

}

int spawnDetached(const std::filesystem::path& program, const std::vector<std::string>& arguments,
    const std::filesystem::path& logFile, pid_t& pid)
{
    const Descriptor in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const Descriptor out(::open(logFile.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    Pipe words;
    if (!in.isOpen() || !out.isOpen() || !makePipe(words))
        return errno;
    std::string name = program.string();
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv { name.data() };
    for (auto& argument : copies)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child < 0)
        return errno;
    if (child == 0) { // twice, so that the program is nobody's child
        if (::setsid() < 0)
            ::_exit(127);
        const pid_t grandchild = ::fork();
        if (grandchild == 0)
            becomeProgram(name.c_str(), argv.data(), in.get(), out.get(), words.write.get());
        ::_exit(grandchild < 0 ? 127 : 0);
    }
    words.write.reset();
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) { }
    const FirstWords said = readWords(words.read.get());
    pid = said.pid;
    return said.pid == 0 ? EAGAIN : said.error;
}

std::string signalName(int signal)
{
    const char* name = sigabbrev_np(signal);
    return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

}
