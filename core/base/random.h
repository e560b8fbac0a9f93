#pragma once

#include <cstdint>

namespace percept::base {

// SplitMix64 (Steele, Lea, Flood 2014): a counter-based generator. The same (seed, stream, index) gives the same numbers
// on every machine, whatever was drawn before: order and augmentation of a resumed training rest on that.
class Random {
public:
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0, std::uint64_t index = 0)
        : m_state(mix(seed ^ mix(stream + 0x9E3779B97F4A7C15ull) ^ mix(index * 0xD1B54A32D192ED03ull + 1)))
    {
    }
    std::uint64_t next()
    {
        m_state += 0x9E3779B97F4A7C15ull;
        return mix(m_state);
    }
    // [0, 1) with 53 bits
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    // [0, n), n > 0; the bias of the multiplication is below 2^-32 for n < 2^32
    std::uint64_t below(std::uint64_t n)
    {
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * n) >> 64);
    }

private:
    __extension__ using Wide = unsigned __int128;

    static std::uint64_t mix(std::uint64_t z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    std::uint64_t m_state;
};

}
