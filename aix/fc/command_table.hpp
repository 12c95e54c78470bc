// FcCommandTable: the outstanding commands of one fscsi, in slots that are used again. No allocation once it has grown.
//
// A sent command is named by a tag of slot and generation; every sending has a new generation, so that a response to an
// earlier sending, or to a command that is over, is recognised and dropped (invariant 17: each command ends once).
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "aix/storage/initiator.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::aix {

enum class FcCommandState : std::uint8_t { kFree, kSent, kWaiting };

struct FcCommand {
    PathCommand command;
    sim::SimTime deadline = sim::kEndOfTime;
    std::uint32_t target = 0;  ///< index in fscsi's table
    std::uint32_t generation = 0;
    FcCommandState state = FcCommandState::kFree;
    std::uint8_t sendings = 0;
};

class FcCommandTable {
  public:
    static constexpr std::uint32_t kSlotBits = 13;
    /// Commands of one fscsi, sent or waiting: the width of the slot number in a tag. Adapters take 4096 at most.
    static constexpr std::uint32_t kSlotsMax = 1u << kSlotBits;
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    /// A slot for the command, waiting; kNone when all are taken.
    [[nodiscard]] std::uint32_t open(const PathCommand& command, std::uint32_t target);
    /// The command is over.
    void close(std::uint32_t slot);
    /// It is being sent, once more: gives the tag of this sending.
    [[nodiscard]] std::uint32_t mark_sent(std::uint32_t slot);
    /// It did not get through, or is lost: it waits at the end of the line.
    void mark_waiting(std::uint32_t slot, sim::SimTime deadline);
    /// The slot of a sent command; kNone for the tag of an earlier sending or a command that is over.
    [[nodiscard]] std::uint32_t sent_with(std::uint32_t tag) const;

    [[nodiscard]] FcCommand& operator[](std::uint32_t slot) { return commands_[slot]; }
    [[nodiscard]] const FcCommand& operator[](std::uint32_t slot) const { return commands_[slot]; }
    /// Slots ever used; those in state kFree hold nothing.
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(commands_.size()); }
    [[nodiscard]] std::uint32_t sent() const { return sent_; }
    [[nodiscard]] const std::deque<std::uint32_t>& waiting() const { return waiting_; }
    [[nodiscard]] bool empty() const { return sent_ == 0 && waiting_.empty(); }
    /// Commands for one target, sent or waiting.
    [[nodiscard]] std::uint32_t count_for(std::uint32_t target) const;
    void clear();
    void digest(sim::Digest& digest) const;

  private:
    static constexpr std::uint32_t kGenerationMask = (1u << (32 - kSlotBits)) - 1;

    std::vector<FcCommand> commands_;
    std::vector<std::uint32_t> free_;
    std::deque<std::uint32_t> waiting_;  ///< in the order they began to wait
    std::uint32_t sent_ = 0;
};

}  // namespace pvmsim::aix
