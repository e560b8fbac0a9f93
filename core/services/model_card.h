#pragma once

#include "core/dataset/project_reader.h"
#include "core/packaging/package.h"

#include <string>

namespace percept::services {

// model-card.md of a package: what it is for, what it was learned from, how good it is, how to call it.
// testBeganAsProposal: share of the test set's boxes that a model proposed first; < 0: there are none.
std::string modelCard(const packaging::Manifest& manifest, double testBeganAsProposal);

// Of test boxes, the share that began as proposals; -1 without boxes.
double shareBeganAsProposal(const std::vector<dataset::VersionItem>& testItems);

}
