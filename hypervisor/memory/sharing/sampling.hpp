// Sampling: how much a member uses its memory, seen from 100 random pages an interval (behaviour 2.2).
//
// Utilization = share of the sampled pages that were accessed / (processor use / its recent maximum): who gets less
// processor than lately touches fewer pages, not because it needs fewer. How PAPR normalises is not published; the
// division, its bound and the fading maximum are our choice [PARAM]. Pages are drawn with replacement.
#pragma once

#include <cstdint>
#include <vector>

#include "hypervisor/memory/sharing/shared_pages.hpp"
#include "sim/random/random_stream.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint32_t kSampledPages = 100;

struct SamplingParameters {
    std::uint32_t maximum_fades_by = 16;          ///< [PARAM] the recent maximum loses 1/16 an interval
    std::uint32_t processor_share_min = 100'000;  ///< [PARAM] ppm: at most 10 times is made up for
};

class MemorySampler {
  public:
    /// Picks the pages to watch until the next call of accessed().
    void pick(SharedPages& pages, MemberId member, sim::RandomStream& random);
    /// How many of the pages picked last were accessed since; 0..kSampledPages.
    [[nodiscard]] std::uint32_t accessed(const SharedPages& pages, MemberId member) const;
    /// Utilization in ppm for so many accessed pages. `processor_use` in any unit; it raises the recent maximum.
    std::uint32_t utilization_ppm(std::uint32_t accessed_pages, std::uint64_t processor_use,
                                  const SamplingParameters& parameters = {});

    void digest(sim::Digest& digest) const;

  private:
    std::vector<PageNumber> picked_;
    std::uint64_t processor_use_max_ = 0;
};

}  // namespace pvmsim::hypervisor
