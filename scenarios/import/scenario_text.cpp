// The frame of an imported scenario: head, fabric, system and timeline; partitions are in partition_text. Everything in
// `fabric:` is assumed, and says so once.
#include "scenarios/import/scenario_text.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "hypervisor/hardware/system_model.hpp"
#include "scenarios/import/partition_text.hpp"
#include "scenarios/import/record_reader.hpp"
#include "scenarios/import/sea_grouping.hpp"
#include "scenarios/import/yaml_writer.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::AdapterKind;
using hypervisor::PartitionEnvironment;

std::string_view word(AdapterKind kind) {
    switch (kind) {
        case AdapterKind::kEmpty:
            return "empty";
        case AdapterKind::kEthernet:
            return "ethernet";
        case AdapterKind::kFibreChannel:
            return "fc";
        case AdapterKind::kStorage:
            return "sas";
        case AdapterKind::kOther:
            return "other";
    }
    return {};
}

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

/// The recorded machine type, or the smallest one in the table that takes the machine.
std::string_view modelled_type(const RecordedMachine& machine) {
    if (hypervisor::find_system_model(machine.type_model) != nullptr) return machine.type_model;
    const hypervisor::SystemModel* best = nullptr;
    for (const auto& model : hypervisor::system_models()) {
        if (model.cores_max < machine.cores || model.memory_max_gib * 1024 < machine.memory_mib) continue;
        if (best == nullptr || model.cores_max < best->cores_max) best = &model;
    }
    return best == nullptr ? std::string_view(machine.type_model) : best->type_model;
}

class ScenarioText {
  public:
    ScenarioText(const RecordedMachine& machine, const AssumedSite& site) : machine_(machine), site_(site) {}

    std::string write() {
        write_head();
        write_fabric();
        write_system();
        write_partitions(out_, machine_, site_);
        write_timeline();
        return std::move(out_).take();
    }

  private:
    void write_head();
    void write_fabric();
    void write_lan();
    void write_san();
    void write_storage();
    void write_system();
    void write_slot(const AssumedSlot& slot);
    void write_ports(const AssumedSlot& slot);
    [[nodiscard]] std::string ethernet_port(const AssumedSlot& slot, std::uint32_t port) const;
    void write_timeline();

    [[nodiscard]] const std::string& name_of(hypervisor::PartitionId id) const {
        return std::ranges::find(machine_.partitions, id, &RecordedPartition::lpar_id)->name;
    }

    const RecordedMachine& machine_;
    const AssumedSite& site_;
    YamlWriter out_;
};

void ScenarioText::write_head() {
    out_.comment("Imported from HMC listings of the managed system " + machine_.name + ".");
    out_.comment(
        "What has no comment is what the listings say. `default:` and `assumed:` mark what they do not tell, filled in "
        "by the rules of docs/import.md: correct it where you know better.");
    for (const auto& note : machine_.notes) out_.comment("- " + note);
    for (const auto& note : site_.notes) out_.comment("- " + note);
    out_.pair("pvmsim", "1");
    out_.pair("name", yaml_quoted("Imported from the HMC: " + machine_.name));
    out_.pair("seed", "1", "default");
    out_.pair("duration", "8min", "default");
    out_.blank();
}

void ScenarioText::write_fabric() {
    if (site_.vlans.empty() && site_.luns.empty()) {
        out_.pair("fabric", "{}", "no trunk adapter and no virtual disk in the listings: nothing outside is reached");
        out_.blank();
        return;
    }
    out_.comment("default: an HMC does not see what its systems are cabled to.");
    out_.pair("fabric", {});
    out_.indent();
    if (!site_.vlans.empty()) write_lan();
    if (!site_.luns.empty()) {
        write_san();
        write_storage();
    }
    out_.outdent();
    out_.blank();
}

void ScenarioText::write_lan() {
    std::vector<std::string> vlans;
    for (const auto vlan : site_.vlans) vlans.push_back(std::to_string(vlan.value()));
    out_.pair("lan", {});
    out_.indent();
    out_.pair("switches", {});
    out_.indent();
    out_.pair("sw1", "{ vlans: [" + join(vlans) + "] }", "the VLANs that trunk adapters serve");
    out_.outdent();
    out_.pair("hosts", {});
    out_.indent();
    out_.pair("gateway", "{ switch: sw1, vlans: [" + join(vlans) + "] }");
    out_.outdent();
    out_.outdent();
}

void ScenarioText::write_san() {
    std::vector<std::string> members;
    for (const auto& lun : site_.luns) {
        for (const auto host : lun.hosts) {
            if (std::ranges::find(members, name_of(host)) == members.end()) members.push_back(name_of(host));
        }
    }
    out_.pair("san", {});
    out_.indent();
    const char* fabric = "fabric_a";
    for (const auto fc_switch : kAssumedFcSwitches) {
        out_.pair(fabric, {});
        out_.indent();
        out_.pair("switches", "[" + std::string(fc_switch) + "]");
        out_.pair("zones", {});
        out_.indent();
        for (const auto& member : members) {
            out_.pair(yaml_text(member + "_storage"), "[" + yaml_text(member) + ", storage]");
        }
        out_.outdent();
        out_.outdent();
        fabric = "fabric_b";
    }
    out_.outdent();
}

