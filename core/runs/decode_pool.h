#pragma once

#include "core/base/result.h"
#include "core/protocol/decode_messages.h"

#include <filesystem>
#include <future>
#include <memory>
#include <vector>

namespace percept::runs {

// A few `percept decode --stdio` processes that decode foreign files, so that a file that crashes, hangs or bloats a decoder
// costs that file alone. Workers start when there is work for them and end when there was none for a while; one that dies is
// replaced. All members may be called from any thread.
//
// A worker that dies on several files at once proves nothing about any of them: they are asked again one by one. Only a file
// on which, alone, a worker dies twice or goes past its time is blamed, in a sentence for people.
class DecodePool {
public:
    struct Options {
        std::filesystem::path program; // empty: percept beside this program
        int workers = 0;               // 0: as many as there are processors, at most 4
        double limitSeconds = 60;      // for one request; the worker itself allows a file 20 s of processor time
        double idleSeconds = 10;
    };
    using Answer = base::Result<std::vector<base::Result<protocol::DecodedPicture>>>;

    DecodePool();
    explicit DecodePool(const Options& options);
    ~DecodePool(); // as stop()

    // One result for each file, in order. An error as a whole: no worker can be started, or the pool was stopped (Cancelled).
    std::future<Answer> ask(protocol::DecodeRequest request);
    // Starts the first worker before there is work.
    void warmUp();
    // Ends the workers; what was asked and not answered is cancelled, and so is what is asked from now on.
    void stop();

    std::vector<int> workerPids() const; // for tests and lists of processes

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}
