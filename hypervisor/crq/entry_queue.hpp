// EntryQueue: the entries of one command/response queue that were sent and not yet taken, oldest first. It names their
// events, so that what is still under way can be called off when the queue is freed: its memory is the receiver's, and
// a queue registered again starts empty (PAPR H_REG_CRQ).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/engine/event.hpp"

namespace pvmsim::hypervisor {

class EntryQueue {
  public:
    [[nodiscard]] std::uint32_t size() const { return size_; }

    void push(sim::EventHandle handle) {
        if (size_ == ring_.size()) grow();
        ring_[(head_ + size_) & (ring_.size() - 1)] = handle;
        ++size_;
    }
    /// Forgets the oldest entry. Nothing to do when there is none.
    void pop() {
        if (size_ == 0) return;
        head_ = (head_ + 1) & (ring_.size() - 1);
        --size_;
    }
    /// Empties the queue, handing each entry's event to `use`, oldest first.
    template <class Use>
    void drain(Use use) {
        for (; size_ > 0; pop()) use(ring_[head_]);
    }

  private:
    static constexpr std::size_t kFirstCapacity = 16;

    void grow() {
        std::vector<sim::EventHandle> larger(ring_.empty() ? kFirstCapacity : ring_.size() * 2);
        for (std::uint32_t i = 0; i < size_; ++i) larger[i] = ring_[(head_ + i) & (ring_.size() - 1)];
        ring_ = std::move(larger);
        head_ = 0;
    }

    std::vector<sim::EventHandle> ring_;  ///< capacity a power of two
    std::size_t head_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace pvmsim::hypervisor
