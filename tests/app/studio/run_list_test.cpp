#include "app/studio/train/run_list_model.h"
#include "widgets/style/tokens.h"

#include <gtest/gtest.h>

using namespace percept;
using namespace percept::studio;

namespace {

std::vector<runs::RunInfo> scoredRuns(int count)
{
    std::vector<runs::RunInfo> runs;
    for (int i = count; i >= 1; --i) {
        runs::RunInfo run;
        run.id = "r000" + std::to_string(i);
        run.status = "ok";
        run.bestMap50 = 0.5;
        runs.push_back(run);
    }
    return runs;
}

QString id(int number) { return QStringLiteral("r000%1").arg(number); }

}

TEST(RunList, TheShownRunAndATickedOneDifferInColor)
{
    RunListModel model;
    model.setRuns(scoredRuns(2));
    model.setShown(id(2));
    model.setTicked(id(2), false);
    EXPECT_EQ(model.drawn(), (QStringList { id(2), id(1) })) << "the run on the dashboard is drawn without a tick as well";
    EXPECT_NE(model.colorOf(id(1)), model.colorOf(id(2)));
}

TEST(RunList, AColorStaysWhileTheRunIsDrawnAndIsFreeAfter)
{
    RunListModel model;
    model.setRuns(scoredRuns(3)); // the newest two are ticked
    const QColor second = model.colorOf(id(2)), third = model.colorOf(id(3));
    EXPECT_EQ(third, style::tokens().accent);
    model.setTicked(id(1), true);
    EXPECT_EQ(model.colorOf(id(2)), second);
    const QColor first = model.colorOf(id(1));
    model.setTicked(id(3), false);
    EXPECT_EQ(model.colorOf(id(2)), second) << "others come and go without changing it";
    EXPECT_EQ(model.colorOf(id(1)), first);
    model.setRuns(scoredRuns(4));
    model.setTicked(id(4), true);
    EXPECT_EQ(model.colorOf(id(4)), third);
}
