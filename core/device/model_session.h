#pragma once

#include "core/inference/model_runner.h"
#include "core/packaging/package.h"

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

namespace percept::device {

using EngineFactory = std::function<base::Result<std::unique_ptr<inference::Engine>>(
    std::span<const std::uint8_t> onnx, const protocol::ModelSpec& spec, const inference::EngineOptions& options)>;

// Answers the requests of protocol/edge_messages.h with one loaded model. Not for two threads at once.
class ModelSession {
public:
    explicit ModelSession(inference::EngineOptions options, EngineFactory makeEngine = inference::makeOpenVinoEngine);

    // `payload`: the picture itself, where a supervisor sends it along instead of naming a file.
    nlohmann::json answer(const nlohmann::json& request, std::span<const std::uint8_t> payload = {});

private:
    struct Loaded {
        packaging::Package package;
        inference::ModelRunner runner;
    };
    base::Result<nlohmann::json> dispatch(const nlohmann::json& request, std::span<const std::uint8_t> payload);
    base::Result<nlohmann::json> load(const nlohmann::json& request);
    base::Result<nlohmann::json> predict(const nlohmann::json& request, std::span<const std::uint8_t> payload);
    base::Result<nlohmann::json> features(const nlohmann::json& request, std::span<const std::uint8_t> payload);
    base::Result<nlohmann::json> picture(const nlohmann::json& request, std::span<const std::uint8_t> payload);
    base::Result<nlohmann::json> golden();

    inference::EngineOptions m_options;
    EngineFactory m_makeEngine;
    std::optional<Loaded> m_loaded;
};

// {"id":..,"ok":false,"error":..,"code":..}
nlohmann::json failureAnswer(const nlohmann::json& id, const base::Error& error);
// The error of such an answer; nothing when it says ok. What is no answer at all is an error as well.
std::optional<base::Error> errorOfAnswer(const nlohmann::json& answer);

}
