#pragma once

#include "core/runs/decode_pool.h"

#include <memory>
#include <optional>

namespace percept::runs {

// What DecodePool::ask() promised. Its parts may be answered by several workers. The pool's lock guards it.
struct DecodeJob {
    std::promise<DecodePool::Answer> promise;
    std::vector<std::optional<base::Result<protocol::DecodedPicture>>> pictures;
    std::size_t missing = 0;
    bool isDone = false;
};

// Files of a job that go to a worker together: pictures [first, first + request.files.size()).
struct DecodeTask {
    std::shared_ptr<DecodeJob> job;
    std::size_t first = 0;
    int deaths = 0; // of workers, on this task of one file
    protocol::DecodeRequest request;
};

DecodeTask newTask(protocol::DecodeRequest request);
DecodeTask oneOf(const DecodeTask& task, std::size_t index);
// The last part fulfils the promise.
void fill(const DecodeTask& task, std::vector<base::Result<protocol::DecodedPicture>> pictures);
// The whole job fails, unless it is done already.
void fail(const DecodeTask& task, const base::Error& error);

}
