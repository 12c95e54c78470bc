// Donations, in pages. See donation.hpp for the rule and for what it leaves open.
// Every function ends with sum of donations >= overage, and no donation beyond its member's logical memory.
#include "hypervisor/memory/sharing/donation.hpp"

#include <algorithm>
#include <numeric>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {
namespace {

__extension__ using Wide = unsigned __int128;

std::int64_t sum_of_donations(std::span<const Donor> donors) {
    return std::accumulate(donors.begin(), donors.end(), std::int64_t{0},
                           [](std::int64_t sum, const Donor& donor) { return sum + donor.donation; });
}

std::uint32_t share_up(std::uint64_t amount, std::uint64_t part, std::uint64_t whole) {
    return static_cast<std::uint32_t>((Wide{amount} * part + whole - 1) / whole);
}

/// Spreads what is missing by logical size over those that can still give, `spared` only when nobody else can.
void cover(std::span<Donor> donors, std::int64_t missing, std::size_t spared) {
    const auto can_give = [&](std::size_t i) { return donors[i].donation < donors[i].logical && i != spared; };
    while (missing > 0) {
        std::uint64_t logical = 0;
        for (std::size_t i = 0; i < donors.size(); ++i) logical += can_give(i) ? donors[i].logical : 0;
        if (logical == 0) {
            PVMSIM_ASSERT(spared < donors.size());
            spared = donors.size();
            continue;
        }
        const auto amount = static_cast<std::uint64_t>(missing);
        for (std::size_t i = 0; i < donors.size() && missing > 0; ++i) {
            if (!can_give(i)) continue;
            Donor& donor = donors[i];
            const std::uint32_t more =
                std::min({donor.logical - donor.donation, share_up(amount, donor.logical, logical),
                          static_cast<std::uint32_t>(missing)});
            donor.donation += more;
            missing -= more;
        }
    }
}

}  // namespace

std::int64_t overage_pages(const PoolSizes& sizes) {
    return static_cast<std::int64_t>(sizes.logical) + sizes.high_water - sizes.pool;
}

std::uint32_t first_donation(std::uint32_t logical, std::uint64_t logical_of_all, std::int64_t overage) {
    if (overage <= 0) return 0;
    return std::min(logical, share_up(static_cast<std::uint64_t>(overage), logical, logical_of_all));
}

void fit_donations(std::span<Donor> donors, std::int64_t overage, std::size_t joined) {
    std::uint64_t logical = 0;
    for (Donor& donor : donors) {
        logical += donor.logical;
        donor.donation = overage <= 0 ? 0 : std::min(donor.donation, donor.logical);
    }
    if (overage <= 0) return;
    if (joined < donors.size()) donors[joined].donation = first_donation(donors[joined].logical, logical, overage);
    const std::int64_t sum = sum_of_donations(donors);
    if (sum > overage) {
        for (Donor& donor : donors)
            donor.donation =
                share_up(static_cast<std::uint64_t>(overage), donor.donation, static_cast<std::uint64_t>(sum));
    }
    cover(donors, overage - sum_of_donations(donors), joined);
}

void step_donations(std::span<Donor> donors, std::int64_t overage) {
    if (overage <= 0) return;
    std::uint64_t utils = 0;
    std::uint64_t weights = 0;
    for (const Donor& donor : donors) {
        utils += donor.util_ppm;
        weights += donor.weight;
    }
    const Wide average = Wide{utils} * weights;
    const auto own = [&](const Donor& donor) {
        return Wide{donors.size()} * donors.size() * donor.weight * donor.util_ppm;
    };
    for (Donor& donor : donors)
        if (average > own(donor))
            donor.donation = std::min(donor.logical, donor.donation + donor.logical / kDonationStepsInLogical);
    std::int64_t sum = sum_of_donations(donors);
    for (Donor& donor : donors) {
        if (average >= own(donor) || !donor.may_gain) continue;
        const std::uint32_t step = std::min(donor.donation, donor.logical / kDonationStepsInLogical);
        if (sum - step < overage) continue;
        donor.donation -= step;
        sum -= step;
    }
    PVMSIM_ASSERT(sum >= overage);
}

}  // namespace pvmsim::hypervisor
