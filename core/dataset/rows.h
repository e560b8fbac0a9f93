#pragma once

#include "core/dataset/connection.h"
#include "core/domain/annotation.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

// How values lie in the store: numbers of enumerations in columns, JSON in the change log.
namespace percept::dataset {

// Who gave an item its set. Imported ones are never changed by a split.
enum class SetSource { None = 0, Split = 1, Imported = 2, User = 3 };

enum class Entity { Annotation = 1, Item = 2, Label = 3, Run = 4, RunThresholds = 5 };

// What the history knows about an item; the rest of an item are facts about its file.
struct ItemStatus
{
    domain::ItemState state = domain::ItemState::ToDo;
    domain::SplitSet set = domain::SplitSet::None;
    SetSource source = SetSource::None;
    GroupId group;
    bool trashed = false;
    std::int64_t doneMs = 0; // 0: not done
    bool operator==(const ItemStatus&) const = default;
};

int flagsToInt(const domain::AnnotationFlags& flags);
domain::AnnotationFlags flagsFromInt(std::int64_t bits);

// Columns in the order of kAnnotationColumns / kItemColumns / kLabelColumns. An annotation that is as its import
// brought it has revision 0 in its row; its revision is that of the import.
extern const std::string kAnnotationColumns; // from annotation a
extern const std::string kItemColumns; // from item i
extern const std::string kLabelColumns; // from label
domain::Annotation annotationFromRow(const Query& row, int first = 0);
domain::Item itemFromRow(const Query& row, int first = 0);
domain::Label labelFromRow(const Query& row, int first = 0);

std::string toJson(const domain::Annotation& annotation, std::int64_t batch);
std::string toJson(const ItemStatus& status);
std::string toJson(const domain::Label& label);
// These throw on text that toJson did not make: the change log is damaged then.
std::pair<domain::Annotation, std::int64_t> annotationFromJson(
    AnnotationId id, const std::string& text); // and its batch
ItemStatus statusFromJson(const std::string& text);
domain::Label labelFromJson(LabelId id, const std::string& text);

// A class name as the store keeps it: valid UTF-8, no control characters (hidden ones that turn text around are shown as
// U+FFFD), no blanks at the ends, at most 200 bytes.
std::string cleanLabelName(const std::string& name);
bool isValidUtf8(const std::string& text);

}
