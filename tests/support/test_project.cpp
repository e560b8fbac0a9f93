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

constexpr domain::SplitSet kSets[] = { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test };

void writePicture(dataset::ImportItem& item, const std::filesystem::path& folder, int number, const cv::Mat& picture)
{
    const auto png = need(media::encodePng(picture));
    item.name = "p" + std::to_string(number) + ".png";
    item.file = std::filesystem::absolute(folder / item.name);
    need(base::atomicWrite(item.file, png));
    item.contentHash = base::sha256Hex(png);
    item.sizeBytes = static_cast<std::int64_t>(png.size());
    item.width = picture.cols;
    item.height = picture.rows;
    item.labeled = true;
}

dataset::ImportItem specksItem(const std::filesystem::path& folder, int number)
{
    constexpr domain::AnnotationFlags kCrowd { .crowd = true };
    dataset::ImportItem item;
    item.set = kSets[number % 3];
    const int side = item.set == domain::SplitSet::Test ? 400 : 40;
    std::vector<TestSquare> squares;
    for (int i = 0; i < 2; ++i) {
        squares.push_back({ 100 + 500 * i + 8 * number, 200, side, 0 });
        item.boxes.push_back({ "red", { double(squares.back().x), 200, double(side), double(side) }, {} });
        item.boxes.push_back({ "red", { 40.0 * i, 900, 5, 5 }, kCrowd });
    }
    writePicture(item, folder, number, testPicture(1280, 960, squares));
    return item;
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
    writePicture(item, folder, number, picture);
    if (withSets)
        item.set = kSets[number % 3];
    return item;
}

template <typename MakeItem>
void makeProject(const std::filesystem::path& project, const std::filesystem::path& folder, int pictures, MakeItem makeItem)
{
    std::filesystem::create_directories(folder);
    auto store = need(dataset::ProjectStore::create(project, "squares", domain::Task::Detection, { "red", "blue" }));
    const auto batch = need(store->beginImport("squares"));
    std::vector<dataset::ImportItem> items;
    for (int i = 0; i < pictures; ++i)
        items.push_back(makeItem(i));
    need(store->addToImport(batch, items));
    need(store->finishImport(batch));
}

}

void makeSquaresProject(const std::filesystem::path& project, const std::filesystem::path& folder, int pictures, bool withSets)
{
    makeProject(project, folder, pictures, [&](int number) { return squaresItem(folder, number, withSets); });
}

void makeSpecksProject(const std::filesystem::path& project, const std::filesystem::path& folder)
{
    makeProject(project, folder, 12, [&](int number) { return specksItem(folder, number); });
}

}
