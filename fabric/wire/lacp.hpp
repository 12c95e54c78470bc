// What an LACP frame (IEEE 802.1AX) says beside who speaks: of the actor's state only what decides whether the other
// end may send on the link. Left out: keys, priorities, the states of collecting and distributing, which here follow
// from it at once (the standard's coupled control), and defaulted and expired.
#pragma once

#include <cstdint>

namespace pvmsim::wire {

/// In an LACP frame's serial: "Synchronization", the sender has the link in its aggregate. Without it the receiver must
/// send no other frames on the link.
inline constexpr std::uint32_t kLacpInSync = 1;

}  // namespace pvmsim::wire
