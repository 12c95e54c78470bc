// `vios:` - what a Virtual I/O Server makes of its adapters: link aggregations, Shared Ethernet Adapters, virtual
// target devices, mappings of virtual Fibre Channel adapters. Key names are the attributes of mkvdev, chdev and vfcmap.
#include "aix/odm/predefined.hpp"
#include "scenarios/schema/device_keys.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

Spec sea_spec() {
    auto trunks = list_of(simple(Type::kVirtualSlot));
    trunks.items_min = 1;
    std::vector<Key> keys{
        required("real_adapter", simple(Type::kText), "Physical port (C2-T1) or link aggregation (ent9)."),
        required("virt_adapters", std::move(trunks), "Trunk adapters it bridges, at most 16."),
        depends("pvid_adapter", simple(Type::kVirtualSlot), "Trunk adapter that takes untagged frames.", "the first"),
        depends("ctl_chan", simple(Type::kVirtualSlot), "Control channel: same port VLAN on both VIOSes, no trunk.",
                "none: VLAN 4095 over the trunk adapters, from level 2.2.3.0 on"),
        depends("ip", simple(Type::kIpv4), "Address of the VIOS on this adapter; netaddr needs it.", "none"),
        depends("ip_vlan", integer(1, 4094), "VLAN of that address.", "untagged: pvid"),
        depends("netmask", simple(Type::kIpv4), "Its network; routes need it.",
                "0.0.0.0: every address is a neighbour"),
    };
    for (auto& key :
         attribute_keys(aix::sea_attributes(), {"real_adapter", "virt_adapters", "pvid_adapter", "ctl_chan"})) {
        if (key.name == "pvid") key.default_words = "port VLAN of pvid_adapter";
        keys.push_back(std::move(key));
    }
    for (auto& key : keys) {
        if (key.name == "netaddr") key.needs = {"ip"};
        if (key.name == "ip_vlan" || key.name == "netmask") key.needs = {"ip"};
    }
    return map_of(std::move(keys));
}

}  // namespace

Spec link_aggregations_spec(Type adapter) {
    const bool clients = adapter != Type::kPortName;
    auto names = list_of(simple(adapter));
    names.items_min = 1;
    std::vector<Key> keys{
        required("adapter_names", std::move(names),
                 clients ? "Primary adapters: at most 8 physical ports (C2-T1), or one virtual adapter (V10)."
                         : "Primary ports, at most 8, on one switch."),
        optional("backup_adapter", simple(adapter),
                 clients ? "Adapter used when all primary ones have failed or netaddr does not answer over them."
                         : "Port used when all primary ones have failed, on another switch."),
    };
    for (auto& key : attribute_keys(aix::etherchannel_attributes(), {"adapter_names", "backup_adapter"}))
        keys.push_back(std::move(key));
    return named(KeyForm::kDevice, map_of(std::move(keys)));
}

Spec virtual_io_server_spec() {
    auto target = map_of({
        required("vdev", simple(Type::kLunName), "The logical unit behind it, as array.lun."),
        required("vadapter", simple(Type::kVirtualSlot), "The virtual SCSI server adapter that offers it."),
    });
    return map_of({
        depends("level", simple(Type::kText),
                "Level as ioslevel prints it: 2.2.1.0 brought ha_mode=sharing, 2.2.3.0 failover without ctl_chan.",
                "2.2.6.0"),
        optional("link_aggregations", link_aggregations_spec(Type::kPortName), "EtherChannels by device name (ent9)."),
        optional("shared_ethernet_adapters", named(KeyForm::kDevice, sea_spec()), "SEAs by device name (ent8)."),
        optional("virtual_targets", named(KeyForm::kName, std::move(target)),
                 "Virtual target devices by name: mkvdev in words."),
        optional("vfc_mappings", named(KeyForm::kVirtualSlot, simple(Type::kPortName)),
                 "Virtual FC server adapter to physical port: vfcmap in words."),
    });
}

}  // namespace pvmsim::scenarios
