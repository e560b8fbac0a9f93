#include "core/base/confinement.h"

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace percept::base {

namespace {

// The sanitizers reserve terabytes of address space and start a helper at exit.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0; // unknown: no filter
#endif

constexpr int kDenied[] = {
    // network
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg, SYS_sendmmsg,
    // programs and other processes
    SYS_execve, SYS_execveat, SYS_kill, SYS_tkill, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_pidfd_getfd, SYS_ptrace,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setns, SYS_unshare,
    // the file system
    SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_truncate, SYS_ftruncate, SYS_fallocate,
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
    SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_mount,
    // doors around this list, and large parts of the kernel that no decoder needs
    SYS_io_uring_setup, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_shmget,
    SYS_msgget, SYS_semget,
    SYS_renameat,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork, SYS_creat, SYS_mkdir, SYS_mknod, SYS_unlink, SYS_rmdir, SYS_rename, SYS_link, SYS_symlink, SYS_chmod,
    SYS_chown, SYS_lchown, SYS_utime, SYS_utimes,
    SYS_futimesat,
#endif
};

constexpr std::uint64_t kMemoryBytes = 3ull << 30; // of address space: a picture at the limit of 256 megapixels fits

constexpr std::uint32_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

// A filter program, written so that every rule is a few instructions that fall through when they do not apply.
class Filter {
public:
    Filter()
    {
        load(offsetof(seccomp_data, arch));
        add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
        refuse(EPERM); // 32-bit calls go by other numbers
        loadNumber();
    }
    void deny(int call, int error)
    {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
        refuse(error);
    }
    void denyFrom(std::uint32_t number)
    {
        add(BPF_JMP | BPF_JGE | BPF_K, number, 0, 1);
        refuse(EPERM);
    }
    // Refused when the argument is the value.
    void denyValue(int call, unsigned argument, std::uint32_t value) { denyArgument(call, argument, BPF_JEQ, value, true); }
    void denyUnless(int call, unsigned argument, std::uint32_t value) { denyArgument(call, argument, BPF_JEQ, value, false); }
    // Refused when the argument has any of the bits, or none of them.
    void denyBits(int call, unsigned argument, std::uint32_t bits) { denyArgument(call, argument, BPF_JSET, bits, true); }
    void denyWithoutBits(int call, unsigned argument, std::uint32_t bits) { denyArgument(call, argument, BPF_JSET, bits, false); }
    bool install()
    {
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        sock_fprog program { static_cast<unsigned short>(m_code.size()), m_code.data() };
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    }

private:
    // `test` compares the argument with `k`; the call is refused when that comes out as `refused`.
    void denyArgument(int call, unsigned argument, int test, std::uint32_t k, bool refused)
    {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
        loadArgument(argument);
        add(BPF_JMP | test | BPF_K, k, refused ? 0 : 1, refused ? 1 : 0);
        refuse(EPERM);
        loadNumber();
    }
    void add(int code, std::uint32_t k, int ifTrue = 0, int ifFalse = 0)
    {
        m_code.push_back({ static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(ifTrue), static_cast<std::uint8_t>(ifFalse), k });
    }
    void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
    void loadNumber() { load(offsetof(seccomp_data, nr)); }
    void loadArgument(unsigned n) { load(offsetof(seccomp_data, args) + 8 * n); } // its lower half: both kinds are little-endian
    void refuse(int error) { add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)); }

    std::vector<sock_filter> m_code;
};

bool installFilter()
{
    if (kArchitecture == 0 || kSanitized)
        return false;
    Filter filter;
#if defined(__x86_64__)
    filter.denyFrom(0x40000000); // the x32 names of the same calls
    filter.denyBits(SYS_open, 1, kWriting);
#endif
    filter.denyBits(SYS_openat, 2, kWriting);
    for (const int call : kDenied)
        filter.deny(call, EPERM);
    filter.deny(SYS_openat2, ENOSYS); // flags behind a pointer cannot be looked at
    filter.deny(SYS_clone3, ENOSYS);  // likewise; the C library then takes clone
    filter.denyWithoutBits(SYS_clone, 0, CLONE_THREAD);
    filter.denyUnless(SYS_tgkill, 0, static_cast<std::uint32_t>(::getpid())); // abort() signals itself
    filter.denyUnless(SYS_prlimit64, 0, 0);
    for (const int signalled : { F_SETOWN, F_SETOWN_EX, F_SETSIG }) // signals for others, by way of a descriptor
        filter.denyValue(SYS_fcntl, 1, static_cast<std::uint32_t>(signalled));
    for (const int typed : { TIOCSTI, TIOCLINUX }) // keys for the terminal that it was started from
        filter.denyValue(SYS_ioctl, 1, static_cast<std::uint32_t>(typed));
    return filter.install();
}

void setLimit(int resource, std::uint64_t value)
{
    const rlimit limit { value, value };
    ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

void setLimits()
{
    if (!kSanitized)
        setLimit(RLIMIT_AS, kMemoryBytes);
    setLimit(RLIMIT_CORE, 0);
    setLimit(RLIMIT_NOFILE, 64);
    struct stat out { };
    if (::fstat(STDOUT_FILENO, &out) != 0 || !S_ISREG(out.st_mode)) // somebody at a terminal may keep the answers in a file
        setLimit(RLIMIT_FSIZE, 0);
}

}

std::string_view toString(Confined confined)
{
    switch (confined) {
    case Confined::Seccomp: return "seccomp";
    case Confined::Namespace: return "namespace";
    case Confined::Nothing: break;
    }
    return "nothing";
}

Confined confineThisProcess()
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0); // no other process of this user may look into it, nor it into them
    setLimits();
    if (installFilter())
        return Confined::Seccomp;
    return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? Confined::Namespace : Confined::Nothing;
}

void limitProcessorTime(double seconds)
{
    rusage used { };
    ::getrusage(RUSAGE_SELF, &used);
    const double soFar = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
        + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    rlimit limit { };
    ::getrlimit(RLIMIT_CPU, &limit);
    limit.rlim_cur = static_cast<rlim_t>(std::ceil(soFar + seconds));
    ::setrlimit(RLIMIT_CPU, &limit);
}

}
