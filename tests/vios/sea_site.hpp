// A small site for tests of Shared Ethernet Adapters: two VIOSes with one SEA each, two switches, a server outside, and
// a client in VLAN 1 (untagged outside) and one in VLAN 2 (tagged) that ask the server twenty times a second.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "aix/network/link_aggregation.hpp"
#include "aix/network/physical_ethernet_adapter.hpp"
#include "aix/network/virtual_ethernet_adapter.hpp"
#include "aix/os/operating_system.hpp"
#include "fabric/lan/lan.hpp"
#include "hypervisor/managed_system.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {

using hypervisor::PartitionId;
using hypervisor::SlotNumber;

struct AskDue {
    static constexpr std::string_view kName = "test-ask";
};

inline constexpr std::chrono::milliseconds kAskInterval{50};

/// Asks over an interface every interval and knows the longest time without an answer.
class Asker : public sim::Entity, public aix::InterfaceUser {
  public:
    Asker(sim::Engine& engine, aix::NetworkInterface& interface, wire::Ipv4Address to, const std::string& path)
        : engine_(engine), interface_(interface), to_(to), entity_(engine.add(*this, path)) {
        interface.add_user(*this);
        engine_.schedule_in(kAskInterval, entity_, AskDue{});
    }
    void on_answer(const wire::Frame& frame) override {
        if (frame.type != wire::FrameType::kResponse) return;
        ++answers;
        gap_max_ = std::max(gap_max_, engine_.now() - last_);
        last_ = engine_.now();
    }
    void on_event(const sim::Event&) override {
        interface_.send(wire::FrameType::kRequest, to_, ++asked, 128);
        engine_.schedule_in(kAskInterval, entity_, AskDue{});
    }
    void digest(sim::Digest& digest) const override { digest.add(answers); }

    /// The longest time without an answer since begin().
    [[nodiscard]] sim::Duration gap() const { return std::max(gap_max_, engine_.now() - last_); }
    [[nodiscard]] sim::Duration since_last() const { return engine_.now() - last_; }
    void begin() {
        last_ = engine_.now();
        gap_max_ = {};
    }

    std::uint32_t asked = 0;
    std::uint32_t answers = 0;

  private:
    sim::Engine& engine_;
    aix::NetworkInterface& interface_;
    wire::Ipv4Address to_;
    sim::EntityId entity_;
    sim::SimTime last_{};
    sim::Duration gap_max_{};
};

struct SiteOptions {
    std::array<std::string, 2> ha_mode{"auto", "auto"};
    std::array<std::uint8_t, 2> priority{1, 2};
    std::array<std::uint16_t, 2> control_pvid{99, 99};
    bool control_channel = true;
    bool portfast = true;
    bool aggregate = false;  ///< the real adapter is an 802.3ad aggregate of one link
    bool netaddr = false;    ///< each SEA has an address and pings the gateway
    std::vector<std::pair<std::string, std::string>> attributes{};  ///< of both SEAs
    std::uint64_t seed = 1;
    ViosLevel level = kViosLevelDefault;
    bool two_trunks = false;           ///< VLAN 2 on a trunk adapter of its own: load sharing can divide them
    std::uint32_t outside_mtu = 1500;  ///< of servers and switches
    std::uint32_t switch_mtu = 0;      ///< of the switches; 0: outside_mtu
    aix::GuestSystem guest = aix::GuestSystem::kAix;
    std::vector<std::pair<std::string, std::string>> adapter_attributes{};    ///< of both real adapters
    std::vector<std::pair<std::string, std::string>> interface_attributes{};  ///< of the clients
    std::array<std::uint16_t, 2> client_vlan{1, 2};
    std::array<std::optional<std::uint8_t>, 2> qos_priority{};  ///< of the clients' adapters
    std::int32_t vios_hundredths = 50;                          ///< capped when not 50
    std::string type_model = "8205-E6C";
    std::string firmware_level{};  ///< empty: the model's
    bool hairpin = false;          ///< the switches send frames back out of the SEAs' ports
};

