#pragma once

#include "core/base/ids.h"
#include "core/domain/geometry.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::domain {

enum class Task { Detection, Classification, Tagging, Segmentation, AudioTagging, SoundEvents };
std::string_view toString(Task task); // the words of the command line: "detection", "sound-events", ...
std::optional<Task> taskFromString(std::string_view text);

// Where an annotation came from; kept for ever, shown in report and model card.
enum class Origin { Drawn, Imported, ProposalAccepted, ProposalCorrected };
std::string_view toString(Origin origin); // "drawn", "imported", "accepted", "corrected"
std::optional<Origin> originFromString(std::string_view text);

// Sets of a split. None = not assigned yet. Training never reads Test or Reserve.
enum class SplitSet { None, Train, Validation, Test, Reserve };
std::string_view toString(SplitSet set); // "", "train", "validation", "test", "reserve"
std::optional<SplitSet> splitSetFromString(std::string_view text);

// State of an item. Only Done trains (a done item without boxes is background).
enum class ItemState { ToDo, ToReview, Done };
std::string_view toString(ItemState state); // "todo", "review", "done"
std::optional<ItemState> itemStateFromString(std::string_view text);

// A class. `color` is 0xRRGGBB or -1 for the palette colour of its place; `key` is '1'..'9','0' or 0.
struct Label {
    LabelId id;
    std::string name;
    int color = -1;
    char key = 0;
    int position = 0; // order in lists
    bool operator==(const Label&) const = default;
};

struct AnnotationFlags {
    bool occluded = false, truncated = false, crowd = false, difficult = false;
    bool operator==(const AnnotationFlags&) const = default;
};

struct Annotation {
    AnnotationId id;
    ItemId item;
    LabelId label;
    Box box;
    Origin origin = Origin::Drawn;
    AnnotationFlags flags;
    double score = 0; // of the proposal that it began as; 0 for the others
    std::int64_t revision = 0; // the change that wrote it last
    bool operator==(const Annotation&) const = default;
};

// A picture of the project. Its file is `path`, relative to the project's folder where possible.
struct Item {
    ItemId id;
    std::string path;         // as stored
    std::string name;         // file name for people
    std::string contentHash;  // sha256 hex; empty until the background job has read it
    std::int64_t sizeBytes = 0;
    int width = 0, height = 0; // after EXIF rotation
    ItemState state = ItemState::ToDo;
    SplitSet set = SplitSet::None;
    GroupId group;
    int boxCount = 0;
    std::string problem; // why it cannot be read; empty when it can
};

// One answer of a model. label = index into the model's label list.
struct Detection {
    int label = 0;
    double score = 0;
    Box box; // in the frame of the picture
};

}
