// RepetitionTable: notices a frame that a switch floods again and again, the sign of a loop.
//
// A real switch cannot know; it sees load and addresses that flap. The simulator looks at the frames themselves, so
// that a loop is found after some dozen rounds and never by mistake. A small table by hash: a later frame takes the
// place of an earlier one, which costs a loop among many other floods some more rounds before it is found.
#pragma once

#include <array>
#include <cstdint>

#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::fabric {

/// What stays of a frame as it goes round: everything but its tag, and the VLAN it travels in.
[[nodiscard]] std::uint64_t identity_of(wire::VlanId vlan, const wire::Frame& frame);

class RepetitionTable {
  public:
    /// The frame is flooded now; how often it was within the window, this time included.
    std::uint32_t note(std::uint64_t identity, sim::SimTime now);
    /// Counts the frame from the beginning.
    void forget(std::uint64_t identity);
    void digest(sim::Digest& digest) const;

  private:
    struct Row {
        std::uint64_t identity = 0;
        sim::SimTime since{};
        std::uint32_t times = 0;
    };
    std::array<Row, 256> rows_{};
};

}  // namespace pvmsim::fabric