void ScenarioText::write_storage() {
    out_.pair("storage", {});
    out_.indent();
    out_.pair("storage", {});
    out_.indent();
    out_.pair("service_time", "5ms");
    out_.pair("ports", "{ A-P0: fcsw1, A-P1: fcsw2, B-P0: fcsw1, B-P1: fcsw2 }");
    out_.pair("luns", {}, "one for each adapter pair of a client");
    out_.indent();
    for (const auto& lun : site_.luns) {
        std::vector<std::string> hosts;
        for (const auto host : lun.hosts) hosts.push_back(yaml_text(name_of(host)));
        out_.pair(yaml_text(lun.name), "{ size: 50GB, hosts: [" + join(hosts) + "] }");
    }
    out_.outdent();
    out_.outdent();
    out_.outdent();
}

void ScenarioText::write_system() {
    const auto type = modelled_type(machine_);
    out_.pair("systems", {});
    out_.indent();
    out_.pair(yaml_text(machine_.name), {});
    out_.indent();
    out_.pair("type_model", yaml_text(type),
              type == machine_.type_model ? ""
                                          : "default: the listing says " + machine_.type_model +
                                                ", which is not modelled; the smallest that takes this machine");
    out_.pair("serial_num", yaml_quoted(machine_.serial_num));
    out_.pair("cores", std::to_string(machine_.cores));
    out_.pair("memory", std::to_string(machine_.memory_mib) + "MB");
    out_.pair("mem_region_size", std::to_string(machine_.mem_region_size_mib) + "MB");
    if (!site_.slots.empty()) {
        out_.pair("slots", {});
        out_.indent();
        for (const auto& slot : site_.slots) write_slot(slot);
        out_.outdent();
    }
    out_.outdent();
    out_.outdent();
    out_.blank();
}

void ScenarioText::write_slot(const AssumedSlot& slot) {
    const auto& config = slot.slot.config;
    out_.pair(yaml_text(config.location), {}, slot.note.empty() ? "" : "assumed: " + slot.note);
    out_.indent();
    out_.pair("adapter", word(config.kind));
    if (!config.unit_phys_loc.empty()) out_.pair("unit_phys_loc", yaml_quoted(config.unit_phys_loc));
    out_.pair("drc_index", yaml_quoted(drc_index_text(config.drc_index)));
    if (config.bus_id != 0) out_.pair("bus_id", std::to_string(config.bus_id));
    if (!config.description.empty()) out_.pair("description", yaml_quoted(config.description));
    write_ports(slot);
    out_.outdent();
}

void ScenarioText::write_ports(const AssumedSlot& slot) {
    const auto& config = slot.slot.config;
    if (config.kind != AdapterKind::kEthernet && config.kind != AdapterKind::kFibreChannel) return;
    std::vector<std::string> ports;
    for (std::uint32_t port = 1; port <= config.ports; ++port) {
        const auto fc_switch = slot.fc_switch_of_port.find(port);
        std::string text = ethernet_port(slot, port);
        if (fc_switch != slot.fc_switch_of_port.end()) text = "{ switch: " + fc_switch->second + " }";
        ports.push_back("T" + std::to_string(port) + ": " + text);
    }
    out_.pair("ports", "{ " + join(ports) + " }");
}

/// The switch port fits the SEA behind it: its PVID leaves the SEA untagged, every other VLAN tagged.
std::string ScenarioText::ethernet_port(const AssumedSlot& slot, std::uint32_t port) const {
    const auto user = slot.sea_of_port.find(port);
    if (user == slot.sea_of_port.end()) return "{}";
    const auto& sea = site_.seas[user->second];
    const auto pvid = sea.trunks.front().port_vlan_id;
    std::set<wire::VlanId> tagged;
    for (const auto& trunk : sea.trunks) {
        for (const auto vlan : vlans_of(trunk)) tagged.insert(vlan);
    }
    tagged.erase(pvid);
    const auto native = std::to_string(pvid.value());
    if (tagged.empty()) return "{ switch: sw1, mode: access, vlan: " + native + " }";
    std::vector<std::string> vlans;
    for (const auto vlan : tagged) vlans.push_back(std::to_string(vlan.value()));
    return "{ switch: sw1, mode: trunk, native_vlan: " + native + ", vlans: [" + join(vlans) + "] }";
}

void ScenarioText::write_timeline() {
    const auto is_target = [](const RecordedPartition& partition) {
        return partition.running && partition.lpar_env == PartitionEnvironment::kVioServer;
    };
    const auto target = std::ranges::find_if(machine_.partitions, is_target);
    out_.blank();
    if (target == machine_.partitions.end()) {
        out_.comment("No timeline: no Virtual I/O Server is running.");
        return;
    }
    out_.pair("timeline", {}, "default: the first Virtual I/O Server is switched off and comes back");
    out_.indent();
    out_.item("{ at: 60s, fault: power-off, target: " + yaml_text(target->name) + " }");
    out_.item("{ at: 240s, repair: power-off, target: " + yaml_text(target->name) + " }");
    out_.outdent();
}

}  // namespace

std::string write_scenario(const RecordedMachine& machine, const AssumedSite& site) {
    return ScenarioText(machine, site).write();
}

}  // namespace pvmsim::scenarios
