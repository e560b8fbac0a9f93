#pragma once

#include <span>
#include <vector>

// The arithmetic of monitoring: plain functions on counts. All p-values are two-sided and asymptotic.
namespace percept::monitoring {

// Counts per bin. Not whole where they stand for correlated observations: then they are scaled to the number of independent
// observations that they are worth (see dispersion()).
using Counts = std::vector<double>;
double sum(std::span<const double> counts);

// P(|Z| > |z|) of the standard normal distribution: erfc(|z| / sqrt 2).
double normalTail(double z);
// P(X > x) of the chi-square distribution: the upper regularised incomplete gamma function Q(freedom/2, x/2), by its series
// below freedom/2 + 1 and by its continued fraction above (Abramowitz and Stegun 6.5.29, 6.5.31).
double chiSquareTail(double x, double freedom);
// P(K > x) of Kolmogorov's distribution: 2 sum (-1)^(j-1) exp(-2 j^2 x^2).
double kolmogorovTail(double x);

// Population stability index of b against a: sum (b - a) ln(b / a) over shares; a share of 0 counts as 1e-4
// (reference/platforms.md 5; the convention of Evidently). 0 when one of them is empty.
double psi(std::span<const double> a, std::span<const double> b);
// What psi() of two samples of one distribution is on average: (bins - 1)(1/n + 1/m).
double chancePsi(std::size_t bins, double n, double m);
// Square root of the Jensen-Shannon divergence with natural logarithms: 0 (equal) .. 0.833 (nothing in common).
double jensenShannonDistance(std::span<const double> a, std::span<const double> b);
// First Wasserstein distance of two histograms over the same bins of equal width, in standard deviations of a. 0 when a has
// no width.
double wassersteinInDeviations(std::span<const double> a, std::span<const double> b);

struct TestResult {
    double statistic = 0, p = 1;
};
// Chi-square test that two rows of counts come from one distribution (Pearson 1900); bins that both lack do not count.
TestResult chiSquareTest(std::span<const double> a, std::span<const double> b);
// Kolmogorov-Smirnov test of two histograms over the same ordered bins, with Stephens' correction for small samples
// ((sqrt n + 0.12 + 0.11 / sqrt n) D). Bins hide part of the distance, so p errs to the safe side.
TestResult ksTest(std::span<const double> a, std::span<const double> b);

// How many times more the parts of a sample differ from each other than draws from one distribution would: Pearson's
// sum (observed - expected)^2 / expected over parts and bins, by its degrees of freedom (McCullagh and Nelder, Generalized Linear
// Models, 4.5.2). Neighbouring frames show the same objects, so n of them are worth n / dispersion independent ones (Rao
// and Scott 1981). At least 1; 1 for fewer than four parts, which tell nothing.
double dispersion(const std::vector<Counts>& parts);

// Holm 1979: p-values corrected so that, of all tests made together, the chance of even one wrong rejection at `alpha` is at
// most alpha, however they depend on each other. In the order given.
std::vector<double> holmCorrected(const std::vector<double>& p);

}
