// PagingRequests: what members wait for, and what is on its way to paging space. A request that is asked of another
// VIOS gets a new tag, so that a late answer of the first one finds nobody.
#pragma once

#include <cstdint>
#include <vector>

#include "hypervisor/ids.hpp"
#include "hypervisor/memory/page.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

enum class RequestKind : std::uint8_t {
    kFault,    ///< a virtual processor waits
    kMapping,  ///< the page shall be mapped for I/O; nobody is told
    kPageOut,
};
enum class RequestPhase : std::uint8_t { kNone, kWaitsForFrame, kWaitsForVios, kAtVios };

struct PageRequest {
    RequestKind kind = RequestKind::kFault;
    RequestPhase phase = RequestPhase::kNone;
    bool is_write = false;
    bool was_refused = false;  ///< one VIOS could not read it
    std::uint16_t generation = 0;
    PartitionId lpar_id;
    PartitionId vios;
    LogicalPage page;
    sim::SimTime since;
    std::uint64_t sequence = 0;  ///< order of arrival

    /// A frame of the pool is kept for it.
    [[nodiscard]] bool has_frame() const {
        return kind != RequestKind::kPageOut && phase != RequestPhase::kWaitsForFrame;
    }
};

class PagingRequests {
  public:
    using Slot = std::uint32_t;
    static constexpr std::uint32_t kSlotBits = 20;  ///< a million requests at once; the tag's rest is the generation

    Slot open(const PageRequest& request);
    void close(Slot slot);
    [[nodiscard]] PageRequest& at(Slot slot) { return requests_[slot]; }
    [[nodiscard]] const PageRequest& at(Slot slot) const { return requests_[slot]; }
    [[nodiscard]] std::uint32_t tag(Slot slot) const;
    /// The tag so far is void.
    void renew(Slot slot);
    /// nullptr: nobody has this tag any more.
    [[nodiscard]] const PageRequest* find(std::uint32_t tag, Slot& slot) const;

    /// Open requests that `wanted` says yes to, in order of arrival.
    template <class Wanted>
    [[nodiscard]] std::vector<Slot> select(Wanted wanted) const {
        std::vector<Slot> slots;
        for (Slot slot = 0; slot < requests_.size(); ++slot)
            if (requests_[slot].phase != RequestPhase::kNone && wanted(requests_[slot])) slots.push_back(slot);
        sort_by_arrival(slots);
        return slots;
    }
    [[nodiscard]] std::uint64_t waiting() const { return waiting_; }  ///< all but page-outs

    void digest(sim::Digest& digest) const;

  private:
    void sort_by_arrival(std::vector<Slot>& slots) const;

    std::vector<PageRequest> requests_;
    std::vector<Slot> free_;
    std::uint64_t sequence_ = 0;
    std::uint64_t waiting_ = 0;
};

}  // namespace pvmsim::hypervisor
