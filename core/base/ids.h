#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace percept::base {

// A row id that cannot be mixed up with another kind of id. 0 is "none"; rows start at 1.
template <typename Tag>
struct Id {
    std::int64_t value = 0;

    bool isValid() const { return value > 0; }
    auto operator<=>(const Id&) const = default;
};

}

namespace percept {

using ItemId = base::Id<struct ItemTag>;             // a picture (later: a recording) of a project
using AnnotationId = base::Id<struct AnnotationTag>; // a box on an item; stable over edits, undo and redo
using LabelId = base::Id<struct LabelTag>;           // a class; stable over renames, shipped in packages
using GroupId = base::Id<struct GroupTag>;           // items that a split must not tear apart
using BatchId = base::Id<struct BatchTag>;           // one import
using ChangeId = base::Id<struct ChangeTag>;         // a row of the change log
using VersionId = base::Id<struct VersionTag>;       // a frozen dataset version

}

template <typename Tag>
struct std::hash<percept::base::Id<Tag>> {
    std::size_t operator()(const percept::base::Id<Tag>& id) const { return std::hash<std::int64_t>()(id.value); }
};
