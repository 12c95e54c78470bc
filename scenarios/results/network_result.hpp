// What a run found about the network: each client's VLANs and flows, what bridged and carried them, where frames were
// dropped. Plain data; printed by network_table.hpp and network_json.hpp, docs/results.md.
//
// Bytes of flows are exact; frames that were sent as such are counted beside them, in frames.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aix/workload/flow_load.hpp"
#include "aix/workload/outage_meter.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::scenarios {

/// One flow over one interface.
struct FlowResult {
    std::string name;
    std::string interface;  ///< "en0"
    std::uint16_t vlan = 0;
    std::string to;         ///< host or partition
    std::string kind;       ///< "stream" or "transactions"
    std::string direction;  ///< of a stream: "send", "receive" or "both"
    aix::FlowLoadResult load;

    /// All directions together, mean of the time that somebody wanted it.
    [[nodiscard]] double offered_per_s() const { return per_s(load.bytes_offered); }
    [[nodiscard]] double delivered_per_s() const { return per_s(load.bytes_delivered); }

  private:
    [[nodiscard]] double per_s(std::uint64_t bytes) const {
        return load.used.count() > 0 ? static_cast<double>(bytes) / sim::to_seconds(load.used) : 0.0;
    }
};

/// All that a client has in one VLAN.
struct VlanResult {
    std::uint16_t vlan = 0;
    std::uint64_t requests = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t flow_bytes_lost = 0;
    std::vector<aix::Outage> outages;  ///< times at which some load there had no service
};

/// What a SEA did for flows and frames.
struct SeaTraffic {
    std::uint64_t bytes_out = 0;  ///< of flows, to its real adapter
    std::uint64_t bytes_in = 0;
    double cores_mean = 0;  ///< for flows, of its own machine's processors, over the run
    std::uint64_t frames_bridged = 0;
    std::uint64_t frames_dropped = 0;
};

/// What serving the network and disks took of a VIOS.
struct ServerTraffic {
    double cores_mean = 0;      ///< all I/O, over the run
    double flow_cores_max = 0;  ///< flows of all its SEAs, highest rate
    sim::Duration scarce{0};    ///< flows wanted more than it could give
};

/// A server's port and the link it is on.
struct LinkResult {
    std::string port;  ///< "p740a/C2-T1"
    std::string owner;
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;
    std::int64_t peak_out = 0;  ///< bytes a second
    std::int64_t peak_in = 0;
    std::int64_t limit_one_way = 0;
    std::int64_t limit_both_ways = 0;
    sim::Duration scarce{0};  ///< flows wanted more than it carries
};

/// A port of a switch outside that dropped something.
struct SwitchPortResult {
    std::string switch_name;
    std::uint32_t port = 0;
    std::string peer;
    std::uint64_t frames_in = 0;
    std::uint64_t frames_out = 0;
    std::uint64_t dropped = 0;
    std::vector<std::pair<std::string, std::uint64_t>> reasons;
};

struct NetworkResult {
    std::vector<LinkResult> links;               ///< that flows passed
    std::vector<SwitchPortResult> switch_drops;  ///< frames not let in, by reason
};

}  // namespace pvmsim::scenarios
