#pragma once

#include "core/dataset/field_samples.h"
#include "core/fleet/hub_client.h"
#include "core/services/project_session.h"

#include <filesystem>
#include <optional>
#include <vector>

// Pictures that devices sent home: the queue of those to be looked at, and their way into the project.
namespace percept::services {

// One picture at the hub.
struct FieldPicture {
    dataset::FieldSample sample;
    std::int64_t receivedMs = 0; // of the hub's clock
    std::filesystem::path file;  // in the hub's folder; from a device: hostile until read
    int width = 0, height = 0;   // as the device said
    std::string sameAs {};       // name of the project's picture that has the very same bytes; empty: none
    bool isBesideTest = false;   // of the same moment as one that tests: it would neither train nor test
    bool operator==(const FieldPicture&) const = default;
};

struct FieldQueue {
    // In the order in which they are worth looking at: those that the model was least sure of first, newest first among equals; every
    // tenth is one that chance chose, so that the accuracy in the field can be told while the rest teaches the most.
    std::vector<FieldPicture> waiting;
    std::int64_t random = 0;  // of them chosen by chance
    std::int64_t ignored = 0; // by people, for good unless undone
    std::int64_t taken = 0;   // in the project, its trash aside
    bool hasMore = false;     // older ones wait as well: too many to be looked at are not read
};
struct FieldQueueLimits {
    std::size_t waiting = 20'000;                       // the newest ones
    std::int64_t page = fleet::SampleQuery::kMost; // read at once
};
// Of the devices that run the project's models. Works whether the hub runs or not. What is in the project does not wait, whatever the
// hub says; what was taken and undone (it lies in the trash) waits again. An empty queue when no hub ever ran with that folder.
base::Result<FieldQueue> readFieldQueue(const dataset::ProjectReader& reader, const std::filesystem::path& fleetFolder, const FieldQueueLimits& limits = {});

enum class FieldVerdict {
    Right, // the answers become boxes (origin: proposal accepted), the picture is finished; without answers it is background
    Wrong, // it joins without boxes, to do; whoever labels it sees the answers as proposals
};
struct FieldTaken {
    ItemId item;
    dataset::Committed committed;
    bool wasThere = false; // it had been taken before: nothing changed
    domain::SplitSet set = domain::SplitSet::None;
    std::int64_t setAside = 0; // pictures of the same moment that were to teach and do so no more, since this one tests
};
// Copies the picture to media/field/ and takes it into the project: one transaction, one step of undo, keyed by the sample's id.
// Chosen by chance: into the test set only; anything else teaches, unless a picture of the same moment tests: then it is kept in the reserve. Blocks; not from the database thread. Refused: a picture that
// cannot be read, a class that the project no longer has (Right only). Conflict: an import is under way; equal bytes are there.
base::Result<FieldTaken> takeFieldSample(ProjectSession& session, const FieldPicture& picture, FieldVerdict verdict);

}
