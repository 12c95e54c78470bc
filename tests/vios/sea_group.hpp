// Any number of VIOSes with one SEA of several trunk adapters each, on one system; each on a switch of its own, with a
// gateway of its own, so that two sides that bridge one VLAN make no loop. A prober in all VLANs counts who bridges
// what.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "aix/network/interface.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "aix/os/operating_system.hpp"
#include "fabric/lan/lan.hpp"
#include "hypervisor/managed_system.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

/// VLANs of one trunk adapter: the port VLAN first.
using TrunkVlans = std::vector<std::uint16_t>;

struct SeaSideOptions {
    std::string ha_mode = "auto";
    std::vector<TrunkVlans> trunks{{99, 1, 2}, {98, 3, 4}};  ///< that of V53
    std::size_t default_trunk = 0;
    std::vector<std::uint8_t> priority{1};  ///< by trunk adapter; the last one holds for the rest
    std::uint16_t ctl_chan = 1000;          ///< port VLAN of the control channel; 0: none
    ViosLevel level = kViosLevelDefault;
    bool netaddr = false;
    std::vector<std::pair<std::string, std::string>> attributes{};
};

class SeaGroup {
  public:
    static constexpr wire::Ipv4Address kGateway{0x0a01'00fe};

    struct Side {
        std::unique_ptr<aix::OperatingSystem> os;
        aix::PhysicalEthernetAdapter* nic = nullptr;
        std::vector<aix::VirtualEthernetAdapterDevice*> trunks;
        aix::VirtualEthernetAdapterDevice* control = nullptr;
        SharedEthernetAdapter* sea = nullptr;
        fabric::CableId cable;
        fabric::Host* gateway = nullptr;
        hypervisor::PartitionId id;
    };

    explicit SeaGroup(const std::vector<SeaSideOptions>& options, std::uint64_t seed = 1) : engine(seed), lan(engine) {
        system = std::move(*hypervisor::ManagedSystem::create(
            engine, {.name = "cec", .type_model = "8205-E6C", .cores = 8, .memory_bytes = 64 * hypervisor::kGibibyte}));
        for (std::size_t i = 0; i < options.size(); ++i) sides.push_back(build_side(i, options[i]));
        build_prober();
        for (const auto& side : sides) check(system->start_settled(side.id));
        check(system->start_settled(prober_->partition_id()));
        lan.settle();
    }

    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }
    [[nodiscard]] SeaState state(std::size_t side) const { return sides[side].sea->state(); }
    void set(std::size_t side, std::string_view name, std::string_view value) {
        sides[side].sea->attributes().set(name, value);
        sides[side].sea->on_attribute_changed(name);
    }
    void cut(std::size_t side) { lan.cut(sides[side].cable, fabric::CableSide::kBoth); }

    [[nodiscard]] bool runs(std::size_t side) const {
        return sides[side].os->running() && !system->partition(sides[side].id).hung;
    }
    /// Passes frames of the VLAN, whether or not the hypervisor sends it those for unknown addresses.
    [[nodiscard]] bool bridges(std::size_t side, std::uint16_t vlan) const {
        if (!runs(side)) return false;
        return std::ranges::any_of(sides[side].trunks, [&](const auto* trunk) {
            return sides[side].sea->bridges(*trunk) && has(*trunk, vlan);
        });
    }
    [[nodiscard]] bool active(std::size_t side, std::uint16_t vlan) const {
        return std::ranges::any_of(sides[side].trunks,
                                   [&](const auto* trunk) { return trunk->trunk_active() && has(*trunk, vlan); });
    }
    /// "1 2" for the VLANs of this list that the side bridges.
    [[nodiscard]] std::string bridged(std::size_t side) const {
        std::string text;
        for (const auto vlan : vlans_)
            if (bridges(side, vlan)) text += (text.empty() ? "" : " ") + std::to_string(vlan);
        return text;
    }
    [[nodiscard]] const std::vector<std::uint16_t>& vlans() const { return vlans_; }

    /// How many sides pass a broadcast of a client in the VLAN on to the outside.
    std::uint64_t copies_outside(std::uint16_t vlan) {
        const auto count = [this] {
            std::uint64_t sum = 0;
            for (const auto& side : sides) sum += side.sea->virtual_side().bridged;
            return sum;
        };
        const auto before = count();
        wire::Frame frame;
        frame.destination = wire::MacAddress::broadcast();
        frame.source = probe_->mac();
        frame.vlan = wire::VlanId{vlan};
        frame.type = wire::FrameType::kReverseArp;
        probe_->send(frame);
        run_for(std::chrono::microseconds(50));
        return count() - before;
    }

    template <class R>
    static void check(const R& result) {
        if (!result) throw std::runtime_error(result.error().text);
    }

