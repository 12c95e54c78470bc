// Growing the slab. It is rare, so it is kept out of the inlined path; the slab never shrinks, since a run that needed
// so many events at once is likely to need them again.
#include "sim/engine/event_slab.hpp"

namespace pvmsim::sim {

void EventSlab::grow() {
    const std::size_t first = generations_.size();
    PVMSIM_ASSERT(first + kChunkSlots <= kSlotsMax);
    chunks_.push_back(std::make_unique_for_overwrite<EventSlot[]>(kChunkSlots));
    generations_.resize(first + kChunkSlots, 0);
    free_.resize(generations_.size());
    // Lowest slot on top: neighbours in time of scheduling are neighbours in memory.
    for (std::size_t slot = first + kChunkSlots; slot > first; --slot)
        free_[free_count_++] = static_cast<std::uint32_t>(slot - 1);
}

}  // namespace pvmsim::sim
