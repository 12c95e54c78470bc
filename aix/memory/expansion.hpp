// Active Memory Expansion: how the operating system makes expanded memory E = f * T out of true memory T by keeping a
// part of it compressed. T = U + C and E = U + r * C: U is the uncompressed pool, C the compressed one, r the ratio.
//
// Pure values and functions, in whole 4 KiB pages; who pages what in and out is not here. Costs follow the model that
// reproduces a published amepat table: processors are linear in what of the hot working set does not fit into U.
// Sources: behaviour 2.4, V35 to V38; R-MEM-04.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "hypervisor/units.hpp"
#include "sim/base/result.hpp"

namespace pvmsim::aix {

enum class ExpansionErrorCode {
    kFactorOutOfRange,
    kNotLicensed,   ///< the system's activation code is missing
    kNotSupported,  ///< processor, firmware, console or operating system are not up to it
};
template <class T>
using ExpansionResult = sim::Result<T, ExpansionErrorCode>;

/// mem_expansion of a profile: 1.00 to 10.00 in steps of 0.01.
class ExpansionFactor {
  public:
    static constexpr std::uint32_t kMinHundredths = 100;
    static constexpr std::uint32_t kMaxHundredths = 1000;

    /// 1.00: nothing is compressed.
    constexpr ExpansionFactor() = default;
    [[nodiscard]] static ExpansionResult<ExpansionFactor> create(std::uint64_t hundredths);
    /// "1.5", "2.19", "3".
    [[nodiscard]] static ExpansionResult<ExpansionFactor> parse(std::string_view text);

    [[nodiscard]] constexpr std::uint32_t hundredths() const { return hundredths_; }
    [[nodiscard]] constexpr bool expands() const { return hundredths_ > kMinHundredths; }
    /// "2.19"
    [[nodiscard]] std::string to_string() const;
    friend constexpr auto operator<=>(ExpansionFactor, ExpansionFactor) = default;

  private:
    constexpr explicit ExpansionFactor(std::uint32_t hundredths) : hundredths_(hundredths) {}
    std::uint32_t hundredths_ = kMinHundredths;
};

/// What a partition's memory is like, as far as compressing it goes.
struct ExpansionModel {
    /// r: bytes of a compressible page over bytes it takes in the compressed pool. [PARAM] 2.00
    std::uint32_t ratio_hundredths = 200;
    /// Share of expanded memory that may be compressed: unpinned 4 KiB pages of working segments; never file cache,
    /// pinned memory or pages that do not shrink. [PARAM] all of it, as the published examples have it.
    std::uint32_t compressible_permille = 1000;
    /// Share of true memory that stays uncompressed whatever the factor asks. [PARAM] 5 %, the smallest value that
    /// ame_min_ucpool_size takes.
    std::uint32_t uncompressed_min_permille = 50;
    /// W: pages touched so often that compressing them costs.
    std::uint64_t hot_pages = 0;
    /// k: processors for each GiB of W outside of U. Calibrated to the published table: 0.18544.
    hypervisor::CoreRate cost_per_gib{185'440'000};
    /// The 842 unit of POWER7+ compresses and decompresses.
    bool accelerated = false;
    /// What is left of k then. [PARAM] 0.2; published is only that it is much less.
    std::uint32_t accelerated_permille = 200;
};

/// How true memory is divided for a factor.
struct ExpansionPools {
    std::uint64_t true_pages = 0;             ///< T = U + C
    std::uint64_t expanded_pages = 0;         ///< E, what the factor asks for
    std::uint64_t uncompressed_pages = 0;     ///< U
    std::uint64_t compressed_pages = 0;       ///< C, true pages of the compressed pool
    std::uint64_t held_compressed_pages = 0;  ///< expanded pages held in C: r * C, never more than are needed
    std::uint64_t deficit_pages = 0;          ///< of E that cannot be made: memory deficit, goes to paging space
    [[nodiscard]] std::uint64_t achieved_pages() const { return expanded_pages - deficit_pages; }
    friend bool operator==(const ExpansionPools&, const ExpansionPools&) = default;
};

/// E = f * T, whole pages.
[[nodiscard]] std::uint64_t expanded_pages(std::uint64_t true_pages, ExpansionFactor factor);

/// U + r * C: what two pools hold, whole pages.
[[nodiscard]] std::uint64_t capacity_pages(std::uint64_t uncompressed_pages, std::uint64_t compressed_pages,
                                           std::uint32_t ratio_hundredths);

/// The smallest compressed pool that makes E of T; with a deficit when U is at its minimum, or everything compressible
/// is compressed, and E is still not reached.
[[nodiscard]] ExpansionPools divide_memory(const ExpansionModel& model, std::uint64_t true_pages,
                                           std::uint64_t expanded_pages);
[[nodiscard]] inline ExpansionPools divide_memory(const ExpansionModel& model, std::uint64_t true_pages,
                                                  ExpansionFactor factor) {
    return divide_memory(model, true_pages, expanded_pages(true_pages, factor));
}

/// Processors spent on compressing and decompressing: k * (W - U), for no more than what is compressed.
[[nodiscard]] hypervisor::CoreRate compression_cost(const ExpansionModel& model, const ExpansionPools& pools);

/// True memory for E at a factor, in whole logical memory blocks: E / f, rounded up.
[[nodiscard]] std::uint64_t true_mib_for(std::uint64_t expanded_mib, ExpansionFactor factor, std::uint64_t lmb_mib);

/// The largest factor that this true memory reaches without a deficit.
[[nodiscard]] ExpansionFactor factor_max(const ExpansionModel& model, std::uint64_t true_pages);

}  // namespace pvmsim::aix
