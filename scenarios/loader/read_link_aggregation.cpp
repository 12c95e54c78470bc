// `link_aggregations:` - EtherChannels of a VIOS, of an AIX client with adapters of its own, and Network Interface
// Backup over two virtual adapters (R-NET-02, R-NET-03). What AIX would refuse is asked of aix/ and told at the
// attribute. Members on two switches, LACP on one side only: a real system accepts them, so they pass.
#include "aix/network/link_aggregation_plan.hpp"
#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

void Reading::read_client_aggregations(const Fields& fields, PartitionDescription& partition) {
    const auto& written = fields.entries("link_aggregations");
    if (!written.empty() && partition.config.lpar_env != hypervisor::PartitionEnvironment::kAixLinux)
        return say(fields.place_of("link_aggregations"),
                   "'link_aggregations' of a partition is for lpar_env aixlinux; a VIOS has its own in 'vios'");
    for (const auto& entry : written) read_link_aggregation(entry, partition, partition.link_aggregations);
}

aix::PlannedAdapter Reading::read_aggregated_adapter(const Node& name, const PartitionDescription& partition) {
    const bool is_virtual = is_virtual_slot(name.text);
    if (is_virtual) {
        const auto* adapter = check_virtual_ethernet(name, partition);
        if (adapter && adapter->is_trunk())
            say(name.place,
                name.text + " of '" + partition.config.name + "' is a trunk adapter, which belongs to a SEA");
    } else {
        check_owned_port(name, partition, hypervisor::AdapterKind::kEthernet);
    }
    claim_device(name.place, name.text);
    return {.name = name.text, .is_virtual = is_virtual};
}

void Reading::read_link_aggregation(const Entry& entry, PartitionDescription& partition,
                                    std::vector<LinkAggregationDescription>& into) {
    const Fields fields(&entry.value);
    const auto mistakes = errors_.all().size();
    LinkAggregationDescription aggregation;
    aix::LinkAggregationPlan plan;
    aggregation.name = entry.key;
    if (!entry.key.starts_with("ent"))
        say(entry.key_place, "a link aggregation is a device entN, not '" + entry.key + "'");
    claim_device(entry.key_place, entry.key);
    for (const auto& item : fields.items("adapter_names")) {
        if (!item.is_scalar()) continue;
        plan.members.push_back(read_aggregated_adapter(item, partition));
        aggregation.adapter_names.push_back(item.text);
    }
    if (const auto* backup = fields.scalar("backup_adapter")) {
        plan.backups.push_back(read_aggregated_adapter(*backup, partition));
        aggregation.backup_adapter = backup->text;
    }
    for (const auto& attribute : fields.entries())
        if (attribute.key != "adapter_names" && attribute.key != "backup_adapter" && attribute.value.is_scalar())
            aggregation.attributes.emplace_back(attribute.key, attribute.value.text);
    plan.attributes = aggregation.attributes;
    if (errors_.all().size() == mistakes && !plan.members.empty()) {
        if (const auto refusal = aix::why_refused(plan)) {
            const auto attribute = refusal->substr(0, refusal->find(':'));
            say(fields.place_of(fields.has(attribute) ? attribute : "adapter_names"), *refusal);
        }
    }
    into.push_back(std::move(aggregation));
}

}  // namespace pvmsim::scenarios
