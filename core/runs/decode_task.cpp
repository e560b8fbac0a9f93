#include "core/runs/decode_task.h"

#include <utility>

namespace percept::runs {

namespace {

void fulfil(DecodeJob& job)
{
    std::vector<base::Result<protocol::DecodedPicture>> pictures;
    for (auto& picture : job.pictures)
        pictures.push_back(std::move(*picture));
    job.isDone = true;
    job.promise.set_value(std::move(pictures));
}

}

DecodeTask newTask(protocol::DecodeRequest request)
{
    DecodeTask task { std::make_shared<DecodeJob>(), 0, 0, std::move(request) };
    task.job->pictures.resize(task.request.files.size());
    task.job->missing = task.request.files.size();
    return task;
}

DecodeTask oneOf(const DecodeTask& task, std::size_t index)
{
    DecodeTask one { task.job, task.first + index, 0, task.request };
    one.request.files = { task.request.files[index] };
    return one;
}

void fill(const DecodeTask& task, std::vector<base::Result<protocol::DecodedPicture>> pictures)
{
    DecodeJob& job = *task.job;
    if (job.isDone)
        return;
    for (std::size_t i = 0; i < pictures.size(); ++i)
        job.pictures[task.first + i] = std::move(pictures[i]);
    job.missing -= pictures.size();
    if (job.missing == 0)
        fulfil(job);
}

void fail(const DecodeTask& task, const base::Error& error)
{
    if (!std::exchange(task.job->isDone, true))
        task.job->promise.set_value(error);
}

}
