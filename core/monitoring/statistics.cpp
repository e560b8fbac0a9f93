#include "core/monitoring/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace percept::monitoring {

namespace {

constexpr double kLeastShare = 1e-4;
constexpr int kMostTerms = 10'000;
constexpr double kEnough = 1e-15;

// P(a, x) by sum x^n / (a (a+1) .. (a+n)) times x^a e^-x / gamma(a)
double lowerGamma(double a, double x)
{
    double term = 1 / a, total = term;
    for (int n = 1; n < kMostTerms && term > total * kEnough; ++n) {
        term *= x / (a + n);
        total += term;
    }
    return total * std::exp(a * std::log(x) - x - std::lgamma(a));
}

// Q(a, x) by the continued fraction 1/(x+1-a- 1(1-a)/(x+3-a- ..)), evaluated forwards (Lentz 1976)
double upperGamma(double a, double x)
{
    constexpr double kTiny = 1e-300;
    double b = x + 1 - a, c = 1 / kTiny, d = 1 / b, value = d;
    for (int n = 1; n < kMostTerms; ++n) {
        const double factor = n * (a - n);
        b += 2;
        d = factor * d + b;
        d = 1 / (std::abs(d) < kTiny ? kTiny : d);
        c = b + factor / c;
        c = std::abs(c) < kTiny ? kTiny : c;
        value *= d * c;
        if (std::abs(d * c - 1) < kEnough)
            break;
    }
    return value * std::exp(a * std::log(x) - x - std::lgamma(a));
}

double deviationInBins(std::span<const double> counts)
{
    const double n = sum(counts);
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        mean += static_cast<double>(i) * counts[i] / n;
        square += static_cast<double>(i * i) * counts[i] / n;
    }
    return std::sqrt(std::max(0.0, square - mean * mean));
}

}

double sum(std::span<const double> counts) { return std::accumulate(counts.begin(), counts.end(), 0.0); }

double normalTail(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double chiSquareTail(double x, double freedom)
{
    if (!(x > 0) || !(freedom > 0))
        return 1;
    const double a = freedom / 2, half = x / 2;
    return std::clamp(half < a + 1 ? 1 - lowerGamma(a, half) : upperGamma(a, half), 0.0, 1.0);
}

double kolmogorovTail(double x)
{
    if (x < 0.2) // the sum converges slowly there and is 1 to 13 digits
        return 1;
    double total = 0, sign = 1;
    for (int j = 1; j < 100; ++j, sign = -sign) {
        const double term = std::exp(-2.0 * j * j * x * x);
        total += sign * term;
        if (term < 1e-18)
            break;
    }
    return std::clamp(2 * total, 0.0, 1.0);
}

double psi(std::span<const double> a, std::span<const double> b)
{
    const double n = sum(a), m = sum(b);
    if (!(n > 0) || !(m > 0))
        return 0;
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double from = a[i] > 0 ? a[i] / n : kLeastShare, to = b[i] > 0 ? b[i] / m : kLeastShare;
        total += (to - from) * std::log(to / from);
    }
    return total;
}

double chancePsi(std::size_t bins, double n, double m)
{
    return bins > 1 && n > 0 && m > 0 ? static_cast<double>(bins - 1) * (1 / n + 1 / m) : 0;
}

double jensenShannonDistance(std::span<const double> a, std::span<const double> b)
{
    const double n = sum(a), m = sum(b);
    if (!(n > 0) || !(m > 0))
        return 0;
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double p = a[i] / n, q = b[i] / m, middle = (p + q) / 2;
        total += (p > 0 ? p * std::log(p / middle) / 2 : 0) + (q > 0 ? q * std::log(q / middle) / 2 : 0);
    }
    return std::sqrt(std::max(0.0, total));
}

double wassersteinInDeviations(std::span<const double> a, std::span<const double> b)
{
    const double n = sum(a), m = sum(b), deviation = n > 0 ? deviationInBins(a) : 0;
    if (!(m > 0) || !(deviation > 0))
        return 0;
    double apart = 0, total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        apart += a[i] / n - b[i] / m;
        total += std::abs(apart);
    }
    return total / deviation;
}

TestResult chiSquareTest(std::span<const double> a, std::span<const double> b)
{
    const double n = sum(a), m = sum(b);
    if (!(n > 0) || !(m > 0))
        return {};
    double statistic = 0;
    int bins = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double both = a[i] + b[i];
        if (!(both > 0))
            continue;
        ++bins;
        // both rows at once: (a m - b n)^2 / (n m (a + b))
        const double apart = a[i] * m - b[i] * n;
        statistic += apart * apart / (n * m * both);
    }
    return { statistic, chiSquareTail(statistic, bins - 1) };
}

TestResult ksTest(std::span<const double> a, std::span<const double> b)
{
    const double n = sum(a), m = sum(b);
    if (!(n > 0) || !(m > 0))
        return {};
    double apart = 0, largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        apart += a[i] / n - b[i] / m;
        largest = std::max(largest, std::abs(apart));
    }
    const double root = std::sqrt(n * m / (n + m));
    return { largest, kolmogorovTail((root + 0.12 + 0.11 / root) * largest) };
}

double dispersion(const std::vector<Counts>& parts)
{
    constexpr std::size_t kFewestParts = 4;
    Counts all;
    std::size_t filled = 0;
    for (const Counts& part : parts) {
        all.resize(std::max(all.size(), part.size()));
        for (std::size_t i = 0; i < part.size(); ++i)
            all[i] += part[i];
        filled += sum(part) > 0;
    }
    const double n = sum(all);
    const auto bins = std::count_if(all.begin(), all.end(), [](double count) { return count > 0; });
    if (filled < kFewestParts || bins < 2)
        return 1;
    double statistic = 0;
    for (const Counts& part : parts) {
        const double size = sum(part);
        for (std::size_t i = 0; size > 0 && i < all.size(); ++i) {
            const double expected = size * all[i] / n, apart = (i < part.size() ? part[i] : 0) - expected;
            statistic += expected > 0 ? apart * apart / expected : 0;
        }
    }
    return std::max(1.0, statistic / (static_cast<double>(filled - 1) * static_cast<double>(bins - 1)));
}

std::vector<double> holmCorrected(const std::vector<double>& p)
{
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t { 0 });
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
    std::vector<double> corrected(p.size());
    double least = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        least = std::max(least, std::min(1.0, static_cast<double>(p.size() - rank) * p[order[rank]]));
        corrected[order[rank]] = least;
    }
    return corrected;
}

}
