#pragma once

#include "core/dataset/project_reader.h"
#include "tests/support/field_fleet.h"

#include <filesystem>

namespace percept::test {

// Pictures that acted devices send home, made of a project's own ones: some that the model was unsure of, every fifth by chance.
// The cameras are those of fillThreeCameras(). FieldFleet's `fleet` gets `waiting` of them; throws what goes wrong.
void sendFieldPictures(FieldFleet& fleet, const dataset::ProjectReader& reader, std::int64_t nowMs, int waiting);

// Acted pictures by chance that people have labeled already, for versions 1.0 and 1.1: they join PROJECT while this lives, and
// are taken back at its end. Give a copy of a project that somebody works on.
class LabeledFieldPictures {
public:
    LabeledFieldPictures(std::filesystem::path project, const std::filesystem::path& folder, std::int64_t nowMs, int pictures);
    ~LabeledFieldPictures();
    LabeledFieldPictures(const LabeledFieldPictures&) = delete;
    LabeledFieldPictures& operator=(const LabeledFieldPictures&) = delete;

private:
    std::filesystem::path m_project;
    int m_steps = 0;
};

// More cameras beside the three: `devices` in all, a day of each.
void fillManyCameras(FieldFleet& fleet, std::int64_t nowMs, int devices, const Field& usual);

}
