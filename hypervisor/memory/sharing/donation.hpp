// Donations: how many pages each member of a shared memory pool shall do without, so that all together fit.
//
// The published algorithm (behaviour 2.2, PAPR "CMO Background"): a first donation in proportion to logical size; after
// every sampling interval a step of logical/256 up for whom A > B and down for whom A < B, where
//     A = average utilization of the pool / own,  B = own weight / average weight.
// Integers only: A > B is compared as sum(util) * sum(weight) > n^2 * weight * util, so a utilization of 0 needs no
// rule of its own, and an idle pool (both sides 0) changes nothing. Averages are over members, not over bytes.
//
// Where the text leaves a choice: nobody donates while overage <= 0; a step down is taken whole or, when the sum of the
// donations would fall below overage, not at all; all steps up come before the steps down; first donations are rounded
// up to pages. When sizes or members change, donations are scaled down to the new overage, or the new member gets its
// first donation and the rest of what is missing is spread over the others by logical size: what was learned stays.
#pragma once

#include <cstdint>
#include <span>

namespace pvmsim::hypervisor {

inline constexpr std::uint32_t kDonationStepsInLogical = 256;

/// Pages, unless said otherwise.
struct Donor {
    std::uint32_t logical = 0;
    std::uint32_t donation = 0;
    std::uint8_t weight = 0;
    std::uint32_t util_ppm = 0;
    bool may_gain = true;  ///< false: its operating system reports that it does not page
};

struct PoolSizes {
    std::uint64_t logical = 0;  ///< of all members
    std::uint32_t high_water = 0;
    std::uint32_t pool = 0;
};

/// What all donations together have to cover; 0 or less: everything fits.
[[nodiscard]] std::int64_t overage_pages(const PoolSizes& sizes);
[[nodiscard]] std::uint32_t first_donation(std::uint32_t logical, std::uint64_t logical_of_all, std::int64_t overage);
/// After a change of sizes or members. `joined`: index of a new member, or donors.size().
void fit_donations(std::span<Donor> donors, std::int64_t overage, std::size_t joined);
/// After a sampling interval.
void step_donations(std::span<Donor> donors, std::int64_t overage);

}  // namespace pvmsim::hypervisor