class SeaSite {
  public:
    static constexpr wire::Ipv4Address kServer1{0x0a01'0001};
    static constexpr wire::Ipv4Address kServer2{0x0a02'0001};
    static constexpr wire::Ipv4Address kGateway{0x0a01'00fe};

    struct Vios {
        std::unique_ptr<aix::OperatingSystem> os;
        aix::PhysicalEthernetAdapter* nic = nullptr;
        aix::VirtualEthernetAdapterDevice* trunk = nullptr;
        SharedEthernetAdapter* sea = nullptr;
        fabric::CableId cable;
        PartitionId id;
    };
    struct Client {
        std::unique_ptr<aix::OperatingSystem> os;
        aix::VirtualEthernetAdapterDevice* adapter = nullptr;
        aix::NetworkInterface* interface = nullptr;
        std::unique_ptr<Asker> asker;
        PartitionId id;
    };

    explicit SeaSite(const SiteOptions& options = {}) : options_(options), engine(options.seed), lan(engine) {
        build_lan();
        build_system();
        for (std::size_t i = 0; i < 2; ++i) build_vios(i);
        for (std::size_t i = 0; i < 2; ++i) build_client(i);
        for (const auto& one : vios) check(system->start_settled(one.id));
        for (const auto& one : client) check(system->start_settled(one.id));
        lan.settle();
    }

    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }
    /// Runs from now on with fresh measures.
    void begin() {
        for (auto& one : client) one.asker->begin();
    }
    [[nodiscard]] sim::Duration gap() const { return std::max(client[0].asker->gap(), client[1].asker->gap()); }
    [[nodiscard]] SeaState state(std::size_t side) const { return vios[side].sea->state(); }
    void set(std::size_t side, std::string_view name, std::string_view value) {
        vios[side].sea->attributes().set(name, value);
        vios[side].sea->on_attribute_changed(name);
    }
    template <class R>
    static void check(const R& result) {
        if (!result) throw std::runtime_error(result.error().text);
    }

  private:
    void build_lan() {
        inner = lan.add_switch({.name = "sw1", .vlans = {}, .mtu_bytes = switch_mtu()});
        outer = lan.add_switch({.name = "sw2", .vlans = {}, .mtu_bytes = switch_mtu()});
        uplink = lan.connect(inner, outer, {.trunk = true, .allowed_vlans = {}});
        const auto mtu = options_.outside_mtu;
        server = {
            &lan.add_host({.name = "server1", .addresses = {{wire::VlanId{1}, kServer1}}, .mtu_bytes = mtu}, inner),
            &lan.add_host({.name = "server2", .addresses = {{wire::VlanId{2}, kServer2}}, .mtu_bytes = mtu}, inner)};
        gateway = &lan.add_host({.name = "gateway", .addresses = {{wire::VlanId{1}, kGateway}}}, inner);
    }
    [[nodiscard]] std::uint32_t switch_mtu() const {
        return options_.switch_mtu != 0 ? options_.switch_mtu : options_.outside_mtu;
    }
    void build_system() {
        system =
            std::move(*hypervisor::ManagedSystem::create(engine, {.name = "cec",
                                                                  .type_model = options_.type_model,
                                                                  .cores = options_.type_model == "9131-52A" ? 2u : 8u,
                                                                  .memory_bytes = 32 * hypervisor::kGibibyte,
                                                                  .firmware_level = options_.firmware_level}));
    }
    hypervisor::PartitionConfig partition(std::uint16_t id, const std::string& name) {
        hypervisor::PartitionConfig config{.lpar_id = PartitionId{id}, .name = name};
        config.profile.desired_proc_units = {50};
        return config;
    }
    std::unique_ptr<aix::OperatingSystem> define(const hypervisor::PartitionConfig& config) {
        check(system->define_partition(config));
        aix::OperatingSystemConfig os;
        const bool is_vios = config.lpar_env == hypervisor::PartitionEnvironment::kVioServer;
        os.guest = is_vios ? aix::GuestSystem::kVios : options_.guest;
        return std::make_unique<aix::OperatingSystem>(engine, *system, config.lpar_id, os);
    }
    void build_vios(std::size_t i) {
        auto& one = vios[i];
        const auto number = static_cast<std::uint16_t>(i + 1);
        auto config = partition(number, "vios" + std::to_string(number));
        one.id = config.lpar_id;
        config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        if (options_.vios_hundredths != 50) {
            config.profile.desired_proc_units = {options_.vios_hundredths};
            config.profile.sharing_mode = hypervisor::SharingMode::kCapped;
        }
        std::vector<wire::VlanId> tagged{wire::VlanId{options_.two_trunks ? std::uint16_t{3} : std::uint16_t{2}}};
        config.profile.virtual_eth_adapters = {
            {.slot_num = SlotNumber{11},
             .ieee_virtual_eth = true,
             .port_vlan_id = wire::VlanId{1},
             .addl_vlan_ids = tagged,
             .trunk_priority = options_.priority[i]},
            {.slot_num = SlotNumber{12}, .port_vlan_id = wire::VlanId{options_.control_pvid[i]}, .addl_vlan_ids = {}}};
        if (options_.two_trunks)
            config.profile.virtual_eth_adapters.push_back({.slot_num = SlotNumber{13},
                                                           .ieee_virtual_eth = true,
                                                           .port_vlan_id = wire::VlanId{98},
                                                           .addl_vlan_ids = {wire::VlanId{2}},
                                                           .trunk_priority = options_.priority[i]});
        one.os = define(config);
        auto& port = lan.add_nic_port("cec/C" + std::to_string(number) + "-T1",
                                      wire::MacAddress::from_integer(0x0009'6b00'0000u + number));
        const std::uint16_t channel_group = options_.aggregate ? 1 : 0;
        one.cable = lan.connect(port, i == 0 ? inner : outer,
                                {.trunk = true,
                                 .allowed_vlans = {},
                                 .portfast = options_.portfast,
                                 .channel_group = channel_group,
                                 .lacp = options_.aggregate,
                                 .hairpin = options_.hairpin});
        one.nic = &one.os->add_device<aix::PhysicalEthernetAdapter>("ent0", port);
        for (const auto& [name, value] : options_.adapter_attributes) one.nic->attributes().set(name, value);
        aix::EthernetDevice* real = one.nic;
        if (options_.aggregate) {
            real =
                &one.os->add_device<aix::LinkAggregation>("ent4", std::vector<aix::EthernetDevice*>{one.nic}, nullptr);
            real->attributes().set("mode", "8023ad");
        }
        one.trunk = &one.os->add_device<aix::VirtualEthernetAdapterDevice>("ent1", SlotNumber{11});
        auto& control = one.os->add_device<aix::VirtualEthernetAdapterDevice>("ent2", SlotNumber{12});
        std::vector<aix::VirtualEthernetAdapterDevice*> trunks{one.trunk};
        if (options_.two_trunks)
            trunks.push_back(&one.os->add_device<aix::VirtualEthernetAdapterDevice>("ent5", SlotNumber{13}));
        one.sea = &one.os->add_device<SharedEthernetAdapter>(
            "ent3", SeaConfig{.real_adapter = real,
                              .virt_adapters = trunks,
                              .pvid_adapter = one.trunk,
                              .ctl_chan = options_.control_channel ? &control : nullptr,
                              .timing = {},
                              .level = options_.level});
        one.sea->attributes().set("ha_mode", options_.ha_mode[i]);
        for (const auto& [name, value] : options_.attributes) one.sea->attributes().set(name, value);
        if (!options_.netaddr) return;
        auto& interface = one.os->add_device<aix::NetworkInterface>("en3", *one.sea, wire::kUntagged,
                                                                    wire::Ipv4Address{0x0a01'0010u + number});
        one.sea->set_ping_interface(interface);
        one.sea->attributes().set("netaddr", wire::to_string(kGateway));
    }
    void build_client(std::size_t i) {
        auto& one = client[i];
        const auto number = static_cast<std::uint16_t>(i + 1);
        auto config = partition(static_cast<std::uint16_t>(10 + number), "client" + std::to_string(number));
        one.id = config.lpar_id;
        config.profile.virtual_eth_adapters = {{.slot_num = SlotNumber{2},
                                                .port_vlan_id = wire::VlanId{options_.client_vlan[i]},
                                                .addl_vlan_ids = {},
                                                .qos_priority = options_.qos_priority[i]}};
        one.os = define(config);
        auto& adapter = one.os->add_device<aix::VirtualEthernetAdapterDevice>("ent0", SlotNumber{2});
        const auto net = i == 0 ? 0x0a01'0000u : 0x0a02'0000u;
        one.interface =
            &one.os->add_device<aix::NetworkInterface>("en0", adapter, wire::kUntagged, wire::Ipv4Address{net + 0x64u});
        one.adapter = &adapter;
        for (const auto& [name, value] : options_.interface_attributes) one.interface->attributes().set(name, value);
        one.asker = std::make_unique<Asker>(engine, *one.interface, i == 0 ? kServer1 : kServer2,
                                            "asker" + std::to_string(number));
    }

    SiteOptions options_;

  public:
    sim::Engine engine;
    fabric::Lan lan;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    fabric::SwitchId inner;
    fabric::SwitchId outer;
    fabric::CableId uplink;
    fabric::Host* gateway = nullptr;
    std::array<fabric::Host*, 2> server{};
    std::array<Vios, 2> vios;
    std::array<Client, 2> client;
};

}  // namespace pvmsim::vios
