#include "core/interchange/reader.h"
#include "core/interchange/writer.h"

namespace percept::interchange {

namespace {

// In the order in which they are asked: the more particular ones first.
std::vector<const Reader*> allReaders() { return { &vocReader(), &cocoReader(), &folderReader() }; }
std::vector<const Writer*> allWriters() { return { &vocWriter(), &cocoWriter() }; }

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
    return base::refused(source.string() + " holds no pictures and no annotations that Percept reads (Pascal VOC, COCO, or plain pictures).");
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
