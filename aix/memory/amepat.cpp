// The estimates and the choice among them; see amepat.hpp.
// Percentages are rounded to the nearest, as in the published table (37.25 GB of true memory gain 14.75: 40 %).
#include "aix/memory/amepat.hpp"

#include <algorithm>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::aix {
namespace {

std::uint32_t percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<std::uint32_t>((part * 200 / whole + 1) / 2);
}

bool under_cap(const AmepatQuestion& question, const ExpansionEstimate& estimate) {
    __extension__ using Wide = __int128;
    return Wide{estimate.cpu.nanocores} * 100 <= Wide{question.capacity_max.nanocores} * question.cpu_cap_percent;
}

}  // namespace

ExpansionEstimate estimate(const AmepatQuestion& question, ExpansionFactor factor) {
    const auto true_mib = true_mib_for(question.expanded_mib, factor, question.lmb_mib);
    const auto expanded = question.expanded_mib * hypervisor::kPagesInMib;
    const auto pools = divide_memory(question.model, true_mib * hypervisor::kPagesInMib, expanded);
    const auto gain_mib = question.expanded_mib - std::min(question.expanded_mib, true_mib);
    const auto cpu = compression_cost(question.model, pools);
    return {.factor = factor,
            .true_mib = true_mib,
            .gain_mib = gain_mib,
            .gain_percent = percent(gain_mib, true_mib),
            .cpu = cpu,
            .cpu_percent = percent(static_cast<std::uint64_t>(cpu.nanocores),
                                   static_cast<std::uint64_t>(question.capacity_max.nanocores)),
            .deficit_mib = (pools.deficit_pages + hypervisor::kPagesInMib - 1) / hypervisor::kPagesInMib};
}

std::vector<ExpansionEstimate> estimates(const AmepatQuestion& question, const std::vector<ExpansionFactor>& factors) {
    std::vector<ExpansionEstimate> rows;
    rows.reserve(factors.size());
    for (const auto factor : factors) rows.push_back(estimate(question, factor));
    return rows;
}

std::vector<ExpansionFactor> default_factors(const AmepatQuestion& question, std::uint32_t entries) {
    const auto reached = [&](ExpansionFactor factor) { return estimate(question, factor).deficit_mib == 0; };
    auto hundredths = ExpansionFactor::kMaxHundredths;
    while (hundredths > ExpansionFactor::kMinHundredths && !reached(*ExpansionFactor::create(hundredths))) --hundredths;

    const auto largest = question.expanded_mib;
    const auto smallest = true_mib_for(largest, *ExpansionFactor::create(hundredths), question.lmb_mib);
    std::vector<ExpansionFactor> factors;
    for (std::uint32_t row = 0; row < entries && smallest > 0; ++row) {
        const auto step = entries > 1 ? (largest - std::min(largest, smallest)) * row / (entries - 1) : 0;
        const auto true_mib = (largest - step + question.lmb_mib - 1) / question.lmb_mib * question.lmb_mib;
        // Rounded up: the block that rounding down would add again must not.
        const auto asked = (largest * 100 + true_mib - 1) / true_mib;
        const auto factor =
            ExpansionFactor::create(std::clamp<std::uint64_t>(asked, ExpansionFactor::kMinHundredths, hundredths));
        if (factors.empty() || *factor > factors.back()) factors.push_back(*factor);
    }
    return factors;
}

std::optional<Recommendation> recommend(const AmepatQuestion& question,
                                        const std::vector<ExpansionEstimate>& estimates) {
    const ExpansionEstimate* best = nullptr;
    for (const auto& row : estimates) {
        const bool allowed = row.deficit_mib == 0 && row.gain_mib > 0 && row.gain_mib >= question.gain_mib_min;
        if (!allowed || !under_cap(question, row)) continue;
        if (best == nullptr || row.gain_mib > best->gain_mib) best = &row;
    }
    if (best == nullptr) return std::nullopt;
    return Recommendation{.estimate = *best, .peak_total = question.base_peak + best->cpu};
}

}  // namespace pvmsim::aix
