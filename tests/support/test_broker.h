#pragma once

#include "tests/support/temporary_folder.h"

#include <string>
#include <sys/types.h>

namespace percept::test {

// A free TCP port of 127.0.0.1, as of now.
int freePort();

// mosquitto on loopback, for one test. Without it installed the constructor ends the test program with a sentence.
class TestBroker {
public:
    // `settings`: lines of mosquitto.conf beside the listener.
    explicit TestBroker(std::string settings = "allow_anonymous true\n");
    ~TestBroker();
    int port() const { return m_port; }
    const TemporaryFolder& folder() const { return m_folder; }
    void start(); // and waits until it answers
    void kill();  // -9
    void reload(); // passwords and access list
    void freeze(); // SIGSTOP: it holds its connections and says nothing
    void thaw();

private:
    TemporaryFolder m_folder;
    std::string m_settings;
    int m_port = 0;
    pid_t m_pid = 0;
};

}
