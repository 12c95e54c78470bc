// PagingServer: what the hypervisor needs of a paging VIOS: reads and writes of single pages in a partition's paging
// space, and processor time for deduplication (behaviour 2.2, 2.3). Implemented by vios/paging.
#pragma once

#include <cstdint>

#include "hypervisor/ids.hpp"
#include "hypervisor/memory/page.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

struct PagingRequest {
    std::uint32_t tag = 0;  ///< the hypervisor's; given back with the answer
    PartitionId lpar_id{};
    PageNumber page = 0;
    bool is_page_out = false;
};

class PagingServer {
  public:
    virtual ~PagingServer() = default;
    /// The partition's paging space device here, at least its maximum memory in size, can be used now.
    [[nodiscard]] virtual bool serves(PartitionId id) const = 0;
    /// Takes a request. The answer is MemorySharing::paging_done, never from inside this call; none at all if the VIOS
    /// ends first (MemorySharing then asks the other one).
    virtual void submit(const PagingRequest& request) = 0;
    /// The hypervisor has given up all requests so far (a VIOS that hung goes on): they need no answer any more.
    virtual void forget_requests() {}
    /// Processor capacity that the VIOS does not use itself and deduplication may have, at low priority.
    [[nodiscard]] virtual CoreRate spare_capacity() = 0;
    /// Deduplication used so much of it.
    virtual void charge_deduplication(std::int64_t cycles) = 0;
};

}  // namespace pvmsim::hypervisor
