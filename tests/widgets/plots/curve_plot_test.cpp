#include "widgets/plots/curve_plot.h"

#include "widgets/style/tokens.h"

#include <QApplication>
#include <QTest>
#include <gtest/gtest.h>

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

int main(int argc, char** argv)
{
    ::testing::InitGoogleTest(&argc, argv);
    QApplication application(argc, argv);
    style::install(application, style::Theme::Dark);
    return RUN_ALL_TESTS();
}
