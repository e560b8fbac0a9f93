// The words of an import's report: each thing once, each name once, however much went wrong.
#include "app/studio/gather/import_report.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <gtest/gtest.h>

using namespace percept;
using namespace percept::studio;

namespace {

services::ImportReport reportOf(std::vector<services::Problem> problems)
{
    services::ImportReport report;
    report.totals = { .items = 5, .newItems = 3, .annotations = 7, .duplicateBoxes = 2, .emptyAreaBoxes = 1 };
    report.notes = { "Boxes were read as 1-based." };
    report.numProblems = static_cast<std::int64_t>(problems.size());
    report.problems = std::move(problems);
    return report;
}

}

TEST(ImportReportWords, TheSentenceCountsWhatIsNewKnownAndLeftOut)
{
    EXPECT_EQ(importSentence(reportOf({ { "a", "b" } })).toStdString(),
        "3 pictures came in with 7 boxes; 2 pictures and 2 boxes were here already; 1 box without area, kept and flagged, never trained; 1 file or box was left out.");
    services::ImportReport again;
    again.totals = { .items = 1, .newItems = 0, .annotations = 0, .duplicateBoxes = 0, .emptyAreaBoxes = 0 };
    EXPECT_EQ(importSentence(again).toStdString(), "Nothing new came in; 1 picture was here already.");
}

TEST(ImportReportWords, NoNameStandsTwiceInALineAndNoLineTwice)
{
    const services::Problem object { "a.xml", "Object 2 has no usable class name; it was left out." };
    const auto details = importDetails(reportOf({ { "a.jpg", "a.jpg is not in /set; its annotations were left out." }, { "b.xml", "b.xml is damaged at byte 7." },
        object, { "c.jpg", "The picture /set/c.jpg is damaged." }, object, { "", "9,000 more problems are not listed." } }));
    EXPECT_EQ(details.toStdString(),
        "Boxes were read as 1-based.\n"
        "a.jpg is not in /set; its annotations were left out.\n"
        "b.xml is damaged at byte 7.\n"
        "a.xml: Object 2 has no usable class name; it was left out. (2 times)\n"
        "The picture /set/c.jpg is damaged.\n"
        "9,000 more problems are not listed.");
}

TEST(ImportReportWords, TenThousandProblemsAreListedAndCopied)
{
    std::vector<services::Problem> problems;
    for (int i = 0; i < 10000; ++i)
        problems.push_back({ std::to_string(i) + ".jpg", std::to_string(i) + ".jpg is not in /set; its annotations were left out." });
    ImportReportPanel panel;
    panel.resize(1208, 400);
    panel.showReport(reportOf(problems));
    ASSERT_TRUE(QTest::qWaitForWindowExposed(&panel));
    EXPECT_LE(panel.sizeHint().height(), 200) << "the gallery keeps its room";
    auto* details = panel.findChild<QPlainTextEdit*>();
    ASSERT_TRUE(details->isVisible());
    EXPECT_EQ(details->blockCount(), 10001);
    EXPECT_TRUE(panel.text().contains(QStringLiteral("10,000 files or boxes were left out")));
    auto* copy = panel.findChild<QPushButton*>(QStringLiteral("copy-report"));
    QTest::mouseClick(copy, Qt::LeftButton);
    EXPECT_EQ(QApplication::clipboard()->text().count(QLatin1Char('\n')), 10001);
}

TEST(ImportReportWords, AFailureSaysOnceThatNothingCameIn)
{
    ImportReportPanel panel;
    const auto said = [&](const char* what, const char* sentence) {
        panel.showFailure(QString::fromLatin1(what), QString::fromLatin1(sentence));
        return panel.text().section(QLatin1Char('\n'), 0, 0).toStdString();
    };
    EXPECT_EQ(said("set", "Nothing could be imported from /data/set. a.jpg is damaged."), "Nothing could be imported from /data/set. a.jpg is damaged.");
    EXPECT_EQ(said("set", "/data/set holds no pictures."), "Nothing came in. /data/set holds no pictures.");
    EXPECT_EQ(said("set", "The disk is full."), "set: nothing came in. The disk is full.");
}
