// Dividing memory between the two pools; see expansion.hpp.
// Everything is integers: the compressed pool is rounded up to a page, so that E is reached and never missed by one.
#include "aix/memory/expansion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::uint64_t kOne = 100;  // ratios and factors are in hundredths
constexpr std::uint64_t kPagesInGib = hypervisor::kGibibyte / hypervisor::kPageBytes;
__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t share(std::uint64_t whole, std::uint32_t permille) {
    return static_cast<std::uint64_t>(Wide{whole} * permille / 1000);
}

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) { return value / by + (value % by != 0); }

}  // namespace

ExpansionResult<ExpansionFactor> ExpansionFactor::create(std::uint64_t hundredths) {
    if (hundredths >= kMinHundredths && hundredths <= kMaxHundredths)
        return ExpansionFactor(static_cast<std::uint32_t>(hundredths));
    return sim::fail(ExpansionErrorCode::kFactorOutOfRange,
                     "the memory expansion factor must be between 1.00 and 10.00, not " +
                         std::to_string(hundredths / kOne) + "." + std::to_string(hundredths % kOne / 10) +
                         std::to_string(hundredths % 10));
}

ExpansionResult<ExpansionFactor> ExpansionFactor::parse(std::string_view text) {
    const auto bad = [&] {
        return sim::fail(ExpansionErrorCode::kFactorOutOfRange,
                         "the memory expansion factor must be between 1.00 and 10.00 in steps of 0.01, not '" +
                             std::string(text) + "'");
    };
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    const auto digits = [](std::string_view part) {
        return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (whole.empty() || whole.size() > 2 || fraction.size() > 2 || !digits(whole) || !digits(fraction)) return bad();
    if (point != std::string_view::npos && fraction.empty()) return bad();
    const auto all = std::string(whole) + std::string(fraction) + std::string(2 - fraction.size(), '0');
    std::uint64_t hundredths = 0;
    std::from_chars(all.data(), all.data() + all.size(), hundredths);
    const auto factor = create(hundredths);
    if (!factor) return bad();
    return factor;
}

std::string ExpansionFactor::to_string() const {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%u.%02u", hundredths_ / 100, hundredths_ % 100);
    return text.data();
}

std::uint64_t expanded_pages(std::uint64_t true_pages, ExpansionFactor factor) {
    return static_cast<std::uint64_t>(Wide{true_pages} * factor.hundredths() / kOne);
}

std::uint64_t capacity_pages(std::uint64_t uncompressed_pages, std::uint64_t compressed_pages,
                             std::uint32_t ratio_hundredths) {
    return uncompressed_pages + static_cast<std::uint64_t>(Wide{compressed_pages} * ratio_hundredths / kOne);
}

ExpansionPools divide_memory(const ExpansionModel& model, std::uint64_t true_pages, std::uint64_t expanded_pages) {
    ExpansionPools pools{.true_pages = true_pages,
                         .expanded_pages = std::max(true_pages, expanded_pages),
                         .uncompressed_pages = true_pages};
    const auto wanted = pools.expanded_pages - true_pages;
    if (wanted == 0) return pools;
    if (model.ratio_hundredths <= kOne) {
        pools.deficit_pages = wanted;
        return pools;
    }
    const auto gain_hundredths = model.ratio_hundredths - kOne;
    const auto needed = static_cast<std::uint64_t>((Wide{wanted} * kOne + gain_hundredths - 1) / gain_hundredths);
    const auto uncompressed_min = share(true_pages, model.uncompressed_min_permille);
    const auto compressible = share(pools.expanded_pages, std::min<std::uint32_t>(model.compressible_permille, 1000));
    const auto filled = static_cast<std::uint64_t>(Wide{compressible} * kOne / model.ratio_hundredths);

    pools.compressed_pages = std::min({needed, true_pages - std::min(true_pages, uncompressed_min), filled});
    pools.uncompressed_pages = true_pages - pools.compressed_pages;
    const auto capacity = capacity_pages(pools.uncompressed_pages, pools.compressed_pages, model.ratio_hundredths);
    pools.deficit_pages = pools.expanded_pages - std::min(capacity, pools.expanded_pages);
    pools.held_compressed_pages = pools.achieved_pages() - pools.uncompressed_pages;
    return pools;
}

hypervisor::CoreRate compression_cost(const ExpansionModel& model, const ExpansionPools& pools) {
    const auto hot = model.hot_pages;
    const auto outside = hot > pools.uncompressed_pages ? hot - pools.uncompressed_pages : 0;
    const auto missed = std::min(outside, pools.held_compressed_pages);
    auto cost = Wide{missed} * static_cast<std::uint64_t>(model.cost_per_gib.nanocores) / kPagesInGib;
    if (model.accelerated) cost = cost * model.accelerated_permille / 1000;
    return {static_cast<std::int64_t>(cost)};
}

std::uint64_t true_mib_for(std::uint64_t expanded_mib, ExpansionFactor factor, std::uint64_t lmb_mib) {
    const auto exact_mib = divide_up(expanded_mib * kOne, factor.hundredths());
    return divide_up(exact_mib, lmb_mib) * lmb_mib;
}

ExpansionFactor factor_max(const ExpansionModel& model, std::uint64_t true_pages) {
    // Monotone: a larger factor never leaves a smaller deficit. 900 steps are halved ten times.
    std::uint32_t reached = ExpansionFactor::kMinHundredths;
    std::uint32_t missed = ExpansionFactor::kMaxHundredths + 1;
    while (missed - reached > 1) {
        const auto middle = (reached + missed) / 2;
        const auto pools = divide_memory(model, true_pages, *ExpansionFactor::create(middle));
        (pools.deficit_pages == 0 ? reached : missed) = middle;
    }
    return *ExpansionFactor::create(reached);
}

}  // namespace pvmsim::aix
