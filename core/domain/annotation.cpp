#include "core/domain/annotation.h"

#include <array>
#include <utility>

namespace percept::domain {

namespace {

template <typename Enum, std::size_t N>
std::string_view nameOf(const std::array<std::pair<Enum, std::string_view>, N>& names, Enum value)
{
    for (const auto& [candidate, name] : names)
        if (candidate == value)
            return name;
    return {};
}

template <typename Enum, std::size_t N>
std::optional<Enum> valueOf(const std::array<std::pair<Enum, std::string_view>, N>& names, std::string_view text)
{
    for (const auto& [value, name] : names)
        if (name == text)
            return value;
    return std::nullopt;
}

constexpr std::array<std::pair<Task, std::string_view>, 6> kTasks { {
    { Task::Detection, "detection" },
    { Task::Classification, "classification" },
    { Task::Tagging, "tagging" },
    { Task::Segmentation, "segmentation" },
    { Task::AudioTagging, "audio-tagging" },
    { Task::SoundEvents, "sound-events" },
} };
constexpr std::array<std::pair<Origin, std::string_view>, 4> kOrigins { {
    { Origin::Drawn, "drawn" },
    { Origin::Imported, "imported" },
    { Origin::ProposalAccepted, "accepted" },
    { Origin::ProposalCorrected, "corrected" },
} };
constexpr std::array<std::pair<SplitSet, std::string_view>, 5> kSets { {
    { SplitSet::None, "" },
    { SplitSet::Train, "train" },
    { SplitSet::Validation, "validation" },
    { SplitSet::Test, "test" },
    { SplitSet::Reserve, "reserve" },
} };
constexpr std::array<std::pair<ItemState, std::string_view>, 3> kStates { {
    { ItemState::ToDo, "todo" },
    { ItemState::ToReview, "review" },
    { ItemState::Done, "done" },
} };

}

std::string_view toString(Task task) { return nameOf(kTasks, task); }
std::optional<Task> taskFromString(std::string_view text) { return valueOf(kTasks, text); }
std::string_view toString(Origin origin) { return nameOf(kOrigins, origin); }
std::optional<Origin> originFromString(std::string_view text) { return valueOf(kOrigins, text); }
std::string_view toString(SplitSet set) { return nameOf(kSets, set); }
std::optional<SplitSet> splitSetFromString(std::string_view text) { return valueOf(kSets, text); }
std::string_view toString(ItemState state) { return nameOf(kStates, state); }
std::optional<ItemState> itemStateFromString(std::string_view text) { return valueOf(kStates, text); }

}
