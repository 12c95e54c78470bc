// What a switch tells about its ports, its storms and the addresses that flap: counters, states and causes. Plain data
// for results, consoles and audits. Causes follow the words of the usual "show interface" and "errdisable" listings.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/lan/events.hpp"
#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::fabric {

/// 802.1D's states of a port. Disabled: no link, or the switch is off.
enum class PortState : std::uint8_t { kDisabled, kBlocking, kListening, kLearning, kForwarding };
[[nodiscard]] std::string_view to_string(PortState state);

/// Why the switch itself took a port out of service.
enum class ErrorCause : std::uint8_t { kNone, kBpduGuard, kMacFlap, kStormControl };
/// "bpduguard", "mac-flap", "storm-control"; empty for none.
[[nodiscard]] std::string_view to_string(ErrorCause cause);

/// A port's part in its channel. Without a channel or with a static one: kNone.
enum class LacpState : std::uint8_t {
    kNone,
    kWaiting,     ///< has link, the partner has said nothing yet: carries nothing
    kBundled,     ///< the partner speaks
    kSuspended,   ///< the partner is silent: carries nothing, the light stays on
    kIndividual,  ///< the partner is silent: carries frames as a port of its own
    kMismatched,  ///< its VLANs differ from those of the channel's first port: carries nothing
};
[[nodiscard]] std::string_view to_string(LacpState state);

/// Why a frame was dropped on arrival.
enum class LanDrop : std::uint8_t {
    kNotForwarding,   ///< no link, or the spanning tree has not let the port forward (yet)
    kNotBundled,      ///< the port has no place in its channel
    kTaggedOnAccess,  ///< a tag on an access port
    kVlanUnknown,     ///< the switch does not have the VLAN
    kVlanNotAllowed,  ///< the trunk does not let the VLAN through
    kStorm,           ///< lost in a storm, or dropped by storm control
    kLacpIgnored,     ///< an LACP frame at a port that does not speak it
    kTooLong,         ///< a jumbo frame where the switch does not take them ("giants")
};
inline constexpr std::size_t kLanDropCount = 8;
[[nodiscard]] std::string_view to_string(LanDrop reason);

struct PortCounters {
    std::uint64_t frames_in = 0;
    std::uint64_t frames_out = 0;
    std::uint64_t frames_dropped = 0;  ///< on arrival, of all reasons
    std::uint64_t floods = 0;          ///< arrived and left by every other port of the VLAN
    std::uint64_t moves_here = 0;      ///< addresses that were heard at another port before
    std::uint64_t bpdus_in = 0;
    std::uint64_t err_disables = 0;
    std::array<std::uint64_t, kLanDropCount> drops{};

    [[nodiscard]] std::uint64_t dropped(LanDrop reason) const { return drops[static_cast<std::size_t>(reason)]; }
    void drop(LanDrop reason) {
        ++frames_dropped;
        ++drops[static_cast<std::size_t>(reason)];
    }
};

/// Frames of one VLAN which a port did not let in: the VLAN somebody forgot outside.
struct VlanDrop {
    SwitchPort port;
    wire::VlanId vlan;
    LanDrop reason = LanDrop::kVlanUnknown;  ///< kTaggedOnAccess, kVlanUnknown or kVlanNotAllowed; of the last one
    std::uint64_t frames = 0;
};

struct PortReport {
    SwitchPort port;
    std::string peer;  ///< path of the station, or name of the switch
    bool link = false;
    PortState state = PortState::kDisabled;
    ErrorCause error = ErrorCause::kNone;
    LacpState lacp = LacpState::kNone;
    PortCounters counters;
};

/// A storm of one VLAN, told by the switch that noticed the loop.
struct StormReport {
    wire::VlanId vlan;
    SwitchPort port;  ///< where the frame came back
    sim::SimTime began{};
    std::optional<sim::SimTime> ended;
    std::uint64_t offered_copies_per_s = 0;  ///< what a loop at the speed of its links makes
    std::uint64_t copies_per_s = 0;          ///< what storm control lets live of these
    std::uint64_t dropped = 0;  ///< copies that storm control dropped and frames lost at this switch, so far
};

/// An address that was heard alternately at two ports: a loop, a duplicate, or a channel the switch knows nothing of.
struct FlapReport {
    wire::VlanId vlan;
    wire::MacAddress mac;
    SwitchPort from;
    SwitchPort to;
    sim::SimTime first{};
    sim::SimTime last{};
    std::uint64_t moves = 0;  ///< since it was found to flap
};

}  // namespace pvmsim::fabric
