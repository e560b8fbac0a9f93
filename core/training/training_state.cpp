#include "core/training/training_state.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/torch.h>

namespace percept::training {

namespace {

using Values = std::span<const float>;

Values slice(const at::Tensor& flat, const ParameterSpec& spec)
{
    return { flat.data_ptr<float>() + spec.offset, static_cast<std::size_t>(spec.count) };
}

bool isTrained(const ParameterSpec& spec)
{
    return spec.kind == ParameterKind::Decayed || spec.kind == ParameterKind::Undecayed;
}

bool isMoving(const ParameterSpec& spec) { return spec.kind != ParameterKind::Frozen; }

base::Result<void> copyIn(const TensorFile& file, const std::string& prefix, const ParameterSpec& spec, const at::Tensor& flat)
{
    PERCEPT_ASSIGN(data, file.floats(prefix + spec.name, static_cast<std::size_t>(spec.count)));
    std::copy(data.begin(), data.end(), flat.data_ptr<float>() + spec.offset);
    return {};
}

nlohmann::json stateOf(const TensorFile& file)
{
    const auto it = file.metadata().find("state");
    return it == file.metadata().end() ? nlohmann::json() : nlohmann::json::parse(it->second, nullptr, false);
}

// For each of our classes its row in the other network, or -1.
std::vector<int> rowsOf(const nlohmann::json& theirs, const std::vector<protocol::SpecLabel>& labels)
{
    std::vector<int> rows(labels.size(), -1);
    for (std::size_t ours = 0; ours < labels.size(); ++ours)
        for (std::size_t row = 0; theirs.is_array() && row < theirs.size(); ++row)
            if (theirs[row].is_number_integer() && theirs[row].get<std::int64_t>() == labels[ours].id.value)
                rows[ours] = static_cast<int>(row);
    return rows;
}

void copyRows(const TensorView& from, const std::vector<int>& rows, const ParameterSpec& spec, const at::Tensor& flat)
{
    const auto width = static_cast<std::size_t>(spec.count) / rows.size();
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto source = static_cast<std::size_t>(std::max(rows[row], 0)) * width * sizeof(float);
        if (rows[row] >= 0 && source + width * sizeof(float) <= from.bytes.size())
            std::memcpy(flat.data_ptr<float>() + spec.offset + static_cast<std::int64_t>(row * width), from.bytes.data() + source,
                width * sizeof(float));
    }
}

}

TrainingState::TrainingState(const NetworkConfig& config, const OptimizerOptions& options)
    : network(config)
    , values(network.layout())
    , m_options(options)
{
}

void TrainingState::startOptimizing()
{
    optimizer = std::make_unique<Optimizer>(values, m_options);
}

bool TrainingState::isFinite() const
{
    return std::isfinite(values.flat().sum().item<double>()) && std::isfinite(optimizer->average().flat().sum().item<double>());
}

std::string TrainingState::firstBroken() const
{
    const auto& specs = network.layout().specs();
    for (const auto* flat : { &values.flat(), &optimizer->average().flat() })
        for (const auto& spec : specs)
            if (!std::ranges::all_of(slice(*flat, spec), [](float v) { return std::isfinite(v); }))
                return "the weight " + spec.name;
    return "a weight";
}

std::string TrainingState::firstBrokenGradient() const
{
    const auto& specs = network.layout().specs();
    for (std::size_t i = 0; i < specs.size(); ++i)
        if (isTrained(specs[i]) && !at::isfinite(values[static_cast<int>(i)].grad()).all().item<bool>())
            return "the gradient of " + specs[i].name;
    return "the gradient";
}

ParameterValues TrainingState::averageValues() const
{
    return optimizer->average().clone();
}

ParameterValues TrainingState::bestValues() const
{
    torch::NoGradGuard noGrad;
    auto copy = optimizer->average().clone();
    if (best.moving.defined())
        copy.flat().narrow(0, 0, network.layout().movingCount()).copy_(best.moving);
    return copy;
}

