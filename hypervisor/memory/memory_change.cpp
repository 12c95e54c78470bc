// What an operator reads of a dynamic change of memory, and what of it counts as the system's state.
// The words are ours; the HMC prints its own text of drmgr's (not modelled).
#include "hypervisor/memory/memory_change.hpp"

#include <fmt/format.h>

namespace pvmsim::hypervisor {

namespace {

std::string_view verb(const MemoryOperation& operation) {
    const bool is_add = operation.action == MemoryAction::kAdd;
    if (operation.partner == kNoPartition) return is_add ? "added" : "removed";
    return is_add ? "received" : "moved away";
}

}  // namespace

std::string MemoryOperation::text() const {
    return fmt::format("{} {} of {} LMB{} ({} of {} MB){}{}", verb(*this), blocks_done, blocks_asked,
                       blocks_asked == 1 ? "" : "s", blocks_done * lmb_mib, blocks_asked * lmb_mib,
                       refused.empty() ? "" : ": ", refused);
}

void MemoryOperation::digest(sim::Digest& digest) const {
    digest.add(action);
    digest.add(partner);
    digest.add(blocks_asked);
    digest.add(blocks_done);
    digest.add(started);
    digest.add(ended);
    digest.add(is_finished);
    digest.add(refused);
}

}  // namespace pvmsim::hypervisor
