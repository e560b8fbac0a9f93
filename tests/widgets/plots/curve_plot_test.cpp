#include "widgets/plots/curve_plot.h"

#include "widgets/style/tokens.h"

#include <QApplication>
#include <QTest>
#include <gtest/gtest.h>
#include <qcustomplot.h>

using namespace percept;
using namespace percept::plots;

namespace {

Curve curve(const QString& name, Points points)
{
    Curve result;
    result.name = name;
    result.color = [] { return style::tokens().accent; };
    result.points = std::move(points);
    return result;
}

// Drawn, so that texts have their places.
void show(CurvePlot& plot)
{
    plot.resize(480, 260);
    plot.show();
    QTest::qWait(250);
}

}

TEST(CurvePlot, NamesOfRunsThatEndEarlyLieOverNoCurve)
{
    CurvePlot plot;
    plot.setCurves({ curve(QStringLiteral("Run 1 0.861"), { { 1, 0.3 }, { 2, 0.8 }, { 3, 0.861 } }),
        curve(QStringLiteral("Run 2 0.863"), { { 1, 0.3 }, { 4, 0.85 }, { 8, 0.863 } }),
        curve(QStringLiteral("Run 3 0.860"), { { 1, 0.2 }, { 8, 0.860 } }) });
    show(plot);
    const QVector<QRect> labels = plot.endLabelRects();
    ASSERT_EQ(labels.size(), 3);
    for (int i = 0; i < labels.size(); ++i) {
        EXPECT_GT(labels[i].left(), plot.area().right());
        EXPECT_LE(labels[i].right(), plot.width());
        for (int k = i + 1; k < labels.size(); ++k)
            EXPECT_FALSE(labels[i].intersects(labels[k])) << i << " and " << k;
    }
}

// What is not over yet stands apart: dashed up to a hollow dot, alone where there is nothing before it.
TEST(CurvePlot, WhatIsNotOverIsDashedAndHollow)
{
    CurvePlot plot;
    Curve open = curve(QStringLiteral("cam-1"), { { 1, 10 }, { 2, 12 } });
    open.open = QPointF(2.5, 4);
    Curve young = curve(QStringLiteral("cam-2"), {});
    young.open = QPointF(2.5, 7);
    plot.setCurves({ open, young });
    show(plot);
    const auto* inner = plot.findChild<QCustomPlot*>();
    int dashed = 0, hollow = 0;
    for (int i = 0; i < inner->graphCount(); ++i) {
        dashed += inner->graph(i)->pen().style() == Qt::CustomDashLine && inner->graph(i)->dataCount() == 2;
        hollow += inner->graph(i)->scatterStyle().shape() == QCPScatterStyle::ssCircle && inner->graph(i)->scatterStyle().brush().color() == style::tokens().panel;
    }
    EXPECT_EQ(dashed, 1) << "from the last whole point on; a device that has just begun has none";
    EXPECT_EQ(hollow, 2);
    EXPECT_EQ(plot.accessibleDescription(), QStringLiteral("cam-1 ends at 12.0, so far 4.000, cam-2 so far at 7.000"));
    EXPECT_EQ(plot.endLabelRects().size(), 2);
    EXPECT_GE(inner->xAxis->range().upper, 2.5) << "it is seen";
}

TEST(CurvePlot, APointAboveTheRangeIsSaid)
{
    CurvePlot plot;
    plot.setLogarithmic(true);
    plot.setCurves({ curve(QStringLiteral("validation"), { { 1, 187 }, { 2, 1.4 }, { 3, 1.39 }, { 4, 1.38 } }) });
    show(plot);
    EXPECT_EQ(plot.beyondTexts(), QStringList { QStringLiteral("↑ 187") });
    plot.setCurves({ curve(QStringLiteral("validation"), { { 1, 2 }, { 2, 1.6 }, { 3, 1.4 } }) });
    EXPECT_TRUE(plot.beyondTexts().isEmpty());
}

TEST(CurvePlot, TimesAreTickedAtLocalMidnightsHoursOrDates)
{
    CurvePlot plot;
    plot.setTimeX(true);
    plot.resize(600, 260);
    const auto texts = [&](int fromHour, int hours) {
        const double from = QDateTime(QDate(2026, 11, 23), QTime(0, 0)).toSecsSinceEpoch() + fromHour * 3600.0; // a Monday
        plot.setXRange(from, from + hours * 3600.0);
        plot.setCurves({ curve(QStringLiteral("cam"), { { from, 1 }, { from + hours * 3600.0, 2 } }) });
        show(plot);
        return plot.findChild<QCustomPlot*>()->xAxis->tickVectorLabels();
    };
    EXPECT_EQ(texts(1, 24).mid(0, 3), (QVector<QString> { QStringLiteral("03:00"), QStringLiteral("06:00"), QStringLiteral("09:00") }));
    EXPECT_EQ(texts(-12, 7 * 24).mid(0, 3), (QVector<QString> { QStringLiteral("Mon"), QStringLiteral("Tue"), QStringLiteral("Wed") }));
    EXPECT_EQ(texts(0, 20 * 24).mid(0, 2), (QVector<QString> { QStringLiteral("23 Nov"), QStringLiteral("27 Nov") }));
    EXPECT_TRUE(texts(0, 100000).size() < 12) << "however long it is";
}

TEST(CurvePlot, LimitsAreNamedBesideThePlot)
{
    CurvePlot plot;
    plot.setYRange(0, 0.4);
    const auto red = [] { return style::tokens().error; };
    plot.setLimits({ { 0.1, QStringLiteral("warn 0.1"), red }, { 0.25, QStringLiteral("act 0.25"), red } });
    plot.setCurves({ curve(QStringLiteral("cam-2"), { { 1, 0.02 }, { 2, 0.24 } }) });
    show(plot);
    const QVector<QRect> labels = plot.endLabelRects();
    ASSERT_EQ(labels.size(), 3);
    for (int i = 0; i < 3; ++i)
        for (int k = i + 1; k < 3; ++k)
            EXPECT_FALSE(labels[i].intersects(labels[k])) << i << " and " << k;
}

int main(int argc, char** argv)
{
    ::testing::InitGoogleTest(&argc, argv);
    QApplication application(argc, argv);
    style::install(application, style::Theme::Dark);
    return RUN_ALL_TESTS();
}
