#include "core/interchange/reader.h"
#include "core/interchange/writer.h"

namespace percept::interchange {

namespace {

// In the order in which they are asked: the more particular ones first.
std::vector<const Reader*> allReaders() { return { &vocReader(), &cocoReader(), &folderReader() }; }
std::vector<const Writer*> allWriters() { return { &vocWriter(), &cocoWriter() }; }

std::int64_t countLinks(const std::filesystem::path& folder)
{
    namespace fs = std::filesystem;
    std::error_code error;
    fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
    std::int64_t links = 0;
    for (; !error && walk != end; walk.increment(error)) {
        std::error_code ignored;
        links += walk->is_symlink(ignored) ? 1 : 0;
    }
    return links;
}

}

const Reader* findReader(std::string_view name)
{
    for (const Reader* reader : allReaders())
        if (reader->name() == name)
            return reader;
    return nullptr;
}

std::vector<std::string> readerNames()
{
    std::vector<std::string> names;
    for (const Reader* reader : allReaders())
        names.emplace_back(reader->name());
    return names;
}

base::Result<std::string> detectFormat(const std::filesystem::path& source)
{
    std::error_code error;
    if (!std::filesystem::exists(source, error))
        return base::notFound(source.string() + " does not exist.");
    for (const Reader* reader : allReaders())
        if (reader->recognizes(source))
            return std::string(reader->name());
    const std::int64_t links = countLinks(source);
    return base::refused(source.string() + " holds no pictures and no annotations that Percept reads (Pascal VOC, COCO, or plain pictures)."
        + (links > 0 ? " " + skippedLinksNote(links) : ""));
}

const Writer* findWriter(std::string_view name)
{
    for (const Writer* writer : allWriters())
        if (writer->name() == name)
            return writer;
    return nullptr;
}

std::vector<std::string> writerNames()
{
    std::vector<std::string> names;
    for (const Writer* writer : allWriters())
        names.emplace_back(writer->name());
    return names;
}

}
