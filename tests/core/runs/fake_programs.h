#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace percept::runs::testing_support {

// A folder in which percept-trainer and percept-edge are the fake child, set to behave as `switches` say.
class FakePrograms {
public:
    explicit FakePrograms(const std::string& switches)
        : m_folder(std::filesystem::temp_directory_path() / ("percept-fake-" + std::to_string(::getpid())))
    {
        std::filesystem::remove_all(m_folder);
        std::filesystem::create_directories(m_folder / "run");
        for (const char* name : { "percept-trainer", "percept-edge" })
            std::filesystem::create_symlink(FAKE_CHILD, m_folder / name);
        if (const char* before = std::getenv("PERCEPT_BIN_DIR"))
            m_before = before;
        ::setenv("PERCEPT_BIN_DIR", m_folder.c_str(), 1);
        behave(switches);
    }
    ~FakePrograms()
    {
        m_before.empty() ? ::unsetenv("PERCEPT_BIN_DIR") : ::setenv("PERCEPT_BIN_DIR", m_before.c_str(), 1);
        ::unsetenv("PERCEPT_FAKE");
        std::filesystem::remove_all(m_folder);
    }
    void behave(const std::string& switches) { ::setenv("PERCEPT_FAKE", switches.c_str(), 1); }
    std::filesystem::path run() const { return m_folder / "run"; }
    std::filesystem::path folder() const { return m_folder; }

private:
    std::filesystem::path m_folder;
    std::string m_before;
};

}
