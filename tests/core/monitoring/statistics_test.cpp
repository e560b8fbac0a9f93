// Expected values: make_fixture.py beside this file, which takes other ways to them.
#include "core/monitoring/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace percept::monitoring {
namespace {

const Counts kBefore { 120, 340, 290, 150, 100 }, kNow { 60, 210, 260, 180, 140 };

void expectRelative(double value, double expected, double tolerance = 1e-9)
{
    EXPECT_NEAR(value / expected, 1, tolerance) << value << " for " << expected;
}

TEST(Tails, AgreeWithOtherFormsOfThem)
{
    expectRelative(normalTail(0.5), 0.6170750774519738);
    expectRelative(normalTail(-1.959963984540054), 0.05);
    expectRelative(normalTail(4.5), 6.795346249477419e-06, 1e-7);
    expectRelative(chiSquareTail(0.5, 1), 0.4795001221870028);
    expectRelative(chiSquareTail(3.841458820694124, 1), 0.05);
    expectRelative(chiSquareTail(11, 5), 0.051379983483069505);
    expectRelative(chiSquareTail(2, 9), 0.9914676066288131);
    expectRelative(chiSquareTail(40, 7), 1.25879038737131e-06);
    expectRelative(chiSquareTail(120, 19), 1.1092173716436196e-16, 1e-6);
    expectRelative(chiSquareTail(1, 2), 0.6065306597126334);
    expectRelative(chiSquareTail(9.487729036781154, 4), 0.05);
    expectRelative(chiSquareTail(60, 20), 7.121750862815577e-06);
    expectRelative(chiSquareTail(300, 40), 1.4955969722726266e-41, 1e-7);
    expectRelative(kolmogorovTail(0.3), 0.9999906941986655);
    expectRelative(kolmogorovTail(0.5), 0.9639452436648751);
    expectRelative(kolmogorovTail(0.8275), 0.5001156708226122);
    expectRelative(kolmogorovTail(1.3581), 0.04999963043166733);
    expectRelative(kolmogorovTail(2), 0.0006709252557797196);
}

TEST(Tails, TakeWhatIsAtTheEdge)
{
    EXPECT_EQ(chiSquareTail(0, 3), 1);
    EXPECT_EQ(chiSquareTail(5, 0), 1); // one bin: nothing to differ in
    EXPECT_EQ(chiSquareTail(std::nan(""), 3), 1);
    EXPECT_EQ(kolmogorovTail(0), 1);
    EXPECT_EQ(chiSquareTail(1e6, 4), 0);
}

TEST(Distances, AgreeWithSumsOfFractions)
{
    expectRelative(psi(kBefore, kNow), 0.11033065264984232);
    expectRelative(psi(Counts { 0, 50, 50 }, Counts { 10, 40, 50 }), 0.7123991075017365); // the zero counts as 1e-4
    expectRelative(jensenShannonDistance(kBefore, kNow), 0.11697542518719353);
    expectRelative(jensenShannonDistance(Counts { 1, 0 }, Counts { 0, 1 }), 0.8325546111576977);
    expectRelative(wassersteinInDeviations(kBefore, kNow), 0.33367424949060936);
    EXPECT_EQ(psi(kBefore, kBefore), 0);
    EXPECT_EQ(psi(kBefore, Counts(5)), 0);
    EXPECT_EQ(wassersteinInDeviations(Counts { 0, 7, 0 }, Counts { 7, 0, 0 }), 0);
}

TEST(Tests, AgreeWithSumsOfFractions)
{
    const auto chi = chiSquareTest(kBefore, kNow);
    expectRelative(chi.statistic, 49.92361853832442);
    expectRelative(chi.p, 3.745923734694206e-10);
    const auto padded = chiSquareTest(Counts { 120, 0, 340, 290, 150, 100 }, Counts { 60, 0, 210, 260, 180, 140 });
    expectRelative(padded.p, chi.p); // a bin that both lack is no degree of freedom
    const auto ks = ksTest(kBefore, kNow);
    expectRelative(ks.statistic, 0.1423529411764706);
    expectRelative(ks.p, 1.3158427902837389e-08, 1e-7);
    EXPECT_EQ(ksTest(kBefore, Counts(5)).p, 1);
}

// reference/platforms.md 5: E[PSI] is about (B - 1)(1/n + 1/m). A known case: 10 bins, 500 against 500.
TEST(Distances, ChanceOfPsiFollowsItsFormula)
{
    EXPECT_DOUBLE_EQ(chancePsi(10, 500, 500), 0.036);
    EXPECT_EQ(chancePsi(1, 500, 500), 0);
    EXPECT_EQ(chancePsi(10, 0, 500), 0);
}

TEST(Dispersion, IsOneForIndependentAndLargeForEqualNeighbours)
{
    expectRelative(dispersion({ { 30, 10 }, { 10, 30 }, { 25, 15 }, { 15, 25 }, { 40, 0 } }), 14.84375);
    EXPECT_EQ(dispersion({ { 20, 20 }, { 20, 20 }, { 20, 20 }, { 20, 20 } }), 1); // never below
    EXPECT_EQ(dispersion({ { 40, 0 }, { 0, 40 }, { 40, 0 } }), 1);                 // three parts tell nothing
    // Whole parts alike: each is worth one observation.
    std::vector<Counts> parts;
    for (int i = 0; i < 200; ++i)
        parts.push_back(i % 2 ? Counts { 50, 0 } : Counts { 0, 50 });
    EXPECT_NEAR(dispersion(parts), 50, 0.5);
    parts.push_back({}); // an empty hour is no part
    EXPECT_NEAR(dispersion(parts), 50, 0.5);
}

// Holm 1979: sorted p times n, n - 1, ..., never falling, at most 1.
TEST(Holm, CorrectsByHand)
{
    const auto p = holmCorrected({ 0.01, 0.04, 0.03, 0.005 });
    EXPECT_DOUBLE_EQ(p[3], 0.02);
    EXPECT_DOUBLE_EQ(p[0], 0.03);
    EXPECT_DOUBLE_EQ(p[2], 0.06);
    EXPECT_DOUBLE_EQ(p[1], 0.06); // 0.04 alone, but not less than the one before
    EXPECT_DOUBLE_EQ(holmCorrected({ 0.7, 0.9 })[1], 1);
    EXPECT_TRUE(holmCorrected({}).empty());
}

}
}
