// DispatchCounts: what a virtual processor, or all of a partition, went through: waits, switches, calls. Cumulative;
// the numbers of an interval are the difference of two. Names as in the VPA (PAPR) and lparstat.
#pragma once

#include <cstdint>

namespace pvmsim::hypervisor {

struct DispatchCounts {
    std::int64_t wait_ready_ns = 0;  ///< from ready to enqueued, while it is not allowed to run (VPA wait interval 1)
    std::int64_t wait_processor_ns = 0;  ///< ready, with capacity, no core yet (wait interval 3)
    std::int64_t wait_capacity_ns = 0;   ///< ready, its capacity used up, until the next window (wait interval 2)
    std::int64_t overhead_ns = 0;        ///< of its processor time: switches and cache refills
    std::uint64_t dispatches = 0;
    std::uint64_t switches = 0;            ///< dispatches onto a core that something else had used meanwhile (vcsw)
    std::uint64_t dispersions = 0;         ///< dispatches onto another core than the last (VPA 0x104)
    std::uint64_t dispersions_chip = 0;    ///< of these, onto another chip of the node
    std::uint64_t dispersions_node = 0;    ///< of these, onto another node
    std::uint64_t phantom_interrupts = 0;  ///< arrived while it ran, for a virtual processor of another partition
    std::uint64_t cedes = 0;               ///< H_CEDE calls
    std::uint64_t confers = 0;             ///< H_CONFER calls
    std::uint64_t prods = 0;               ///< H_PROD calls

    friend constexpr bool operator==(const DispatchCounts&, const DispatchCounts&) = default;
    /// Hypervisor calls of the dispatcher, all together.
    [[nodiscard]] constexpr std::uint64_t calls() const { return cedes + confers + prods; }
    constexpr DispatchCounts& operator+=(const DispatchCounts& more) {
        wait_ready_ns += more.wait_ready_ns;
        wait_processor_ns += more.wait_processor_ns;
        wait_capacity_ns += more.wait_capacity_ns;
        overhead_ns += more.overhead_ns;
        dispatches += more.dispatches;
        switches += more.switches;
        dispersions += more.dispersions;
        dispersions_chip += more.dispersions_chip;
        dispersions_node += more.dispersions_node;
        phantom_interrupts += more.phantom_interrupts;
        cedes += more.cedes;
        confers += more.confers;
        prods += more.prods;
        return *this;
    }
    constexpr DispatchCounts& operator-=(const DispatchCounts& less) {
        wait_ready_ns -= less.wait_ready_ns;
        wait_processor_ns -= less.wait_processor_ns;
        wait_capacity_ns -= less.wait_capacity_ns;
        overhead_ns -= less.overhead_ns;
        dispatches -= less.dispatches;
        switches -= less.switches;
        dispersions -= less.dispersions;
        dispersions_chip -= less.dispersions_chip;
        dispersions_node -= less.dispersions_node;
        phantom_interrupts -= less.phantom_interrupts;
        cedes -= less.cedes;
        confers -= less.confers;
        prods -= less.prods;
        return *this;
    }
};

}  // namespace pvmsim::hypervisor
