// EventSlab: where scheduled events live until they are delivered. One cache line an event, at an address that stays.
//
// A slot is named by (slot, generation). Ending a slot's current life makes every handle and every queue entry that
// names it stale at once, which is what makes cancellation O(1): whoever holds the pair later finds the generations
// differ. A slot whose generations are used up (2^32 events) is never used again, so a stale name can never become
// valid.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/assert.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::sim {

/// A scheduled event. The payload is padded with zeros to its full length, always.
struct alignas(64) EventSlot {
    Event event;
    std::uint32_t address;     ///< where to deliver; the engine knows what it means
    std::uint32_t generation;  ///< number of lives that have ended in this slot
};
static_assert(sizeof(EventSlot) == 64);

class EventSlab {
  public:
    /// A free slot; its content is what the previous event left.
    std::uint32_t allocate() {
        if (free_count_ == 0) [[unlikely]]
            grow();
        return free_[--free_count_];
    }
    /// Ends the life of the slot's event: all names of it are stale from now on. The content stays until recycle().
    static void invalidate(EventSlot& slot) { ++slot.generation; }
    /// Gives an invalidated slot back.
    void recycle(std::uint32_t slot, const EventSlot& content) {
        if (content.generation != kGenerationLast) [[likely]]
            free_[free_count_++] = slot;
    }

    [[nodiscard]] EventSlot& operator[](std::uint32_t slot) { return chunks_[slot / kChunkSlots][slot % kChunkSlots]; }
    [[nodiscard]] const EventSlot& operator[](std::uint32_t slot) const {
        return chunks_[slot / kChunkSlots][slot % kChunkSlots];
    }
    /// Does the pair name an event that is still to come?
    [[nodiscard]] bool is_current(EventHandle name) const {
        return name.slot < free_.size() && (*this)[name.slot].generation == name.generation;
    }
    /// Tells the processor that this slot is about to be delivered.
    void prefetch(std::uint32_t slot) const { __builtin_prefetch(&(*this)[slot], 1); }
    /// Slots that exist, used or free.
    [[nodiscard]] std::size_t capacity() const { return free_.size(); }

  private:
    static constexpr std::uint32_t kChunkSlots = 1024;
    static constexpr std::uint32_t kGenerationLast = 0xffff'ffff;
    static constexpr std::size_t kSlotsMax = 0xffff'0000;

    void grow();

    std::vector<std::unique_ptr<EventSlot[]>> chunks_;  ///< addresses stay: an event is delivered where it lies
    std::vector<std::uint32_t> free_;                   ///< a stack with room for every slot
    std::size_t free_count_ = 0;
};

}  // namespace pvmsim::sim
