// Growing the slab. It is rare, so it is kept out of the inlined path; the slab never shrinks, since a run that needed
// so many events at once is likely to need them again.
#include "sim/engine/event_slab.hpp"

namespace pvmsim::sim {

void EventSlab::grow() {
    const std::size_t first = free_.size();
    PVMSIM_ASSERT(first + kChunkSlots <= kSlotsMax);
    chunks_.push_back(std::make_unique_for_overwrite<EventSlot[]>(kChunkSlots));
    free_.resize(first + kChunkSlots);
    // Lowest slot on top: neighbours in time of scheduling are neighbours in memory.
    for (std::uint32_t i = kChunkSlots; i > 0; --i) {
        chunks_.back()[i - 1].generation = 0;
        free_[free_count_++] = static_cast<std::uint32_t>(first + i - 1);
    }
}

}  // namespace pvmsim::sim
