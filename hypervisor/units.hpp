// Units of processing and memory.
// Integers throughout, so that sums are exact and the same everywhere.
#pragma once

#include <compare>
#include <cstdint>

#include "sim/base/time.hpp"

namespace pvmsim::hypervisor {

/// Processing units in hundredths: 1.00 is one core (R-LP-02).
struct ProcUnits {
    std::int32_t hundredths = 0;

    friend constexpr auto operator<=>(ProcUnits, ProcUnits) = default;
    friend constexpr ProcUnits operator+(ProcUnits a, ProcUnits b) { return {a.hundredths + b.hundredths}; }
    friend constexpr ProcUnits operator-(ProcUnits a, ProcUnits b) { return {a.hundredths - b.hundredths}; }
};

/// A rate of consuming processors: 1'000'000'000 nanocores are one core all the time.
struct CoreRate {
    std::int64_t nanocores = 0;

    static constexpr CoreRate cores(std::int64_t whole) { return {whole * 1'000'000'000}; }
    static constexpr CoreRate from(ProcUnits units) { return {std::int64_t{units.hundredths} * 10'000'000}; }

    friend constexpr auto operator<=>(CoreRate, CoreRate) = default;
    friend constexpr CoreRate operator+(CoreRate a, CoreRate b) { return {a.nanocores + b.nanocores}; }
    friend constexpr CoreRate operator-(CoreRate a, CoreRate b) { return {a.nanocores - b.nanocores}; }
};

/// Processor time consumed: core-nanoseconds, with the rate's fraction kept so that nothing is lost by rounding.
struct CoreTime {
    __extension__ using Wide = __int128;
    Wide nanocore_ns = 0;

    constexpr void add(CoreRate rate, sim::Duration span) { nanocore_ns += Wide{rate.nanocores} * span.count(); }
    /// Seconds of one core, for statistics.
    [[nodiscard]] constexpr double core_seconds() const { return static_cast<double>(nanocore_ns) / 1e18; }
};

inline constexpr std::uint64_t kMebibyte = 1ull << 20;
inline constexpr std::uint64_t kGibibyte = 1ull << 30;

}  // namespace pvmsim::hypervisor
