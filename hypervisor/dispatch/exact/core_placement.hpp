// Where and when the virtual processors run inside one window: every grant is laid on the cores.
//
// The virtual processors are visited in the order of their home cores. Each runs on its home core when those after it
// still fit behind it; else where the one before it ended, going on at the beginning of the next core when a core is
// full (McNaughton's rule). So everything fits whenever the sum of the grants fits, nobody is on two cores at a time,
// and under light load nobody leaves home. The cost is one visit a virtual processor, whatever the load.
//
// Left out: arrivals inside the window; a ready virtual processor does not move to a core that falls idle early.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "hypervisor/dispatch/exact/exact_config.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// What the window gives, by virtual processor in the order of their homes, in nanoseconds.
struct WindowGrants {
    std::span<const std::int32_t> granted;
    std::span<const std::int32_t> wanted;
    std::span<const std::int32_t> slice;  ///< its share of the entitlement
    std::int64_t total_ns = 0;            ///< sum of the grants
    std::int32_t longest_ns = 0;          ///< longest grant
};

class CorePlacement {
  public:
    static constexpr std::uint16_t kNoCore = std::numeric_limits<std::uint16_t>::max();

    /// What a virtual processor remembers from window to window: one cache line.
    struct alignas(64) Record {
        std::int64_t wait_processor_ns = 0;
        std::int64_t wait_capacity_ns = 0;
        std::int64_t overhead_ns = 0;
        std::uint64_t dispatches = 0;
        std::uint64_t switches = 0;
        std::uint32_t dispersions = 0;
        std::uint32_t dispersions_chip = 0;
        std::uint32_t dispersions_node = 0;
        std::int32_t unserved_ns = 0;  ///< since when, at the end of the window, it has been ready and not run
        std::int32_t latency_max_ns = 0;
        std::uint16_t last_core = kNoCore;
    };

    CorePlacement(const ExactTopology& topology, const ExactCosts& costs);

    /// Who occupied the cores is forgotten; homes are to be assigned anew.
    void set_cores(std::uint32_t cores);
    /// New virtual processors, in the order of their homes. Who occupied the cores is forgotten.
    void assign(std::vector<Record> records, std::vector<std::uint16_t> homes);
    /// Lays one window. Sum and lengths of the grants fit the cores.
    void run_window(const WindowGrants& grants);

    [[nodiscard]] const Record& record(std::size_t position) const { return records_[position]; }
    void digest(sim::Digest& digest) const;

  private:
    /// Where the next virtual processor may go.
    struct Spot {
        std::uint32_t core = 0;
        std::int32_t at_ns = 0;
    };
    static constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();

    [[nodiscard]] std::int32_t fill_of(const WindowGrants& grants) const;
    void run_split(Record& record, Spot& spot, std::uint32_t position, std::int32_t granted, std::int32_t fill);
    void dispatch(Record& record, std::uint32_t position, std::uint32_t core, std::int32_t piece_ns);
    [[nodiscard]] std::int32_t move(Record& record, std::uint32_t core) const;

    ExactTopology topology_;
    ExactCosts costs_;
    std::vector<std::uint32_t> occupants_;  ///< by core: the position that ran there last
    std::vector<Record> records_;
    std::vector<std::uint16_t> homes_;
};

}  // namespace pvmsim::hypervisor