std::vector<std::uint8_t> TrainingState::encode(const std::vector<protocol::SpecLabel>& labels) const
{
    const auto& specs = network.layout().specs();
    std::vector<NamedFloats> tensors;
    const auto add = [&](const char* prefix, const at::Tensor& flat, auto&& wanted) {
        for (const auto& spec : specs)
            if (wanted(spec))
                tensors.push_back({ prefix + spec.name, spec.shape, slice(flat, spec) });
    };
    add("value/", values.flat(), [](const auto&) { return true; });
    add("average/", optimizer->average().flat(), isMoving);
    add("first/", optimizer->firstMoment(), isTrained);
    add("second/", optimizer->secondMoment(), isTrained);
    if (best.moving.defined())
        add("best/", best.moving, isMoving);
    nlohmann::json ids = nlohmann::json::array();
    for (const auto& label : labels)
        ids.push_back(label.id.value);
    const nlohmann::json state { { "format", 1 }, { "step", step }, { "optimizerSteps", optimizer->stepsDone() },
        { "closedStep", closedStep }, { "elapsedSeconds", elapsedSeconds }, { "lastScore", lastScore }, { "bestScore", best.score },
        { "bestStep", best.step }, { "backbone", network.config().backbone }, { "labels", ids } };
    return encodeTensorFile(tensors, { { "state", state.dump() } });
}

base::Result<void> TrainingState::restore(const TensorFile& file)
{
    const auto state = stateOf(file);
    if (!state.is_object() || state.value("format", 0) != 1)
        return base::refused("The checkpoint is of another version of Percept; start a new run.");
    for (const auto& spec : network.layout().specs()) {
        PERCEPT_TRY(copyIn(file, "value/", spec, values.flat()));
        if (isMoving(spec))
            PERCEPT_TRY(copyIn(file, "average/", spec, optimizer->average().flat()));
        else
            std::ranges::copy(slice(values.flat(), spec), optimizer->average().flat().data_ptr<float>() + spec.offset);
        if (isTrained(spec)) {
            PERCEPT_TRY(copyIn(file, "first/", spec, optimizer->firstMoment()));
            PERCEPT_TRY(copyIn(file, "second/", spec, optimizer->secondMoment()));
        }
    }
    step = state.value("step", std::int64_t { 0 });
    optimizer->setStepsDone(state.value("optimizerSteps", step));
    closedStep = state.value("closedStep", std::int64_t { 0 });
    elapsedSeconds = state.value("elapsedSeconds", 0.0);
    lastScore = state.value("lastScore", -1.0);
    best.score = state.value("bestScore", -1.0);
    best.step = state.value("bestStep", std::int64_t { 0 });
    if (best.score >= 0) {
        best.moving = at::zeros({ network.layout().movingCount() });
        for (const auto& spec : network.layout().specs())
            if (isMoving(spec))
                PERCEPT_TRY(copyIn(file, "best/", spec, best.moving));
    }
    return {};
}

base::Result<int> TrainingState::startFrom(const TensorFile& file, const std::vector<protocol::SpecLabel>& labels)
{
    const auto state = stateOf(file);
    if (!state.is_object() || state.value("backbone", std::string()) != network.config().backbone)
        return base::refused("startFrom: that run trained another network; choose a run with the same backbone.");
    const auto rows = rowsOf(state.contains("labels") ? state["labels"] : nlohmann::json(), labels);
    int taken = 0;
    for (const auto& spec : network.layout().specs()) {
        const auto* view = file.find("average/" + spec.name);
        if (!view)
            view = file.find("value/" + spec.name);
        if (!view || view->type != TensorType::F32)
            continue;
        if (spec.name.starts_with("head.class_out")) {
            copyRows(*view, rows, spec, values.flat());
        } else if (view->shape == spec.shape) {
            std::memcpy(values.flat().data_ptr<float>() + spec.offset, view->bytes.data(), view->bytes.size());
            ++taken;
        }
    }
    if (taken == 0)
        return base::refused("startFrom: nothing in that file fits this network.");
    return taken;
}

}
