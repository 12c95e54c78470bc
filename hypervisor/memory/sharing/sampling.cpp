// The samples of one member. A sample costs its picked pages, not a walk through all of memory: only their bits are
// cleared and read.
#include "hypervisor/memory/sharing/sampling.hpp"

#include <algorithm>

namespace pvmsim::hypervisor {

void MemorySampler::pick(SharedPages& pages, MemberId member, sim::RandomStream& random) {
    picked_.clear();
    const std::uint32_t bound = pages.pages(member);
    if (bound == 0) return;
    for (std::uint32_t i = 0; i < kSampledPages; ++i) {
        const auto page = static_cast<PageNumber>(random.below(bound));
        picked_.push_back(page);
        pages.words(member)[page / kPagesInWord].sampled &= ~(std::uint64_t{1} << (page % kPagesInWord));
    }
}

std::uint32_t MemorySampler::accessed(const SharedPages& pages, MemberId member) const {
    std::uint32_t count = 0;
    for (const PageNumber page : picked_) {
        if (page >= pages.pages(member)) continue;  // taken away since
        count +=
            static_cast<std::uint32_t>(pages.words(member)[page / kPagesInWord].sampled >> (page % kPagesInWord)) & 1u;
    }
    return count;
}

std::uint32_t MemorySampler::utilization_ppm(std::uint32_t accessed_pages, std::uint64_t processor_use,
                                             const SamplingParameters& parameters) {
    constexpr std::uint64_t kMillion = 1'000'000;
    processor_use_max_ = std::max(processor_use, processor_use_max_ - processor_use_max_ / parameters.maximum_fades_by);
    const std::uint64_t accessed_ppm = accessed_pages * kMillion / kSampledPages;
    if (processor_use_max_ == 0) return static_cast<std::uint32_t>(accessed_ppm);
    __extension__ using Wide = unsigned __int128;
    const auto share = std::max(static_cast<std::uint64_t>(Wide{processor_use} * kMillion / processor_use_max_),
                                std::uint64_t{parameters.processor_share_min});
    return static_cast<std::uint32_t>(std::min(accessed_ppm * kMillion / share, kMillion));
}

void MemorySampler::digest(sim::Digest& digest) const {
    for (const PageNumber page : picked_) digest.add(page);
    digest.add(processor_use_max_);
}

}  // namespace pvmsim::hypervisor
