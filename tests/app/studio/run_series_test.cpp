#include "app/studio/train/run_series.h"
#include "core/base/files.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>

using namespace percept;
using namespace percept::studio;

namespace {

std::string record(int first, int last)
{
    std::string lines;
    for (int epoch = first; epoch <= last; ++epoch)
        lines += "{\"name\":\"val/map50\",\"step\":" + std::to_string(10 * epoch) + ",\"epoch\":" + std::to_string(epoch) + ",\"value\":0.5}\n";
    return lines;
}

std::vector<double> epochsOf(const RunSeries& series)
{
    std::vector<double> epochs;
    for (const QPointF& point : series.map50)
        epochs.push_back(point.x());
    return epochs;
}

struct Series : testing::Test {
    // As the trainer does it when it begins or goes on.
    void writeAnew(const std::string& text) { ASSERT_TRUE(base::atomicWrite(folder / "metrics.jsonl", text).hasValue()); }
    void append(const std::string& text) { std::ofstream(folder / "metrics.jsonl", std::ios::app) << text; }
    test::TemporaryFolder folder;
    RunSeries series;
};

}

TEST_F(Series, EachCallReadsWhatIsNew)
{
    series.read(folder.path());
    EXPECT_TRUE(epochsOf(series).empty());
    writeAnew(record(1, 2));
    series.read(folder.path());
    append(record(3, 3));
    series.read(folder.path());
    series.read(folder.path());
    EXPECT_EQ(epochsOf(series), (std::vector<double> { 1, 2, 3 }));
}

TEST_F(Series, AResumedRunIsNotDrawnTwice)
{
    writeAnew(record(1, 6));
    series.read(folder.path());
    writeAnew(record(1, 3));
    series.read(folder.path());
    EXPECT_EQ(epochsOf(series), (std::vector<double> { 1, 2, 3 }));
    append(record(4, 4));
    series.read(folder.path());
    EXPECT_EQ(epochsOf(series), (std::vector<double> { 1, 2, 3, 4 }));
}

TEST_F(Series, ARecordThatGrewBeyondItsOldLengthUnseenIsReadAnew)
{
    writeAnew(record(1, 6));
    series.read(folder.path());
    writeAnew(record(1, 3));
    append(record(4, 8));
    series.read(folder.path());
    EXPECT_EQ(epochsOf(series), (std::vector<double> { 1, 2, 3, 4, 5, 6, 7, 8 }));
}
