// What an operator may make of Ethernet adapters (mkvdev -lnagg, smitty etherchannel) and what entstat tells of it.
// Rules: R-NET-02, behaviour 3.5, IBM "EtherChannel considerations": 8 primary adapters and one backup; virtual
// adapters only as Network Interface Backup, one primary and one backup; a hash mode only with modes that hash.
#include <algorithm>
#include <iterator>
#include <set>

#include "aix/network/link_aggregation.hpp"
#include "aix/network/link_aggregation_plan.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "aix/odm/predefined.hpp"

namespace pvmsim::aix {
namespace {

using Refusal = std::optional<std::string>;

PlannedAdapter planned(const EthernetDevice* device) {
    return {.name = device->name(),
            .is_virtual = dynamic_cast<const VirtualEthernetAdapterDevice*>(device) != nullptr,
            .is_aggregation = dynamic_cast<const LinkAggregation*>(device) != nullptr,
            .is_in_use = device->attached()};
}

Refusal refuse_numbers(const LinkAggregationPlan& config) {
    if (config.members.empty()) return "an EtherChannel needs at least one primary adapter";
    if (config.members.size() > LinkAggregation::kMembersMax)
        return "an EtherChannel has at most 8 primary adapters, not " + std::to_string(config.members.size());
    if (config.backups.size() > LinkAggregation::kBackupsMax)
        return "an EtherChannel has at most one backup adapter, not " + std::to_string(config.backups.size());
    return std::nullopt;
}

Refusal refuse_adapters(const LinkAggregationPlan& config) {
    std::set<std::string> names;
    auto all = config.members;
    all.insert(all.end(), config.backups.begin(), config.backups.end());
    for (const auto& adapter : all) {
        if (!names.insert(adapter.name).second) return adapter.name + " is named twice";
        if (adapter.is_in_use) return adapter.name + " is in use by another device or interface";
        if (adapter.is_aggregation) return adapter.name + " is an EtherChannel itself";
    }
    if (config.members.size() > 1 && std::ranges::any_of(config.members, &PlannedAdapter::is_virtual))
        return "virtual adapters cannot share load: only one primary and one backup adapter (Network Interface Backup)";
    return std::nullopt;
}

Refusal refuse_attributes(const LinkAggregationPlan& config) {
    AttributeSet attributes(etherchannel_attributes());
    for (const auto& [name, value] : config.attributes) {
        const auto* definition = attributes.definition(name);
        if (definition == nullptr) return name + ": no such attribute";
        if (auto refusal = check_attribute_value(*definition, value)) return refusal;
        attributes.set(name, value);
    }
    const auto& netaddr = attributes.get("netaddr");
    const bool pings = netaddr != "0" && !netaddr.empty();
    if (pings && !wire::parse_ipv4(netaddr)) return "netaddr: '" + netaddr + "' is not an IPv4 address";
    if (pings && config.backups.empty()) return "netaddr: '" + netaddr + "' needs a backup adapter";
    if (attributes.is("mode", "8023ad") && std::ranges::any_of(config.members, &PlannedAdapter::is_virtual))
        return "mode: '8023ad' needs a switch that speaks LACP, which a virtual switch does not";
    if (attributes.is("mode", "round_robin") && !attributes.is("hash_mode", "default"))
        return "hash_mode: '" + attributes.get("hash_mode") + "' has no meaning in mode round_robin";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> why_refused(const LinkAggregationPlan& plan) {
    if (auto refusal = refuse_numbers(plan)) return refusal;
    if (auto refusal = refuse_adapters(plan)) return refusal;
    return refuse_attributes(plan);
}

std::optional<std::string> why_refused(const LinkAggregationConfig& config) {
    LinkAggregationPlan plan{.attributes = config.attributes};
    std::ranges::transform(config.members, std::back_inserter(plan.members), planned);
    std::ranges::transform(config.backups, std::back_inserter(plan.backups), planned);
    return why_refused(plan);
}

bool LinkAggregation::may_carry_tags() const {
    const auto* primary = dynamic_cast<const VirtualEthernetAdapterDevice*>(members_.front().device);
    const auto* backup = dynamic_cast<const VirtualEthernetAdapterDevice*>(backup_);
    if (primary == nullptr || backup == nullptr) return true;
    return primary->config().vswitch != backup->config().vswitch;
}

std::string_view LinkAggregation::description() const {
    return attributes().is("mode", "8023ad") ? "IEEE 802.3ad Link Aggregation" : "EtherChannel / Link Aggregation";
}

LinkAggregationStatistics LinkAggregation::statistics() const {
    LinkAggregationStatistics statistics;
    statistics.operating_mode = mode_ == Mode::k8023ad        ? "Standard mode (IEEE 802.3ad)"
                                : mode_ == Mode::kRoundRobin  ? "Round-robin mode"
                                : mode_ == Mode::kNetifBackup ? "Network interface backup mode"
                                                              : "Standard mode";
    statistics.hash_mode = to_string(hash_mode_);
    statistics.on_backup = on_backup_;
    statistics.failovers = failovers_;
    statistics.recoveries = recoveries_;
    statistics.pings_sent = pings_sent_;
    statistics.pings_lost = pings_lost_;
    statistics.lacp = lacp_counters_;
    const auto add = [&](const EthernetDevice& device, const Counters& counters, bool in_use) {
        statistics.adapters.push_back({.name = device.name(),
                                       .is_backup = &device == backup_,
                                       .link_up = device.link_up(),
                                       .in_use = in_use,
                                       .sent = counters.sent,
                                       .send_failures = counters.send_failures,
                                       .received = counters.received,
                                       .received_idle = counters.received_idle,
                                       .losses = counters.losses});
    };
    std::size_t left = on_backup_ ? 0 : members_in_use();
    for (const auto& member : members_) {
        const bool in_use = left > 0 && usable(member);
        left -= in_use ? 1 : 0;
        add(*member.device, member.counters, in_use);
    }
    if (backup_ != nullptr) add(*backup_, backup_counters_, on_backup_ && up_);
    return statistics;
}

}  // namespace pvmsim::aix
