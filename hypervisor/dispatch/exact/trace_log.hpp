// TraceLog: the dispatch trace log of a virtual processor (behaviour 1.3, from PAPR): why it was dispatched, why it had
// been stopped, on which processor, and how long it had waited for what.
//
// A ring of 48-byte entries, the oldest is overwritten. The mask says after which kind of stop a dispatch is logged.
// Left out: fault address, SRR0 and SRR1 (no memory and no instructions are modelled) are 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

enum class DispatchReason : std::uint8_t {
    kExternalInterrupt = 0,
    kProd = 2,
    kDecrementer = 3,
    kBoot = 4,
    kConferred = 6,
    kEntitledSlice = 7,
};

enum class PreemptReason : std::uint8_t {
    kFirmware = 1,
    kCede = 2,
    kConfer = 3,
    kEndOfSlice = 4,
    kMigrationFault = 5,
    kMemoryFault = 6,
};

/// VPA 0xB8.
enum class TraceMask : std::uint8_t { kOff = 0, kVoluntary = 1, kPreempt = 2, kFault = 4, kAll = 7 };

/// Times in ticks of the timebase.
struct TraceEntry {
    DispatchReason dispatch_reason = DispatchReason::kExternalInterrupt;
    PreemptReason preempt_reason = PreemptReason::kCede;
    std::uint16_t processor = 0;
    std::uint32_t enqueue_to_dispatch = 0;  ///< wait interval 3
    std::uint32_t ready_to_enqueue = 0;     ///< wait interval 2
    std::uint32_t waiting_to_ready = 0;     ///< wait interval 1
    std::uint64_t timebase = 0;
    std::uint64_t fault_address = 0;
    std::uint64_t srr0 = 0;
    std::uint64_t srr1 = 0;

    friend constexpr bool operator==(const TraceEntry&, const TraceEntry&) = default;
};
static_assert(sizeof(TraceEntry) == 48);

/// 512 MHz.
constexpr std::uint64_t timebase_ticks(std::int64_t ns) { return static_cast<std::uint64_t>(ns) * 64 / 125; }

class TraceLog {
  public:
    /// Starts anew with an empty ring.
    void enable(TraceMask mask, std::size_t entries_max) {
        PVMSIM_ASSERT(mask == TraceMask::kOff || entries_max > 0);
        mask_ = mask;
        ring_.assign(entries_max, {});
        written_ = 0;
    }
    void write(const TraceEntry& entry) {
        if ((static_cast<unsigned>(mask_) & kind_of(entry.preempt_reason)) == 0) return;
        ring_[written_++ % ring_.size()] = entry;
    }
    /// All that were written, also those that are overwritten (the VPA's index).
    [[nodiscard]] std::uint64_t written() const { return written_; }
    /// Those that are still there, the oldest first.
    [[nodiscard]] std::vector<TraceEntry> entries() const {
        std::vector<TraceEntry> entries;
        const std::uint64_t first = written_ > ring_.size() ? written_ - ring_.size() : 0;
        for (std::uint64_t i = first; i < written_; ++i) entries.push_back(ring_[i % ring_.size()]);
        return entries;
    }

  private:
    static constexpr unsigned kind_of(PreemptReason reason) {
        switch (reason) {
            case PreemptReason::kFirmware:
            case PreemptReason::kEndOfSlice:
                return static_cast<unsigned>(TraceMask::kPreempt);
            case PreemptReason::kCede:
            case PreemptReason::kConfer:
                return static_cast<unsigned>(TraceMask::kVoluntary);
            case PreemptReason::kMigrationFault:
            case PreemptReason::kMemoryFault:
                return static_cast<unsigned>(TraceMask::kFault);
        }
        return 0;
    }
    TraceMask mask_ = TraceMask::kOff;
    std::vector<TraceEntry> ring_;
    std::uint64_t written_ = 0;
};

}  // namespace pvmsim::hypervisor
