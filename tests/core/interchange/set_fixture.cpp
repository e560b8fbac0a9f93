#include "tests/core/interchange/set_fixture.h"

namespace percept::interchange::test {

void SetFolder::picture(const std::string& name, int width, int height) const
{
    write(name, media::test::pngBytes(media::test::makePicture(width, height)));
}

std::string ReadBack::notes() const
{
    std::string text;
    for (const std::string& note : outcome.notes)
        text += note + "\n";
    return text;
}

std::string ReadBack::problems() const
{
    std::string text;
    for (const Problem& problem : outcome.problems.listed())
        text += problem.file + ": " + problem.what + "\n";
    return text;
}

ReadBack readSet(const std::string& format, const std::filesystem::path& source, const std::filesystem::path& media)
{
    ReadBack back;
    ReadRequest request { .source = source, .mediaFolder = media, .hashContent = true, .progress = {}, .cancel = {} };
    auto result = findReader(format)->read(request, [&](std::vector<dataset::ImportItem> items) -> base::Result<void> {
        for (dataset::ImportItem& item : items)
            back.items[item.name] = item;
        return {};
    });
    if (result.hasError()) {
        back.isRefused = true;
        back.error = result.error();
    } else {
        back.outcome = std::move(*result);
    }
    return back;
}

std::string vocObject(const std::string& label, const std::string& x0, const std::string& y0, const std::string& x1, const std::string& y1,
    const std::string& more)
{
    return "<object><name>" + label + "</name>" + more + "<bndbox><ymax>" + y1 + "</ymax><xmin>" + x0 + "</xmin><ymin>" + y0 + "</ymin><xmax>"
        + x1 + "</xmax></bndbox></object>";
}

std::string vocXml(const std::string& picture, const std::string& objects, int width, int height)
{
    return "<annotation><filename>" + picture + "</filename><size><width>" + std::to_string(width) + "</width><height>"
        + std::to_string(height) + "</height></size>" + objects + "</annotation>";
}

}
