// Writing the network's figures as JSON; see network_json.hpp.
// Flows are a list: one name may stand for several, over several interfaces.
#include "scenarios/results/network_json.hpp"

namespace pvmsim::scenarios {

namespace json = boost::json;

json::array outages_json(const std::vector<aix::Outage>& outages) {
    json::array list;
    for (const auto& outage : outages)
        list.push_back({{"start", sim::to_seconds(outage.start)},
                        {"end", sim::to_seconds(outage.end)},
                        {"ongoing", outage.ongoing}});
    return list;
}

void add_outages(json::object& object, const std::vector<aix::Outage>& outages) {
    object["outages"] = outages_json(outages);
    object["longest_outage_s"] = sim::to_seconds(aix::longest(outages));
    object["total_outage_s"] = sim::to_seconds(aix::total(outages));
}

json::array flows_json(const PartitionResult& partition) {
    json::array flows;
    for (const auto& flow : partition.flows) {
        json::object object{{"name", flow.name},
                            {"interface", flow.interface},
                            {"vlan", flow.vlan},
                            {"to", flow.to},
                            {"kind", flow.kind}};
        if (!flow.direction.empty()) object["direction"] = flow.direction;
        object["used_s"] = sim::to_seconds(flow.load.used);
        object["bytes_offered"] = flow.load.bytes_offered;
        object["bytes_delivered"] = flow.load.bytes_delivered;
        object["bytes_lost"] = flow.load.bytes_lost;
        object["offered_bytes_per_s"] = flow.offered_per_s();
        object["delivered_bytes_per_s"] = flow.delivered_per_s();
        if (flow.kind == "transactions") object["transactions"] = flow.load.transactions;
        add_outages(object, flow.load.outages);
        flows.push_back(std::move(object));
    }
    return flows;
}

json::array network_series_json(const PartitionResult& partition) {
    json::array rows;
    for (const auto& sample : partition.network_series) {
        json::object row{{"end_s", sample.end_s}};
        if (sample.has_flows) {
            row["offered_bytes_per_s"] = sample.offered;
            row["delivered_bytes_per_s"] = sample.delivered;
            row["lost_bytes_per_s"] = sample.lost;
            row["stalled"] = sample.stalled;
        }
        if (sample.is_bridge) {
            row["bridged_out_bytes_per_s"] = sample.out;
            row["bridged_in_bytes_per_s"] = sample.in;
            row["flow_cores"] = sample.cores;
        }
        if (row.size() > 1) rows.push_back(std::move(row));
    }
    return rows;
}

json::object vlans_json(const PartitionResult& partition) {
    json::object vlans;
    for (const auto& vlan : partition.vlans) {
        json::object object{{"requests", vlan.requests},   {"lost", vlan.lost},
                            {"late", vlan.late},           {"duplicated", vlan.duplicated},
                            {"reordered", vlan.reordered}, {"flow_bytes_lost", vlan.flow_bytes_lost}};
        add_outages(object, vlan.outages);
        vlans[std::to_string(vlan.vlan)] = std::move(object);
    }
    return vlans;
}

json::object sea_json(const SeaResult& sea) {
    return {{"state", sea.state},
            {"times_primary", sea.times_primary},
            {"times_backup", sea.times_backup},
            {"frames_bridged", sea.traffic.frames_bridged},
            {"frames_dropped", sea.traffic.frames_dropped},
            {"flow_bytes_out", sea.traffic.bytes_out},
            {"flow_bytes_in", sea.traffic.bytes_in},
            {"flow_cores_mean", sea.traffic.cores_mean}};
}

json::object server_json(const ServerTraffic& server) {
    return {{"io_cores_mean", server.cores_mean},
            {"flow_cores_max", server.flow_cores_max},
            {"flow_short_s", sim::to_seconds(server.scarce)}};
}

json::object network_json(const NetworkResult& network) {
    json::object links;
    for (const auto& link : network.links)
        links[link.port] = {{"partition", link.owner},
                            {"flow_bytes_out", link.bytes_out},
                            {"flow_bytes_in", link.bytes_in},
                            {"max_out_bytes_per_s", link.peak_out},
                            {"max_in_bytes_per_s", link.peak_in},
                            {"limit_one_way_bytes_per_s", link.limit_one_way},
                            {"limit_both_ways_bytes_per_s", link.limit_both_ways},
                            {"short_s", sim::to_seconds(link.scarce)}};
    json::array drops;
    for (const auto& port : network.switch_drops) {
        json::object reasons;
        for (const auto& [reason, frames] : port.reasons) reasons[reason] = frames;
        drops.push_back({{"switch", port.switch_name},
                         {"port", port.port},
                         {"peer", port.peer},
                         {"frames_in", port.frames_in},
                         {"frames_out", port.frames_out},
                         {"dropped", port.dropped},
                         {"reasons", std::move(reasons)}});
    }
    return {{"links", std::move(links)}, {"switch_drops", std::move(drops)}};
}

}  // namespace pvmsim::scenarios
