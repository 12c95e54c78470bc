// Portable samplers. Bounded integers after Lemire, "Fast random integer generation in an interval" (2019): unbiased,
// nearly always without a division. The logarithm is our own (natural_log.hpp), since libm's last bit differs between
// systems.
#include "sim/random/random_stream.hpp"

#include "sim/base/assert.hpp"
#include "sim/engine/digest.hpp"
#include "sim/random/natural_log.hpp"

namespace pvmsim::sim {

namespace {

__extension__ using Wide = unsigned __int128;

pcg64 seeded(std::uint64_t root_seed, std::string_view path, std::string_view purpose) {
    Digest key;
    key.word(root_seed);
    key.add(path);
    key.add(purpose);
    std::uint64_t words[4];
    for (std::uint64_t& word : words) {
        key.word(0);
        word = key.value();
    }
    return pcg64{(static_cast<Wide>(words[0]) << 64) | words[1], (static_cast<Wide>(words[2]) << 64) | words[3]};
}

}  // namespace

RandomStream::RandomStream(std::uint64_t root_seed, std::string_view path, std::string_view purpose)
    : generator_(seeded(root_seed, path, purpose)) {}

std::uint64_t RandomStream::below(std::uint64_t bound) {
    PVMSIM_ASSERT(bound > 0);
    Wide product = static_cast<Wide>(bits()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
        const std::uint64_t unfair = (0 - bound) % bound;
        while (static_cast<std::uint64_t>(product) < unfair) product = static_cast<Wide>(bits()) * bound;
    }
    return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t RandomStream::between(std::int64_t low, std::int64_t high) {
    PVMSIM_ASSERT(low <= high);
    const std::uint64_t values = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const std::uint64_t offset = values != 0 ? below(values) : bits();  // 0: all 2^64 of them
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

bool RandomStream::chance(std::uint64_t numerator, std::uint64_t denominator) {
    PVMSIM_ASSERT(numerator <= denominator);
    return below(denominator) < numerator;
}

Duration RandomStream::exponential(Duration mean) {
    PVMSIM_ASSERT(mean > Duration::zero());
    constexpr double kUnit = 0x1p-53;
    constexpr double kLongest = 0x1p62;                                      // 146 years; a longer draw is cut to it
    const double uniform = static_cast<double>((bits() >> 11) + 1) * kUnit;  // (0, 1]
    const double drawn = -natural_log(uniform) * static_cast<double>(mean.count()) + 0.5;
    return Duration{static_cast<Duration::rep>(drawn < kLongest ? drawn : kLongest)};
}

Duration RandomStream::uniform(Duration low, Duration high) { return Duration{between(low.count(), high.count())}; }

}  // namespace pvmsim::sim
