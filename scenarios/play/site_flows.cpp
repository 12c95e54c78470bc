// The network of flows and everybody's flows in it; see site.hpp.
// A site without flows has no such network: nothing looks for changes of paths there.
#include <algorithm>

#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

namespace {

/// [PARAM] Other speeds are planned with in proportion to Gigabit, as IBM's figures for 10 Gb are.
constexpr aix::LinkRate planned_rate(std::uint32_t speed_mbps) {
    return {aix::kGigabitLink.one_way * speed_mbps / fabric::kGigabitMbps,
            aix::kGigabitLink.both_ways * speed_mbps / fabric::kGigabitMbps};
}
static_assert(planned_rate(10'000).both_ways == aix::kTenGigabitLink.both_ways);

}  // namespace

void Site::build_flows() {
    const auto has_flows = [](const PartitionSite& partition) {
        return !partition.description->workload.flows.empty();
    };
    if (std::ranges::none_of(partitions_, has_flows)) return;
    flows_ = std::make_unique<aix::FlowNetwork>(engine_, lan_, "flows");
    for (auto& partition : partitions_) {
        flows_->add_system(*partition.os);
        for (const auto& device : partition.os->devices())
            if (const auto* adapter = dynamic_cast<const aix::PhysicalEthernetAdapter*>(device.get()))
                flows_->set_link_rate(*adapter, planned_rate(adapter->port().speed_mbps()));
        for (auto* sea : partition.seas) {
            sea_flows_.push_back(std::make_unique<vios::SeaFlows>(*sea));
            flows_->add_bridge(*sea_flows_.back());
        }
    }
    for (auto& partition : partitions_)
        for (const auto& flow : partition.description->workload.flows) {
            auto& interface = *partition.interfaces[flow.interface].device;
            auto config = flow.config;
            config.mtu_bytes = static_cast<std::uint32_t>(interface.attributes().integer("mtu"));
            config.largesend = interface.attributes().is("mtu_bypass", "on");
            partition.workload->add_flow_load(*flows_, interface, config);
        }
}

}  // namespace pvmsim::scenarios
