// `fabric:` - Ethernet switches and hosts, SAN fabrics and zones, storage arrays and their logical units.
// Limits are those of the standards (VLAN ids, 802.1D timers) or far beyond any real site.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Spec vlan() { return integer(1, 4094); }
Spec short_time() { return duration_spec(0, 60 * kSecond); }

/// What a switch does about loops.
std::vector<Key> loop_keys() {
    return {
        optional("flooded_copies_max_per_s", integer(1, 1'000'000'000),
                 "Storm control: copies of broadcasts and floods a second; more are dropped.", "200000"),
        optional("storm_action", word({"limit", "shutdown"}),
                 "When frames go round in a loop: drop what is too much, or error-disable the port.", "limit"),
        optional("port_bits_per_s", integer(1'000'000, 1'000'000'000'000), "Speed of its ports: how fast a loop turns.",
                 "10000000000"),
        optional("storm_loss_permille", integer(0, 1000),
                 "Of 1000 other frames of a VLAN in a storm so many are lost here.", "900"),
        optional("mac_flap_moves_max", integer(1, 1'000'000),
                 "An address that moves between two ports so often within mac_flap_interval flaps.", "10"),
        optional("mac_flap_interval", duration_spec(1'000'000, 86'400 * kSecond), "See mac_flap_moves_max.", "10s"),
        optional("mac_flap_err_disable", simple(Type::kBoolean),
                 "The port that a flapping address moved to is disabled.", "false"),
        optional("err_disable_recovery", duration_spec(0, 86'400 * kSecond),
                 "An error-disabled port tries again after this; 0: never.", "300s"),
    };
}

Spec lan_spec() {
    auto an_ethernet_switch = map_of({
        depends("vlans", list_of(vlan()), "VLANs the switch knows; frames of any other are dropped.", "every VLAN"),
        optional("spanning_tree", simple(Type::kBoolean),
                 "Spanning tree protects against loops; off is for edge switches only.", "true"),
        optional("bridge_priority", integer(0, 61440), "The lowest becomes root of the spanning tree.", "32768"),
        optional("forward_delay", duration_spec(kSecond, 60 * kSecond),
                 "How long a port without PortFast listens, and again learns, before it forwards.", "15s"),
        optional("mac_ageing", duration_spec(kSecond, 86'400 * kSecond),
                 "A silent station's address is forgotten after this.", "300s"),
        optional("forwarding_latency", short_time(), "Store and forward of one frame.", "5us"),
        optional("mtu", integer(1500, 9216), "A longer packet is dropped; 9000 and more for jumbo frames.", "1500"),
    });
    for (auto& key : loop_keys()) an_ethernet_switch.keys.push_back(std::move(key));
    auto link = map_of({
        required("a", simple(Type::kName), "One switch."),
        required("b", simple(Type::kName), "The other switch."),
        depends("vlans", list_of(vlan()), "VLANs let through with a tag.", "all that both know"),
        optional("native_vlan", vlan(), "VLAN of untagged frames.", "1"),
        optional("plugged", simple(Type::kBoolean), "At the start; false: repair link-down plugs the cable in.",
                 "true"),
    });
    auto host = map_of({
        required("switch", simple(Type::kName), "The switch it is cabled to."),
        optional("addresses", named(KeyForm::kVlan, simple(Type::kIpv4)),
                 "IPv4 address by VLAN. One: access port. Several: trunk, frames carry tags."),
        optional("vlans", list_of(vlan()), "Instead of addresses: the VLANs, addresses are chosen for you."),
        optional("response_time", short_time(), "From request to answer.", "100us"),
        optional("mtu", integer(1500, 9216), "What its adapter takes; longer packets are lost.", "1500"),
    });
    host.exactly_one = {{"addresses", "vlans"}};
    auto gateways = list_of(simple(Type::kName));
    gateways.items_min = 1;
    auto remote_host = map_of({
        required("address", simple(Type::kIpv4), "Its address, in no network of the site."),
        required("behind", std::move(gateways), "Hosts that are gateways to it."),
    });
    return map_of({
        required("switches", named(KeyForm::kName, std::move(an_ethernet_switch)), "Ethernet switches, by name."),
        optional("links", list_of(std::move(link)), "Cables between switches: trunks without PortFast."),
        optional("hosts", named(KeyForm::kName, std::move(host)), "Machines that answer: gateways, servers."),
        optional("remote_hosts", named(KeyForm::kName, std::move(remote_host)),
                 "Machines behind gateways; only partitions with routes reach them."),
    });
}

Spec san_spec() {
    auto link = map_of({
        required("a", simple(Type::kName), "One FC switch."),
        required("b", simple(Type::kName), "The other FC switch of the same fabric."),
    });
    auto members = list_of(simple(Type::kText));
    members.items_min = 1;
    auto fc_switches = list_of(simple(Type::kName));
    fc_switches.items_min = 1;
    return named(
        KeyForm::kName,
        map_of({
            required("switches", std::move(fc_switches), "FC switches of the fabric."),
            optional("links", list_of(std::move(link)), "Inter-switch links."),
            optional("zones", named(KeyForm::kName, std::move(members)),
                     "Who sees whom: a partition, an array, system/C5-T1, array/A-P0 or a WWPN."),
            optional("npiv", simple(Type::kBoolean), "The switches accept several logins on a port (NPIV).", "true"),
            optional("default_zone", word({"no_access", "all_access"}), "What ports in no zone see.", "no_access"),
            optional("logins_per_port_max", integer(1, 255), "NPIV logins that a switch port takes.", "255"),
            optional("login_time", short_time(), "FLOGI or FDISC with registration at the name server.", "2ms"),
            optional("transit_latency", short_time(), "One command or answer from port to port.", "10us"),
            optional("notice_delay", short_time(), "Until a state change notice (RSCN) arrives.", "5ms"),
        }));
}

Spec storage_spec() {
    auto size = simple(Type::kSize);
    size.low = 1 << 20;
    size.high = std::int64_t{1} << 50;
    auto lun = map_of({
        required("size", std::move(size), "Capacity."),
        required("hosts", list_of(simple(Type::kText)),
                 "Who may see it (masking): partitions, system/C5-T1 or WWPNs. The VIOSes for virtual SCSI, the client "
                 "for NPIV."),
    });
    return named(
        KeyForm::kName,
        map_of({
            optional("controllers", integer(1, 8), "Controllers, named A, B, ...; all active.", "2"),
            optional("service_time", duration_spec(1'000, 60 * kSecond), "Mean time of a command in the array.", "5ms"),
            optional("service_time_distribution", word({"constant", "exponential"}), "How service times scatter.",
                     "constant"),
            optional("concurrency", integer(1, 65536), "Commands served at once; more wait in order.", "256"),
            required("ports", named(KeyForm::kPortOfArray, simple(Type::kName)),
                     "Target ports and the FC switch of each: A-P0 is port P0 of controller A."),
            optional("luns", named(KeyForm::kName, std::move(lun)), "Logical units; referred to as array.lun."),
        }));
}

}  // namespace

Spec fabric_spec() {
    return map_of({
        optional("lan", lan_spec(), "Ethernet."),
        optional("san", san_spec(), "Fibre Channel fabrics, by name."),
        optional("storage", storage_spec(), "Storage arrays, by name."),
    });
}

std::vector<Key> lan_port_keys() {
    return {
        optional("switch", simple(Type::kName), "The switch at the other end of the cable; left out: not cabled."),
        depends("mode", word({"trunk", "access"}), "How the switch treats the port.", "trunk"),
        depends("vlan", vlan(), "The VLAN of an access port.", "1"),
        depends("native_vlan", vlan(), "Trunk: the VLAN of untagged frames.", "1"),
        depends("vlans", list_of(vlan()), "Trunk: VLANs let through with a tag.", "all of the switch"),
        depends("portfast", simple(Type::kBoolean),
                "Forwards as soon as the link is up; without it spanning tree takes 30 s.", "true"),
        depends("channel_group", integer(1, 64),
                "Ports of one switch with the same number are one logical port, for a link aggregation.", "none"),
        depends("lacp", simple(Type::kBoolean), "The port of a channel group negotiates (mode=8023ad at the VIOS).",
                "false"),
        depends("lacp_silent", word({"suspend", "individual"}),
                "LACP without an answer: the port is suspended, or forwards alone.", "suspend"),
        depends("lacp_fast", simple(Type::kBoolean), "LACP: the station is lost after 3 s of silence, not after 90 s.",
                "false"),
        depends("bpdu_guard", simple(Type::kBoolean), "A PortFast port that hears a BPDU is error-disabled.", "false"),
        depends("reflective_relay", simple(Type::kBoolean),
                "A frame may leave by the port it came in by (802.1Qbg), as a virtual switch in VEPA mode needs.",
                "false"),
    };
}

}  // namespace pvmsim::scenarios
