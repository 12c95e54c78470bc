// Building what lies outside the servers: LAN, SAN, arrays, zones and masks. See site.hpp.
// Ports of servers are cabled here too, as the servers are declared, because their cables end in this world.
#include <algorithm>
#include <utility>

#include "scenarios/play/names.hpp"
#include "scenarios/play/site.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::scenarios {

void Site::build_lan() {
    for (const auto& config : scenario_.fabric.lan.switches) lan_.add_switch(config);
    for (const auto& link : scenario_.fabric.lan.links) {
        const auto cable = lan_.connect(lan_.find_switch(link.a), lan_.find_switch(link.b), link.config);
        cables_[link.a + "/" + link.b] = cables_[link.b + "/" + link.a] = {.lan = cable, .san = {}};
        if (!link.plugged) lan_.leave_unplugged(cable);
    }
    for (const auto& host : scenario_.fabric.lan.hosts) {
        auto config = host.config;
        for (const auto& remote : scenario_.fabric.lan.remote_hosts)
            if (std::ranges::find(remote.behind, config.name) != remote.behind.end())
                for (const auto& [vlan, address] : host.config.addresses)
                    config.addresses.emplace_back(vlan, remote.address);
        lan_.add_host(std::move(config), lan_.find_switch(host.port.switch_name));
    }
}

void Site::build_san() {
    for (const auto& fabric : scenario_.fabric.san) {
        const auto id = san_.add_fabric(fabric.config);
        for (const auto& name : fabric.switches) san_.add_switch(id, name);
        for (const auto& [a, b] : fabric.links) {
            const auto cable = san_.connect(san_.find_switch(a), san_.find_switch(b));
            cables_[a + "/" + b] = cables_[b + "/" + a] = {.lan = {}, .san = cable};
        }
    }
}

void Site::build_arrays() {
    for (const auto& described : scenario_.fabric.arrays) {
        auto& array = *arrays_.emplace_back(std::make_unique<fabric::StorageArray>(engine_, described.config));
        for (const auto& port : described.ports) {
            const auto path = described.config.name + "/" + port.name;
            auto& fc_port = san_.add_port(path, array_wwpn(path), true);
            array.add_port(port.controller, fc_port);
            fc_ports_.emplace(path, &fc_port);
            cables_[path] = {.lan = {}, .san = san_.connect(fc_port, san_.find_switch(port.switch_name))};
        }
    }
}

void Site::build_system_ports(const SystemDescription& system) {
    for (const auto& adapter : system.adapters) {
        for (const auto& port : adapter.ports) {
            const auto path = system.config.name + "/" + adapter.slot.location + "-" + port.name;
            if (adapter.slot.kind == hypervisor::AdapterKind::kEthernet) {
                auto& nic = lan_.add_nic_port(path, port.mac.value_or(adapter_mac(path)));
                nic.set_speed_mbps(port.speed_mbps);
                nic_ports_.emplace(path, &nic);
                if (!port.lan.switch_name.empty())
                    cables_[path] = {.lan = lan_.connect(nic, lan_.find_switch(port.lan.switch_name), port.lan.config),
                                     .san = {}};
            } else if (adapter.slot.kind == hypervisor::AdapterKind::kFibreChannel) {
                auto& fc_port = san_.add_port(path, port.wwpn.value_or(adapter_wwpn(path)), false);
                fc_ports_.emplace(path, &fc_port);
                if (!port.fc_switch.empty())
                    cables_[path] = {.lan = {}, .san = san_.connect(fc_port, san_.find_switch(port.fc_switch))};
            }
        }
    }
}

std::vector<wire::Wwpn> Site::wwpns_of(std::string_view member) const {
    if (const auto port = fc_ports_.find(member); port != fc_ports_.end()) return {port->second->wwpn()};
    if (const auto wwpn = wire::parse_wwpn(member)) return {*wwpn};
    std::vector<wire::Wwpn> names;
    const auto add_ports_below = [&](std::string_view owner) {
        for (const auto& [path, port] : fc_ports_)
            if (path.starts_with(owner) && path.size() > owner.size() && path[owner.size()] == '/')
                names.push_back(port->wwpn());
    };
    for (const auto& array : arrays_)
        if (array->name() == member) add_ports_below(member);
    for (const auto& partition : partitions_) {
        if (partition.name() != member) continue;
        const auto& defined = partition.system->partition(partition.id());
        for (const auto& request : defined.profile.io_slots)
            if (const auto* slot = partition.system->find_slot(request.drc_index)) {
                const auto prefix = partition.description->system + "/" + slot->config.location + "-";
                for (const auto& [path, port] : fc_ports_)
                    if (path.starts_with(prefix)) names.push_back(port->wwpn());
            }
        for (const auto& adapter : defined.profile.virtual_fc_adapters)
            if (adapter.wwpns) names.insert(names.end(), {adapter.wwpns->first, adapter.wwpns->second});
    }
    return names;
}

void Site::build_zones_and_luns() {
    for (const auto& described : scenario_.fabric.san) {
        if (described.switches.empty()) continue;
        const auto fabric = san_.fabric_of(san_.find_switch(described.switches.front()));
        for (const auto& zone : described.zones) {
            std::vector<wire::Wwpn> members;
            for (const auto& member : zone.members) {
                const auto names = wwpns_of(member);
                members.insert(members.end(), names.begin(), names.end());
            }
            san_.add_zone(fabric, zone.name, std::move(members));
        }
    }
    for (std::size_t index = 0; index < arrays_.size(); ++index) {
        const auto& described = scenario_.fabric.arrays[index];
        for (const auto& lun : described.luns) {
            std::vector<wire::Wwpn> hosts;
            for (const auto& host : lun.hosts) {
                const auto names = wwpns_of(host);
                hosts.insert(hosts.end(), names.begin(), names.end());
            }
            arrays_[index]->add_lun({.name = lun.name, .size_bytes = lun.size_bytes, .hosts = std::move(hosts)});
            const auto unit = described.config.name + "." + lun.name;
            const bool new_unit = unit_names_.emplace(aix::identity_of(unit), unit).second;
            PVMSIM_ASSERT(new_unit);
        }
    }
}

fabric::StorageArray* Site::find_array(std::string_view name) {
    const auto found = std::ranges::find_if(arrays_, [&](const auto& array) { return array->name() == name; });
    return found == arrays_.end() ? nullptr : found->get();
}

CableAt Site::find_cable(std::string_view place) const {
    const auto found = cables_.find(place);
    return found == cables_.end() ? CableAt{} : found->second;
}

std::string_view Site::unit_name(aix::DiskIdentity identity) const {
    const auto found = unit_names_.find(identity);
    return found == unit_names_.end() ? std::string_view{} : std::string_view{found->second};
}

}  // namespace pvmsim::scenarios
