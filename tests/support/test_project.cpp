#include "tests/support/test_project.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/dataset/project_store.h"
#include "core/media/picture.h"
#include "tests/support/test_model.h"

#include <stdexcept>

namespace percept::test {

namespace {

template <typename T>
T need(base::Result<T> result)
{
    if (result.hasError())
        throw std::runtime_error(result.error().message);
    return std::move(result).value();
}

void need(base::Result<void> result)
{
    if (result.hasError())
        throw std::runtime_error(result.error().message);
}

dataset::ImportItem squaresItem(const std::filesystem::path& folder, int number, bool withSets)
{
    base::Random random(7, 0, static_cast<std::uint64_t>(number));
    std::vector<TestSquare> squares;
    dataset::ImportItem item;
    for (int i = 0; i < 2 && number % 10 != 9; ++i) {
        const TestSquare square { static_cast<int>(random.below(2)) * 8 + 40 * i, static_cast<int>(random.below(5)) * 8, 16, static_cast<int>(random.below(2)) };
        squares.push_back(square);
        item.boxes.push_back({ square.colorClass == 0 ? "red" : "blue", { double(square.x), double(square.y), double(square.size), double(square.size) }, {} });
    }
    // One pixel tells the empty pictures apart: equal bytes would be one item.
    auto picture = testPicture(80, 60, squares);
    picture.at<cv::Vec3b>(59, 79) = cv::Vec3b(static_cast<unsigned char>(100 + number), 127, 127);
    const auto png = need(media::encodePng(picture));
    item.name = "p" + std::to_string(number) + ".png";
    item.file = std::filesystem::absolute(folder / item.name);
    need(base::atomicWrite(item.file, png));
    item.contentHash = base::sha256Hex(png);
    item.sizeBytes = static_cast<std::int64_t>(png.size());
    item.width = 80;
    item.height = 60;
    item.labeled = true;
    constexpr domain::SplitSet kSets[] = { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test };
    if (withSets)
        item.set = kSets[number % 3];
    return item;
}

}

void makeSquaresProject(const std::filesystem::path& project, const std::filesystem::path& folder, int pictures, bool withSets)
{
    std::filesystem::create_directories(folder);
    auto store = need(dataset::ProjectStore::create(project, "squares", domain::Task::Detection, { "red", "blue" }));
    const auto batch = need(store->beginImport("squares"));
    std::vector<dataset::ImportItem> items;
    for (int i = 0; i < pictures; ++i)
        items.push_back(squaresItem(folder, i, withSets));
    need(store->addToImport(batch, items));
    need(store->finishImport(batch));
}

}
