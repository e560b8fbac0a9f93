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

// One truth: once the model is scored, its score stands where the best epoch stood, and the tip says why they differ.
TEST(RunList, TheScoreOfTheModelGoesBeforeThatOfItsBestEpoch)
{
    RunListModel model;
    auto runs = scoredRuns(2);
    runs[0].scoredMap50 = 0.4567;
    model.setRuns(runs);
    const auto said = [&](int row, int role) { return model.index(row).data(role).toString(); };
    EXPECT_TRUE(said(0, Qt::AccessibleTextRole).endsWith(QStringLiteral(", 0.457"))) << said(0, Qt::AccessibleTextRole).toStdString();
    EXPECT_TRUE(said(0, Qt::ToolTipRole).contains(QStringLiteral("reached 0.500 at its best epoch"))) << said(0, Qt::ToolTipRole).toStdString();
    EXPECT_TRUE(said(1, Qt::AccessibleTextRole).endsWith(QStringLiteral(", 0.500")));
    EXPECT_TRUE(said(1, Qt::ToolTipRole).contains(QStringLiteral("The model is scored when it is through")));
    EXPECT_EQ(scoreText(runs[0]), QStringLiteral("AP50 0.457 on validation"));
    EXPECT_EQ(scoreText(runs[1]), QStringLiteral("best AP50 0.500 while training"));
}

TEST(RunList, WhatIsRestoredHasItsColorsAgain)
{
    RunListModel before, after;
    before.setRuns(scoredRuns(3));
    before.setTicked(id(3), false);
    before.setShown(id(1)); // has the colour that was free
    before.setTicked(id(3), true);
    ASSERT_EQ(before.drawn().size(), 3);
    after.setRuns(scoredRuns(3));
    after.setShown(id(1));
    after.restore(before.ticked(), before.colors());
    for (int number = 1; number <= 3; ++number)
        EXPECT_EQ(after.colorOf(id(number)), before.colorOf(id(number))) << number;
    after.restore({ id(2), QStringLiteral("r0099") }, { { id(2), 5 }, { id(1), 5 }, { id(3), -1 }, { QStringLiteral("r0099"), 0 } });
    EXPECT_EQ(after.drawn(), (QStringList { id(2), id(1) })) << "what is gone is passed over";
    EXPECT_NE(after.colorOf(id(1)), after.colorOf(id(2))) << "no two have the same";
}
