// SeaLargeReceive: joins TCP segments that come in from outside into trains of up to 64 KB (large_receive=yes).
//
// Segments of one message that follow each other without a gap are one frame for the virtual switch and the client:
// fewer frames, so less work on the VIOS. A segment waits for the next one at most kWindow, as an adapter's interrupts
// are held back; the end of a message, a gap and a full train send it on. AIX clients take such trains; Linux and
// IBM i clients drop them (aix/network/interface_messages.cpp). Fragments, echoes and everything else pass untouched.
// Source: IBM's description of the attribute; behaviour 3.2; docs/model/network-bridge.md
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "fabric/wire/message_part.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::vios {

class SeaLargeReceive {
  public:
    static constexpr sim::Duration kWindow{50'000};          ///< [PARAM] our choice: 50 us, as adapters hold interrupts
    static constexpr std::size_t kFlowsMax = 64;             ///< [PARAM] our choice; then the oldest train goes
    static constexpr std::uint32_t kTrainBytesMax = 65'160;  ///< as largesend

    /// What goes on now because this frame came: trains first, in order.
    [[nodiscard]] std::vector<wire::Frame> add(const wire::Frame& frame, sim::SimTime now);
    /// Trains whose time is over.
    [[nodiscard]] std::vector<wire::Frame> due(sim::SimTime now);
    /// When the oldest train goes on at the latest.
    [[nodiscard]] std::optional<sim::SimTime> next_due() const;
    void forget() { trains_.clear(); }

    [[nodiscard]] std::uint64_t trains() const { return trains_made_; }
    [[nodiscard]] std::uint64_t segments() const { return segments_joined_; }
    void digest(sim::Digest& digest) const;

  private:
    struct Train {
        wire::Frame first;
        std::uint32_t payload_bytes;
        std::uint32_t segment_bytes;  ///< largest
        std::uint32_t segments;
        sim::SimTime since;
    };
    [[nodiscard]] wire::Frame close(const Train& train);

    std::deque<Train> trains_;  ///< oldest first
    std::uint64_t trains_made_ = 0;
    std::uint64_t segments_joined_ = 0;
};

}  // namespace pvmsim::vios
