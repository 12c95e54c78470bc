// The series of natural_log.hpp. The order of every operation is part of the result: do not rearrange.
// ln 2 is split as in fdlibm (Sun Microsystems, 1993).
#include "sim/random/natural_log.hpp"

#include <bit>
#include <cstdint>

#include "sim/base/assert.hpp"

namespace pvmsim::sim {

double natural_log(double x) {
    constexpr int kMantissaBits = 52;
    constexpr int kExponentBias = 1023;
    constexpr std::uint64_t kMantissaMask = (std::uint64_t{1} << kMantissaBits) - 1;
    constexpr double kSqrt2 = 1.4142135623730951;
    // ln 2 in two parts (as in Sun's fdlibm): the first ends in 21 zero bits, so its product with an exponent is exact.
    constexpr double kLn2High = 0x1.62e42feep-1;
    constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

    const auto bits = std::bit_cast<std::uint64_t>(x);
    int exponent = static_cast<int>(bits >> kMantissaBits) - kExponentBias;
    PVMSIM_ASSERT(exponent > -kExponentBias && exponent <= kExponentBias);
    constexpr std::uint64_t kExponentOfOne = std::uint64_t{kExponentBias} << kMantissaBits;
    double mantissa = std::bit_cast<double>((bits & kMantissaMask) | kExponentOfOne);
    if (mantissa >= kSqrt2) {
        mantissa = mantissa * 0.5;
        ++exponent;
    }
    const double ratio = (mantissa - 1.0) / (mantissa + 1.0);
    const double square = ratio * ratio;
    double series = 1.0 / 21.0;
    for (int odd = 19; odd >= 1; odd -= 2) series = series * square + 1.0 / static_cast<double>(odd);
    const double scale = static_cast<double>(exponent);
    return scale * kLn2High + (2.0 * ratio * series + scale * kLn2Low);
}

}  // namespace pvmsim::sim
