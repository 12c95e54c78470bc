// MemoryChange: a dynamic change of a running partition's memory (R-LP-04, R-LP-10), and how it went.
//
// LMBs come and go one by one and take time; an operation that cannot go on keeps what it has reached ("removed 3 of
// 8"). Source: behaviour 2.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hypervisor/ids.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

enum class MemoryAction : std::uint8_t { kAdd, kRemove, kSet };

struct MemoryChange {
    MemoryAction action = MemoryAction::kAdd;
    std::uint64_t mib = 0;  ///< a multiple of the LMB; kSet: what the partition shall have
};

/// What else of a partition in mem_mode shared can change while it runs. What is not given stays.
struct SharedMemoryChange {
    std::optional<std::uint8_t> mem_weight{};
    std::optional<std::uint64_t> io_entitled_mib{};  ///< 0: auto, by its virtual adapters
};

/// The last dynamic change of a partition, under way or ended.
struct MemoryOperation {
    MemoryAction action = MemoryAction::kAdd;  ///< kAdd or kRemove
    PartitionId partner = kNoPartition;        ///< of a move: where it comes from, or goes to
    std::uint32_t blocks_asked = 0;
    std::uint32_t blocks_done = 0;
    std::uint64_t lmb_mib = 0;
    sim::SimTime started{};
    sim::SimTime ended{};  ///< of one that is_finished
    bool is_finished = false;
    std::string refused{};  ///< why it ended early; empty if everything was done

    [[nodiscard]] bool is_partial() const { return is_finished && blocks_done < blocks_asked; }
    /// "removed 3 of 8 LMBs (768 of 2048 MB): the operating system of lpar3 frees no more"
    [[nodiscard]] std::string text() const;
    void digest(sim::Digest& digest) const;
};

}  // namespace pvmsim::hypervisor
