// Requests in slots; slots of finished ones are used again. A tag is a slot with its generation.
// An answer to a request that was asked of another VIOS meanwhile has an old generation and finds nothing.
#include "hypervisor/memory/sharing/paging_requests.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

PagingRequests::Slot PagingRequests::open(const PageRequest& request) {
    Slot slot = static_cast<Slot>(requests_.size());
    if (free_.empty()) {
        PVMSIM_ASSERT(slot < 1u << kSlotBits);
        requests_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    const std::uint16_t generation = requests_[slot].generation;
    requests_[slot] = request;
    requests_[slot].generation = generation;
    requests_[slot].sequence = sequence_++;
    if (request.kind != RequestKind::kPageOut) ++waiting_;
    return slot;
}

void PagingRequests::close(Slot slot) {
    PVMSIM_ASSERT(requests_[slot].phase != RequestPhase::kNone);
    if (requests_[slot].kind != RequestKind::kPageOut) --waiting_;
    requests_[slot].phase = RequestPhase::kNone;
    renew(slot);
    free_.push_back(slot);
}

std::uint32_t PagingRequests::tag(Slot slot) const {
    return static_cast<std::uint32_t>(requests_[slot].generation) << kSlotBits | slot;
}

void PagingRequests::renew(Slot slot) {
    constexpr std::uint32_t kGenerations = 1u << (32 - kSlotBits);
    requests_[slot].generation = static_cast<std::uint16_t>((requests_[slot].generation + 1u) % kGenerations);
}

const PageRequest* PagingRequests::find(std::uint32_t tag, Slot& slot) const {
    slot = tag & ((1u << kSlotBits) - 1);
    if (slot >= requests_.size() || requests_[slot].generation != tag >> kSlotBits) return nullptr;
    return requests_[slot].phase == RequestPhase::kAtVios ? &requests_[slot] : nullptr;
}

void PagingRequests::sort_by_arrival(std::vector<Slot>& slots) const {
    std::sort(slots.begin(), slots.end(),
              [this](Slot left, Slot right) { return requests_[left].sequence < requests_[right].sequence; });
}

void PagingRequests::digest(sim::Digest& digest) const {
    for (Slot slot = 0; slot < requests_.size(); ++slot) {
        const PageRequest& request = requests_[slot];
        digest.add(tag(slot));
        digest.add(request.phase);
        if (request.phase == RequestPhase::kNone) continue;
        digest.add(request.kind);
        digest.add(request.is_write);
        digest.add(request.was_refused);
        digest.add(request.vios);
        digest.add(request.page.member);
        digest.add(request.page.page);
        digest.add(request.since);
        digest.add(request.sequence);
    }
    for (const Slot slot : free_) digest.add(slot);
}

}  // namespace pvmsim::hypervisor
