#include "core/device/video_process.h"

#include "core/base/files.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::device {

VideoProcess::VideoProcess(std::unique_ptr<ChildProcess> child, const Options& options, protocol::VideoFacts facts)
    : m_child(std::move(child))
    , m_patienceSeconds(options.patienceSeconds)
    , m_facts(std::move(facts))
{
}

base::Result<std::unique_ptr<VideoProcess>> VideoProcess::start(const Options& options)
{
    const auto program = options.program.empty() ? base::sisterProgram("percept-video") : options.program;
    std::error_code problem;
    if (!std::filesystem::exists(program, problem))
        return base::failed(fmt::format("{} is missing, which decodes videos. Put it beside percept-edge.", program.string()));
    std::vector<std::string> arguments { fmt::format("--from={:.6f}", options.fromSeconds) };
    if (options.loops)
        arguments.emplace_back("--loop");
    arguments.insert(arguments.end(), { "--", options.file.string() });
    PERCEPT_ASSIGN(child, ChildProcess::start(program, arguments, "decoder of " + options.file.filename().string()));
    PERCEPT_ASSIGN(answer, child->ask({ { "type", "open" } }, {}, options.patienceSeconds));
    PERCEPT_ASSIGN(facts, protocol::videoFactsFromJson(answer));
    if (facts.confined == "nothing")
        spdlog::warn("this system cannot confine the decoder of {}; it has its limits of memory all the same", options.file.string());
    return std::unique_ptr<VideoProcess>(new VideoProcess(std::move(child), options, std::move(facts)));
}

base::Result<VideoProcess::Picture> VideoProcess::next(const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(answer, m_child->ask({ { "type", "next" } }, {}, m_patienceSeconds, cancel));
    PERCEPT_ASSIGN(step, protocol::videoStepFromJson(answer));
    Picture picture { std::move(step), {} };
    if (picture.step.isEnd)
        return picture;
    PERCEPT_ASSIGN(bmp, m_child->readBytes(picture.step.bytes, m_patienceSeconds));
    picture.bmp = std::move(bmp);
    return picture;
}

}
