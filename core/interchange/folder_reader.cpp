#include "core/interchange/coco_folder.h"
#include "core/interchange/item_assembler.h"
#include "core/interchange/media_index.h"
#include "core/interchange/text_fields.h"

namespace percept::interchange {

namespace {

namespace fs = std::filesystem;

// Plain pictures, in this folder and those below, without labels: they come in as "to do".
class FolderReader : public Reader {
public:
    std::string_view name() const override { return "folder"; }

    bool recognizes(const fs::path& source) const override
    {
        std::error_code error;
        if (fs::is_regular_file(source, error))
            return isPicture(source.filename().string());
        const fs::path images = source / kImages;
        return holdsPicture(source) || (fs::is_symlink(images, error) && holdsPicture(images));
    }

    base::Result<ReadOutcome> read(const ReadRequest& request, const ItemSink& sink) const override
    {
        ReadOutcome outcome;
        ItemAssembler assembler(request, sink, outcome);
        std::error_code error;
        if (!request.files.empty() || !fs::is_directory(request.source, error)) {
            PERCEPT_TRY(readFiles(request.files.empty() ? std::vector { request.source } : request.files, assembler));
            return outcome;
        }
        PERCEPT_ASSIGN(index, MediaIndex::build(request.source, { kImages }));
        std::int64_t others = 0;
        std::vector<const std::string*> pictures;
        for (const std::string& path : index.relativePaths()) {
            if (isPicture(path))
                pictures.push_back(&path);
            else
                ++others;
        }
        assembler.expect(static_cast<std::int64_t>(pictures.size()));
        for (const std::string* path : pictures)
            PERCEPT_TRY(assembler.add({ .file = index.absolutePath(*path) }));
        if (others > 0)
            outcome.notes.push_back(counted(others, "file that is no picture was", "files that are no pictures were") + " left out.");
        outcome.skippedLinks += index.skippedLinks();
        PERCEPT_TRY(assembler.finish());
        // Whoever has annotations beside the pictures expects them to come in.
        for (const OtherJson& other : findCocoFiles(request.source, {}).others)
            outcome.problems.add(other.json.filename().string(), other.why + " It was left out.");
        return outcome;
    }

private:
    static constexpr const char* kImages = "images"; // followed even when it is a link

    static bool holdsPicture(const fs::path& folder)
    {
        std::error_code error;
        fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
        for (; !error && walk != end; walk.increment(error))
            if (isPicture(walk->path().filename().string()))
                return true;
        return false;
    }

    static bool isPicture(std::string_view name) { return hasPictureExtension(name) || hasForeignPictureExtension(name); }

    static base::Result<void> readFiles(const std::vector<fs::path>& files, ItemAssembler& assembler)
    {
        assembler.expect(static_cast<std::int64_t>(files.size()));
        for (const fs::path& given : files) {
            std::error_code error;
            const fs::path file = fs::canonical(given, error);
            if (error)
                return base::notFound(given.string() + " does not exist.");
            PERCEPT_TRY(assembler.add({ .file = file }));
        }
        return assembler.finish();
    }
};

}

const Reader& folderReader()
{
    static const FolderReader reader;
    return reader;
}

}
