// The budgets of the project store at COCO's size: 118,000 pictures, 860,000 boxes, 80 classes.
// PERCEPT_BENCH_ITEMS sets another number of pictures (default: a tenth, PERCEPT_NIGHTLY=1: all).
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <unistd.h>

namespace percept::dataset {

namespace fs = std::filesystem;

namespace {
class Timings
{
public:
    template <typename Work>
    void measure(Work work)
    {
        const double start = base::monotonicSeconds(), startCpu = cpuSeconds();
        work();
        m_ms.push_back((base::monotonicSeconds() - start) * 1000);
        m_cpuMs.push_back((cpuSeconds() - startCpu) * 1000);
    }
    // Of processor time: what other programs of the machine took does not count against a budget.
    double cpuPercentile(double p) { return of(m_cpuMs, p); }
    static double cpuSeconds()
    {
        timespec now {};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
    }
    double percentile(double p) { return of(m_ms, p); }
    void print(const char* what)
    {
        std::printf("%-36s p50 %9.3f ms  p99 %9.3f ms  max %9.3f ms  processor p99 %9.3f ms (%zu)\n", what,
            percentile(0.5), percentile(0.99), percentile(1), cpuPercentile(0.99), m_ms.size());
    }

private:
    static double of(std::vector<double>& values, double p)
    {
        std::sort(values.begin(), values.end());
        return values[std::min(values.size() - 1, static_cast<std::size_t>(p * static_cast<double>(values.size())))];
    }
    std::vector<double> m_ms, m_cpuMs;
};

int itemCount()
{
    if (const char* items = std::getenv("PERCEPT_BENCH_ITEMS"))
        return std::max(1000, std::atoi(items));
    return std::getenv("PERCEPT_NIGHTLY") != nullptr ? 118000 : 11800;
}

ImportItem makeItem(base::Random& random, const fs::path& folder, int number)
{
    ImportItem item;
    item.file = folder / ("000000" + std::to_string(100000 + number) + ".jpg");
    item.name = item.file.filename().string();
    item.sizeBytes = 150000 + number;
    item.width = 640;
    item.height = 480;
    item.labeled = true;
    item.set = number % 24 == 0 ? domain::SplitSet::Validation : domain::SplitSet::Train;
    for (std::uint64_t n = random.below(15); n > 0; --n)
        item.boxes.push_back({ "class " + std::to_string(random.below(80)),
            { random.uniform(0, 500), random.uniform(0, 400), random.uniform(1, 100), random.uniform(1, 80) }, {} });
    return item;
}
}

TEST(StoreBench, AtTheSizeOfCoco)
{
    std::string name = (fs::temp_directory_path() / "percept-store-bench-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    const fs::path root = name;
    const int count = itemCount();
    base::Random random(1);
    auto store = std::move(*ProjectStore::create(root / "bench.percept", "bench", domain::Task::Detection, {}));
    std::vector<ImportItem> items;
    for (int i = 0; i < count; ++i)
        items.push_back(makeItem(random, root / "pictures", i));

    Timings chunks, finish;
    const double start = base::monotonicSeconds(), startCpu = Timings::cpuSeconds();
    const BatchId batch = *store->beginImport("Imported");
    constexpr std::size_t kChunk = 384; // as the readers hand them on
    for (std::size_t at = 0; at < items.size(); at += kChunk)
        chunks.measure([&] {
            ASSERT_TRUE(
                store->addToImport(batch, std::span(items).subspan(at, std::min(kChunk, items.size() - at)))
                    .hasValue());
        });
    ImportTotals totals;
    finish.measure([&] { totals = *store->finishImport(batch); });
    std::printf("%lld pictures, %lld boxes imported in %.2f s (processor %.2f s)\n",
        static_cast<long long>(totals.newItems), static_cast<long long>(totals.annotations),
        base::monotonicSeconds() - start, Timings::cpuSeconds() - startCpu);
    chunks.print("import, chunk of 384 pictures");
    finish.print("import, finish");

    auto reader = std::move(*ProjectReader::open(root / "bench.percept"));
    const auto ids = *reader->readItemIds({});
    const LabelId label = reader->readLabels()->front().id;
    Timings boxes, pages, deepFiltered, rare, counts, edits, undo, allIds;
    for (int i = 0; i < 2000; ++i)
        boxes.measure([&] { ASSERT_TRUE(reader->readAnnotations(ids[random.below(ids.size())]).hasValue()); });
    for (int i = 0; i < 300; ++i) {
        const ItemId after = ids[random.below(ids.size())];
        pages.measure([&] { ASSERT_TRUE(reader->readItems({}, after, 200).hasValue()); });
        deepFiltered.measure([&] {
            ASSERT_TRUE(
                reader
                    ->readItems(
                        { .states = { domain::ItemState::Done }, .sets = { domain::SplitSet::Validation } }, after, 200)
                    .hasValue());
        });
        rare.measure([&] { ASSERT_TRUE(reader->readItems({ .labels = { label } }, after, 200).hasValue()); });
        counts.measure([&] { ASSERT_TRUE(reader->readCounts().hasValue()); });
    }
    for (int i = 0; i < 10; ++i)
        allIds.measure([&] { ASSERT_TRUE(reader->readItemIds({}).hasValue()); });
    for (int i = 0; i < 300; ++i) {
        AddAnnotation add;
        add.annotation.item = ids[random.below(ids.size())];
        add.annotation.label = label;
        add.annotation.box = { 1, 2, 3, 4 };
        edits.measure([&] { ASSERT_TRUE(store->apply(std::vector<Edit> { add }, "Drew a box").hasValue()); });
    }
    for (int i = 0; i < 300; ++i)
        undo.measure([&] { ASSERT_TRUE(store->undo().hasValue()); });
    boxes.print("boxes of a picture");
    pages.print("page of 200");
    deepFiltered.print("page of 200, done and validation");
    rare.print("page of 200, of one class");
    allIds.print("all ids");
    counts.print("counts");
    edits.print("one box, on disk");
    undo.print("undo of it, on disk");

    Timings freeze, again, undoImport, redoImport, check, open;
    freeze.measure([&] { ASSERT_TRUE(store->freezeVersion().hasValue()); });
    again.measure([&] { ASSERT_TRUE(store->freezeVersion().hasValue()); });
    undoImport.measure([&] { ASSERT_TRUE(store->undo().hasValue()); });
    redoImport.measure([&] { ASSERT_TRUE(store->redo().hasValue()); });
    std::vector<CheckFinding> findings;
    check.measure([&] { findings = *checkStore(root / "bench.percept", false, {}); });
    std::erase_if(findings, [](const CheckFinding& finding) {
        return finding.what.starts_with("The file ") || finding.what.starts_with("Checking files");
    });
    EXPECT_TRUE(findings.empty());
    store.reset();
    open.measure([&] { store = std::move(*ProjectStore::open(root / "bench.percept", "bench")); });
    freeze.print("freeze a version");
    again.print("the same again");
    undoImport.print("undo of the import");
    redoImport.print("redo of the import");
    check.print("check");
    open.print("open");
    EXPECT_LE(boxes.cpuPercentile(0.99), 1.0);
    EXPECT_LE(pages.cpuPercentile(0.99), 5.0);
    EXPECT_LE(deepFiltered.cpuPercentile(0.99), 5.0);
    EXPECT_LE(edits.percentile(0.99), 50.0);
    std::printf("database: %.1f MB\n", static_cast<double>(fs::file_size(root / "bench.percept" / "project.db")) / 1e6);
    store.reset();
    reader.reset();
    fs::remove_all(root);
}

}