  private:
    static bool has(const aix::VirtualEthernetAdapterDevice& trunk, std::uint16_t vlan) {
        return std::ranges::count(trunk.vlans(), wire::VlanId{vlan}) != 0;
    }
    static hypervisor::PartitionConfig partition(std::uint16_t id, const std::string& name) {
        hypervisor::PartitionConfig config{.lpar_id = hypervisor::PartitionId{id}, .name = name};
        config.profile.desired_proc_units = {50};
        return config;
    }
    std::unique_ptr<aix::OperatingSystem> define(const hypervisor::PartitionConfig& config) {
        check(system->define_partition(config));
        return std::make_unique<aix::OperatingSystem>(engine, *system, config.lpar_id, aix::OperatingSystemConfig{});
    }
    static std::vector<wire::VlanId> additional(const TrunkVlans& vlans) {
        std::vector<wire::VlanId> list;
        for (std::size_t i = 1; i < vlans.size(); ++i) list.emplace_back(vlans[i]);
        return list;
    }

    void connect(Side& side, std::uint16_t number) {
        const auto at = lan.add_switch({.name = "sw" + std::to_string(number), .vlans = {}});
        side.gateway =
            &lan.add_host({.name = "gateway" + std::to_string(number), .addresses = {{wire::VlanId{1}, kGateway}}}, at);
        auto& port = lan.add_nic_port("cec/C" + std::to_string(number) + "-T1",
                                      wire::MacAddress::from_integer(0x0009'6b00'0000u + number));
        side.cable = lan.connect(port, at, {.trunk = true, .allowed_vlans = {}, .portfast = true});
        side.nic = &side.os->add_device<aix::PhysicalEthernetAdapter>("ent0", port);
    }

    Side build_side(std::size_t index, const SeaSideOptions& options) {
        Side side;
        const auto number = static_cast<std::uint16_t>(index + 1);
        auto config = partition(number, "vios" + std::to_string(number));
        side.id = config.lpar_id;
        config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        auto& adapters = config.profile.virtual_eth_adapters;
        for (std::size_t i = 0; i < options.trunks.size(); ++i)
            adapters.push_back({.slot_num = hypervisor::SlotNumber{static_cast<std::uint16_t>(11 + i)},
                                .ieee_virtual_eth = true,
                                .port_vlan_id = wire::VlanId{options.trunks[i].front()},
                                .addl_vlan_ids = additional(options.trunks[i]),
                                .trunk_priority = options.priority[std::min(i, options.priority.size() - 1)]});
        const hypervisor::SlotNumber control_slot{40};
        if (options.ctl_chan != 0)
            adapters.push_back(
                {.slot_num = control_slot, .port_vlan_id = wire::VlanId{options.ctl_chan}, .addl_vlan_ids = {}});
        side.os = define(config);
        connect(side, number);
        for (std::size_t i = 0; i < options.trunks.size(); ++i)
            side.trunks.push_back(&side.os->add_device<aix::VirtualEthernetAdapterDevice>(
                "ent" + std::to_string(i + 1), hypervisor::SlotNumber{static_cast<std::uint16_t>(11 + i)}));
        if (options.ctl_chan != 0)
            side.control = &side.os->add_device<aix::VirtualEthernetAdapterDevice>("ent30", control_slot);
        side.sea = &side.os->add_device<SharedEthernetAdapter>(
            "ent31", SeaConfig{.real_adapter = side.nic,
                               .virt_adapters = side.trunks,
                               .pvid_adapter = side.trunks[options.default_trunk],
                               .ctl_chan = side.control,
                               .timing = {},
                               .level = options.level});
        side.sea->attributes().set("ha_mode", options.ha_mode);
        for (const auto& [name, value] : options.attributes) side.sea->attributes().set(name, value);
        for (const auto& trunk : options.trunks) vlans_.insert(vlans_.end(), trunk.begin(), trunk.end());
        if (options.netaddr) ping_from(side, number);
        return side;
    }
    static void ping_from(Side& side, std::uint16_t number) {
        auto& interface = side.os->add_device<aix::NetworkInterface>("en31", *side.sea, wire::kUntagged,
                                                                     wire::Ipv4Address{0x0a01'0010u + number});
        side.sea->set_ping_interface(interface);
        side.sea->attributes().set("netaddr", wire::to_string(kGateway));
    }
    void build_prober() {
        std::ranges::sort(vlans_);
        vlans_.erase(std::ranges::unique(vlans_).begin(), vlans_.end());
        auto config = partition(50, "prober");
        std::vector<wire::VlanId> all;
        for (const auto vlan : vlans_) all.emplace_back(vlan);
        config.profile.virtual_eth_adapters = {{.slot_num = hypervisor::SlotNumber{2},
                                                .ieee_virtual_eth = true,
                                                .port_vlan_id = wire::VlanId{4000},
                                                .addl_vlan_ids = all}};
        prober_ = define(config);
        probe_ = &prober_->add_device<aix::VirtualEthernetAdapterDevice>("ent0", hypervisor::SlotNumber{2});
    }

    std::vector<std::uint16_t> vlans_;  ///< of anybody, ascending

  public:
    sim::Engine engine;
    fabric::Lan lan;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::vector<Side> sides;

  private:
    std::unique_ptr<aix::OperatingSystem> prober_;
    aix::VirtualEthernetAdapterDevice* probe_ = nullptr;
};

}  // namespace pvmsim::vios
