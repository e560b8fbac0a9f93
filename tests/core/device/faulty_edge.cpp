#include "app/edge/edge_program.h"
#include "core/inference/dummy_engine.h"

#include <cstdio>
#include <cstdlib>
#include <thread>

// percept-edge with an engine that fails as the package asks for: the backbone "crash 9" of its specification kills the
// process at the ninth run of the engine, "hang 9" never ends it, "fail 9" gives an error from there on; 0 is the loading.
// While a package is checked the engine runs 8 times on its golden pictures, then once a live picture.
namespace {

using namespace percept;

void misbehave(const std::string& how)
{
    if (how == "crash")
        std::abort();
    while (how == "hang")
        std::this_thread::sleep_for(std::chrono::hours(1));
}

base::Result<std::unique_ptr<inference::Engine>> makeFaultyEngine(
    std::span<const std::uint8_t> onnx, const protocol::ModelSpec& spec, const inference::EngineOptions& options)
{
    char how[16] = "";
    int at = 0;
    const bool isFaulty = std::sscanf(spec.backbone.c_str(), "%15s %d", how, &at) == 2;
    if (isFaulty && at == 0)
        misbehave(how);
    PERCEPT_ASSIGN(engine, inference::makeOpenVinoEngine(onnx, spec, options));
    if (!isFaulty)
        return engine;
    auto answer = [inner = std::shared_ptr<inference::Engine>(std::move(engine)), how = std::string(how), left = at](
                      const cv::Mat& canvas) mutable -> base::Result<inference::RawOutputs> {
        if (--left > 0)
            return inner->run(canvas);
        misbehave(how);
        return base::failed("The engine fails on purpose.");
    };
    return std::unique_ptr<inference::Engine>(std::make_unique<inference::DummyEngine>(spec, std::move(answer)));
}

}

int main(int argc, char** argv) { return percept::edge_app::runEdgeProgram(argc, argv, makeFaultyEngine); }
