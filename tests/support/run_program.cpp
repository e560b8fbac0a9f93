#include "tests/support/run_program.h"

#include "tests/support/temporary_folder.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace percept::test {

namespace fs = std::filesystem;

namespace {

std::string readAll(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return { std::istreambuf_iterator<char>(in), {} };
}

fs::path programPath(const std::string& program)
{
    return program.find('/') == std::string::npos ? fs::path(PERCEPT_BIN_DIR) / program : fs::path(program);
}

[[noreturn]] void becomeProgram(const fs::path& program, const std::vector<std::string>& arguments, const RunOptions& options, int out, int err)
{
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0)
        ::_exit(127);
    for (const auto& [name, value] : options.environment)
        ::setenv(name.c_str(), value.c_str(), 1);
    if (options.fileSizeLimit > 0) {
        std::signal(SIGXFSZ, SIG_DFL); // as a shell starts it; the program makes it an error of the write, as on a full disk
        const rlimit limit { options.fileSizeLimit, options.fileSizeLimit };
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (options.asNobody && ::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0))
        ::_exit(127);
    std::vector<std::string> copies = arguments;
    std::string name = program.string();
    std::vector<char*> argv { name.data() };
    for (auto& argument : copies)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(name.c_str(), argv.data());
    ::_exit(127);
}

}

Ran runProgram(const std::string& program, const std::vector<std::string>& arguments, const RunOptions& options)
{
    TemporaryFolder said;
    const int out = ::open((said / "out").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    const int err = ::open((said / "err").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    const pid_t pid = ::fork();
    if (pid == 0)
        becomeProgram(programPath(program), arguments, options, out, err);
    ::close(out);
    ::close(err);
    int status = 0;
    bool sent = !options.interruptWhen;
    while (::waitpid(pid, &status, sent ? 0 : WNOHANG) == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        if (options.interruptWhen()) {
            ::kill(pid, options.signal);
            sent = true;
        }
    }
    Ran ran;
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.out = readAll(said / "out");
    ran.err = readAll(said / "err");
    return ran;
}

bool hasProgram(const std::string& program)
{
    std::error_code ec;
    return fs::is_regular_file(programPath(program), ec);
}

int findProcess(const std::string& name, const std::string& argument)
{
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator("/proc", ec)) {
        const std::string command = readAll(entry.path() / "cmdline"); // arguments, each ended by a NUL
        const std::string program = command.substr(0, command.find('\0'));
        if (fs::path(program).filename() == name && command.find('\0' + argument + '\0') != std::string::npos)
            return std::atoi(entry.path().filename().c_str());
    }
    return 0;
}

}
