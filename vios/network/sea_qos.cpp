// The rules of strict and loose; see sea_qos.hpp. With loose the class that waits with most bytes for its cap is the
// one that loses when there is no room, so that under overload each class gets about the share that its cap is.
#include "vios/network/sea_qos.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::vios {

std::size_t SeaDiscipline::choose(const SeaQosBytes& waiting) {
    std::size_t most_important = kNone;
    for (std::size_t i = kSeaQosClasses; i-- > 0;) {
        if (waiting[i] == 0) continue;
        if (most_important == kNone) most_important = i;
        if (mode_ != SeaQosMode::kLoose || used_[i] < kSeaLooseCapBytes[i]) return i;
    }
    PVMSIM_ASSERT(most_important != kNone);
    used_ = {};  // Everybody who waits has had his bytes: a new round.
    return most_important;
}

std::size_t SeaDiscipline::victim(const SeaQosBytes& waiting, std::size_t arriving) const {
    if (mode_ == SeaQosMode::kDisabled) return kNone;
    if (mode_ == SeaQosMode::kStrict) {
        for (std::size_t i = 0; i < arriving; ++i)
            if (waiting[i] != 0) return i;
        return kNone;
    }
    std::size_t worst = arriving;
    for (std::size_t i = 0; i < kSeaQosClasses; ++i)
        if (waiting[i] * kSeaLooseCapBytes[worst] > waiting[worst] * kSeaLooseCapBytes[i]) worst = i;
    return worst == arriving ? kNone : worst;
}

void SeaDiscipline::digest(sim::Digest& digest) const {
    digest.add(static_cast<std::uint64_t>(mode_));
    for (const auto bytes : used_) digest.add(bytes);
}

}  // namespace pvmsim::vios
