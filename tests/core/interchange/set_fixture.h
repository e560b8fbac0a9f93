#pragma once

#include "core/interchange/reader.h"
#include "tests/core/media/fixtures.h"

#include <map>

namespace percept::interchange::test {

// A folder with a set, and what a reader made of it.
class SetFolder : public media::test::TemporaryFolder {
public:
    // A PNG of this size; the same name gives other bytes in another folder.
    void picture(const std::string& name, int width = 64, int height = 48) const;
};

struct ReadBack {
    bool isRefused = false;
    base::Error error;
    ReadOutcome outcome;
    std::map<std::string, dataset::ImportItem> items; // by name
    std::string notes() const;
    std::string problems() const;
};
ReadBack readSet(const std::string& format, const std::filesystem::path& source, const std::filesystem::path& media = {});

// A VOC object with numbers as they are to be spelled.
std::string vocObject(const std::string& label, const std::string& x0, const std::string& y0, const std::string& x1, const std::string& y1,
    const std::string& more = {});
std::string vocXml(const std::string& picture, const std::string& objects, int width = 64, int height = 48);

}
