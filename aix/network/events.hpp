// Events of Ethernet devices and interfaces. All stay inside one operating system; frames between machines travel as
// the virtual switch's and the LAN's own events.
#pragma once

#include <cstdint>
#include <string_view>

#include "fabric/wire/ethernet.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// adapter -> its driver, at once: the carrier came or went. A hung system learns of it when it runs again.
struct LinkInterrupt {
    static constexpr std::string_view kName = "link-interrupt";
};

/// interface -> itself, a second after a question: has the address been resolved?
struct ArpTimer {
    static constexpr std::string_view kName = "arp-timer";
    wire::Ipv4Address address;
};

/// link aggregation -> itself, every LACP interval: talk to the switch, miss who is silent.
struct LacpTimer {
    static constexpr std::string_view kName = "lacp-timer";
};

/// link aggregation -> itself: the wait between a partner's first word and joining the aggregate is over.
struct LacpAttach {
    static constexpr std::string_view kName = "lacp-attach";
    std::uint32_t member;
};

/// link aggregation -> itself, every retry_time while netaddr is set: ask again, count what was not answered.
struct AggregationPingDue {
    static constexpr std::string_view kName = "aggregation-ping-due";
};

/// inet0 -> itself: look whether a default route's gateway answered, and ask it again.
struct GatewayPingDue {
    static constexpr std::string_view kName = "gateway-ping-due";
    std::uint32_t route;
};

}  // namespace pvmsim::aix
