// Preloaded into a decoder (LD_PRELOAD), so that a marked JPEG does what a crafted one does to a decoder with a hole, and the
// shipped program needs no hook for it. The mark is a comment segment, see faulty_picture.h.
#include <cstdio>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <jpeglib.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

// More than a confined process may have, in pieces that are never touched.
void bloat()
{
    constexpr std::size_t kPiece = 64u << 20;
    std::vector<void*> pieces;
    for (std::size_t taken = 0; taken < (16ull << 30); taken += kPiece) {
        void* piece = std::malloc(kPiece);
        if (!piece) { // the limit holds: go on as a decoder that got no memory for one thing and lives
            for (void* one : pieces)
                std::free(one);
            return;
        }
        pieces.push_back(piece);
    }
    ::_exit(9);
}

bool canRunPrograms()
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    char name[] = "/bin/true";
    char* arguments[] = { name, nullptr };
    char* none[] = { nullptr };
    if (child < 0)
        ::execve(name, arguments, none); // ends this process with status 0, which is no answer
    return child >= 0;
}

// What somebody would try who has taken the decoder over.
void breakOut()
{
    const std::string file = "/tmp/percept-canary-" + std::to_string(::getpid());
    const bool wrote = ::open(file.c_str(), O_WRONLY | O_CREAT, 0600) >= 0 || ::mkdir(file.c_str(), 0700) == 0;
    const bool hasSocket = ::socket(AF_INET, SOCK_STREAM, 0) >= 0 || ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
    const bool reachesOthers = ::kill(::getppid(), 0) == 0 || ::fcntl(STDOUT_FILENO, F_SETOWN, ::getppid()) == 0;
    char key = '\n';
    const bool types = ::ioctl(STDIN_FILENO, TIOCSTI, &key) == 0 || errno != EPERM; // without a filter: ENOTTY here
    if (wrote || hasSocket || reachesOthers || types || canRunPrograms())
        ::_exit(9);
}

void act(std::string_view what)
{
    if (what == "crash")
        std::raise(SIGSEGV);
    else if (what == "abort")
        std::abort();
    else if (what == "exit")
        ::_exit(0);
    else if (what == "hang")
        while (true)
            ::pause();
    else if (what == "babble")
        std::puts("{\"id\":1,\"ok\":true,\"pictures\":[{\"ok\":true}]}");
    else if (what == "bloat")
        bloat();
    else if (what == "canary")
        breakOut();
}

}

extern "C" int jpeg_read_header(j_decompress_ptr info, boolean requireImage)
{
    constexpr std::string_view kMark = "percept-fault:";
    const std::string_view bytes(reinterpret_cast<const char*>(info->src->next_input_byte), info->src->bytes_in_buffer);
    if (const auto at = bytes.find(kMark); at != bytes.npos) {
        const auto rest = bytes.substr(at + kMark.size(), 16);
        act(rest.substr(0, rest.find(';')));
    }
    using Real = int (*)(j_decompress_ptr, boolean);
    return reinterpret_cast<Real>(::dlsym(RTLD_NEXT, "jpeg_read_header"))(info, requireImage);
}
