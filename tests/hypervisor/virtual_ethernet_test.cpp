// The virtual switch: the forwarding matrix (behaviour 3.1), trunks, buffers, VEPA; and for any course of events: at
// most one active trunk adapter per VLAN, no frame outside its VLAN, no frame back to its sender.
#include "hypervisor/vswitch/virtual_ethernet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace pvmsim::hypervisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr sim::Duration kLatency{10'000};

wire::MacAddress mac(std::uint64_t number) { return wire::MacAddress::from_integer(0x02'00'00'00'00'00 + number); }

/// One adapter and its driver. Slot, partition id and MAC are the same number.
class Station : public sim::Entity {
  public:
    Station(sim::Engine& engine, VirtualEthernet& ethernet, std::uint16_t number, VirtualEthernetAdapter config)
        : ethernet_(ethernet), config_(std::move(config)) {
        entity = engine.add(*this, "station" + std::to_string(number));
        config_.slot_num = SlotNumber{number};
        config_.mac_addr = mac(number);
        id = ethernet.define(PartitionId{number}, config_);
        EXPECT_EQ(ethernet.register_adapter(id, entity), HcallStatus::kSuccess);
    }
    void on_event(const sim::Event& event) override {
        const VirtualFrameArrived* const arrived = event.as<VirtualFrameArrived>();
        ASSERT_NE(arrived, nullptr);
        seen.push_back(arrived->frame);
        if (gives_back) ethernet_.replenish(id, arrived->frame);
    }
    void digest(sim::Digest&) const override {}

    sim::EntityId entity;
    LogicalLanId id;
    std::vector<wire::Frame> seen;
    bool gives_back = true;

  private:
    VirtualEthernet& ethernet_;
    VirtualEthernetAdapter config_;
};

VirtualEthernetAdapter untagged(std::uint16_t pvid) { return {.port_vlan_id = wire::VlanId{pvid}}; }

VirtualEthernetAdapter tagged(std::uint16_t pvid, std::vector<std::uint16_t> vids, std::uint8_t priority = 0) {
    VirtualEthernetAdapter config{
        .ieee_virtual_eth = true, .port_vlan_id = wire::VlanId{pvid}, .trunk_priority = priority};
    for (const std::uint16_t vid : vids) config.addl_vlan_ids.emplace_back(vid);
    return config;
}

wire::Frame frame(wire::MacAddress source, wire::MacAddress destination, std::uint16_t tag = 0,
                  std::uint32_t bytes = 64) {
    wire::Frame made;
    made.source = source;
    made.destination = destination;
    made.vlan = wire::VlanId{tag};
    made.size_bytes = bytes;
    return made;
}

/// The site of the matrix: stations 1 and 2 untagged in VLAN 10; 3 tagged, PVID 10, VID 20; 4 untagged in VLAN 20;
/// trunks 5 (active) and 6 (inactive), PVID 1, VIDs 10 and 20; 7 untagged in VLAN 30, where there is no trunk.
class VirtualEthernetTest : public testing::Test {
  protected:
    void SetUp() override {
        add(1, untagged(10));
        add(2, untagged(10));
        add(3, tagged(10, {20}));
        add(4, untagged(20));
        add(5, tagged(1, {10, 20}, 1));
        add(6, tagged(1, {10, 20}, 2));
        add(7, untagged(30));
        EXPECT_EQ(ethernet.activate_trunk(station(5).id), HcallStatus::kSuccess);
    }
    void add(std::uint16_t number, VirtualEthernetAdapter config) {
        stations.push_back(std::make_unique<Station>(engine, ethernet, number, std::move(config)));
    }
    Station& station(std::size_t number) { return *stations.at(number - 1); }
    HcallStatus send(std::size_t from, const wire::Frame& one) { return ethernet.send(station(from).id, one); }
    /// Who got what since the last time, as "2" or "3:20" with the tag.
    std::vector<std::string> arrived() {
        engine.run_until(engine.now() + std::chrono::milliseconds{1});
        std::vector<std::string> all;
        for (std::size_t i = 1; i <= stations.size(); ++i) {
            for (const wire::Frame& one : station(i).seen)
                all.push_back(std::to_string(i) +
                              (one.vlan == wire::kUntagged ? "" : ":" + std::to_string(one.vlan.value())));
            station(i).seen.clear();
        }
        return all;
    }

    sim::Engine engine{1};
    VirtualEthernet ethernet{engine, "p740a", kLatency};
    std::vector<std::unique_ptr<Station>> stations;
};

constexpr std::uint64_t kBroadcast = 0;
constexpr std::uint64_t kOutside = 99;

struct ForwardCase {
    std::string name;
    std::size_t from;
    std::uint64_t to;  ///< number of the MAC
    std::uint16_t tag;
    HcallStatus status;
    std::vector<std::string> arrives;
};

TEST_F(VirtualEthernetTest, forwarding_matrix) {
    const auto ok = HcallStatus::kSuccess;
    const auto dropped = HcallStatus::kDropped;
    const std::vector<ForwardCase> cases{
        {"untagged to untagged", 1, 2, 0, ok, {"2"}},
        {"untagged to the PVID of a tagged adapter", 1, 3, 0, ok, {"3"}},
        {"tagged adapter, untagged frame: its PVID", 3, 1, 0, ok, {"1"}},
        {"tagged adapter, tag of its PVID", 3, 1, 10, ok, {"1"}},
        {"tag is taken off for an untagged receiver", 3, 4, 20, ok, {"4"}},
        {"tag is put on for a tagged receiver", 4, 3, 0, ok, {"3:20"}},
        {"tag the sender may not use", 3, 1, 30, dropped, {}},
        {"tag from an adapter that may not tag", 1, 2, 10, dropped, {}},
        {"address of another VLAN", 1, 4, 0, dropped, {}},
        {"unknown address goes to the active trunk, tagged", 1, kOutside, 0, ok, {"5:10"}},
        {"unknown address without a trunk in the VLAN", 7, kOutside, 0, dropped, {}},
        {"unknown address from the active trunk itself", 5, kOutside, 10, dropped, {}},
        {"unknown address from the inactive trunk", 6, kOutside, 10, ok, {"5:10"}},
        {"to itself", 1, 1, 0, dropped, {}},
        {"trunk to a client", 5, 1, 10, ok, {"1"}},
        {"trunk's PVID is untagged", 5, 6, 0, ok, {"6"}},
        {"to the inactive trunk's own address", 1, 6, 0, ok, {"6:10"}},
        {"broadcast reaches the VLAN, inactive trunk included", 1, kBroadcast, 0, ok, {"2", "3", "5:10", "6:10"}},
        {"broadcast in the other VLAN", 3, kBroadcast, 20, ok, {"4", "5:20", "6:20"}},
        {"broadcast from the trunk", 5, kBroadcast, 20, ok, {"3:20", "4", "6:20"}},
        {"broadcast in an empty VLAN", 7, kBroadcast, 0, ok, {}},
    };
    for (const ForwardCase& one : cases) {
        const wire::MacAddress to = one.to == kBroadcast ? wire::MacAddress::broadcast() : mac(one.to);
        EXPECT_EQ(send(one.from, frame(mac(one.from), to, one.tag)), one.status) << one.name;
        EXPECT_EQ(arrived(), one.arrives) << one.name;
    }
}

TEST_F(VirtualEthernetTest, frame_arrives_after_the_latency) {
    send(1, frame(mac(1), mac(2)));
    engine.run_until(sim::kStartOfRun + kLatency - sim::Duration{1});
    EXPECT_THAT(station(2).seen, IsEmpty());
    engine.run_until(sim::kStartOfRun + kLatency);
    EXPECT_EQ(station(2).seen.size(), 1u);
}

TEST_F(VirtualEthernetTest, largest_frame_passes_and_a_larger_one_is_refused) {
    EXPECT_EQ(send(1, frame(mac(1), mac(2), 0, 65'408)), HcallStatus::kSuccess);  // V39
    EXPECT_EQ(send(1, frame(mac(1), mac(2), 0, 65'409)), HcallStatus::kParameter);
    EXPECT_THAT(arrived(), ElementsAre("2"));
    EXPECT_EQ(ethernet.counters_of(station(1).id).send_failures, 1u);
}

TEST_F(VirtualEthernetTest, inactive_trunk_can_decline_broadcasts) {
    ethernet.set_inactive_trunk_reception(station(6).id, false);
    send(1, frame(mac(1), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("2", "3", "5:10"));
    ethernet.activate_trunk(station(6).id);
    send(1, frame(mac(1), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("2", "3", "5:10", "6:10"));
}

TEST_F(VirtualEthernetTest, last_trunk_that_sets_its_bit_is_the_active_one) {
    const wire::VlanId vlan{20};
    EXPECT_EQ(ethernet.active_trunk("ETHERNET0", vlan), station(5).id);
    EXPECT_EQ(ethernet.activate_trunk(station(6).id), HcallStatus::kSuccess);
    EXPECT_FALSE(ethernet.trunk_active(station(5).id));
    EXPECT_TRUE(ethernet.trunk_active(station(6).id));
    send(1, frame(mac(1), mac(kOutside)));
    EXPECT_THAT(arrived(), ElementsAre("6:10"));
    ethernet.free_adapter(station(6).id);
    EXPECT_EQ(ethernet.active_trunk("ETHERNET0", vlan), std::nullopt) << "the other one does not come back by itself";
    EXPECT_EQ(send(1, frame(mac(1), mac(kOutside))), HcallStatus::kDropped);
    EXPECT_EQ(ethernet.activate_trunk(station(1).id), HcallStatus::kParameter) << "no trunk adapter";
    EXPECT_EQ(ethernet.activate_trunk(station(6).id), HcallStatus::kParameter) << "closed";
}

TEST_F(VirtualEthernetTest, trunk_that_shares_one_vlan_loses_its_bit_in_all) {
    add(8, tagged(2, {20}, 3));
    ethernet.activate_trunk(station(8).id);
    EXPECT_FALSE(ethernet.trunk_active(station(5).id));
    EXPECT_EQ(ethernet.active_trunk("ETHERNET0", wire::VlanId{20}), station(8).id);
    EXPECT_EQ(ethernet.active_trunk("ETHERNET0", wire::VlanId{10}), std::nullopt);
}

TEST_F(VirtualEthernetTest, address_seen_behind_a_client_is_learned) {
    // A client that uses another address than its adapter's (an aggregation's): frames for it find that client.
    send(1, frame(mac(kOutside), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("2"));
    EXPECT_EQ(send(2, frame(mac(2), mac(kOutside))), HcallStatus::kSuccess);
    EXPECT_THAT(arrived(), ElementsAre("1"));
    send(3, frame(mac(kOutside), mac(2)));
    arrived();
    send(2, frame(mac(2), mac(kOutside)));
    EXPECT_THAT(arrived(), ElementsAre("3")) << "learned anew where it was seen last";
    ethernet.free_adapter(station(3).id);
    send(2, frame(mac(2), mac(kOutside)));
    EXPECT_THAT(arrived(), ElementsAre("5:10")) << "forgotten with the adapter";
}

TEST_F(VirtualEthernetTest, what_was_learned_behind_a_trunk_goes_when_the_other_takes_over) {
    send(5, frame(mac(kOutside), mac(1), 10));
    EXPECT_THAT(arrived(), ElementsAre("1"));
    ethernet.activate_trunk(station(6).id);
    send(1, frame(mac(1), mac(kOutside)));
    EXPECT_THAT(arrived(), ElementsAre("6:10"));
    send(5, frame(mac(kOutside), mac(1), 10));  // a straggler through the loser
    arrived();
    send(1, frame(mac(1), mac(kOutside)));
    EXPECT_THAT(arrived(), ElementsAre("6:10"));
}

TEST_F(VirtualEthernetTest, address_that_moves_into_an_adapter_is_forgotten_where_it_was) {
    send(1, frame(mac(8), mac(2)));
    add(8, untagged(10));
    arrived();
    send(2, frame(mac(2), mac(8)));
    EXPECT_THAT(arrived(), ElementsAre("8"));
    ethernet.free_adapter(station(8).id);
    send(2, frame(mac(2), mac(8)));
    EXPECT_THAT(arrived(), ElementsAre("5:10")) << "not back to 1";
}

TEST_F(VirtualEthernetTest, own_address_of_an_adapter_is_never_learned_elsewhere) {
    send(5, frame(mac(2), mac(1), 10));  // a client's frame that came back from outside
    arrived();
    send(1, frame(mac(1), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("2"));
}

TEST_F(VirtualEthernetTest, receiver_without_buffers_loses_frames_until_it_gives_some_back) {
    station(2).gives_back = false;
    // A 64-byte frame fits all five sizes: 512 + 512 + 128 + 24 + 24 buffers.
    for (int i = 0; i < 1200; ++i) ASSERT_EQ(send(1, frame(mac(1), mac(2))), HcallStatus::kSuccess);
    EXPECT_EQ(send(1, frame(mac(1), mac(2))), HcallStatus::kDropped);
    EXPECT_EQ(ethernet.counters_of(station(2).id).no_buffer, 1u);
    EXPECT_EQ(ethernet.counters_of(station(1).id).receiver_failures, 1u);
    EXPECT_EQ(ethernet.counters_of(station(1).id).sent, 1200u);
    EXPECT_EQ(send(1, frame(mac(1), wire::MacAddress::broadcast())), HcallStatus::kDropped);
    ethernet.replenish(station(2).id, frame(mac(1), mac(2)));
    EXPECT_EQ(send(1, frame(mac(1), mac(2))), HcallStatus::kSuccess);
    EXPECT_EQ(arrived().size(), 1201u + 3) << "the broadcast reached the others";
}

TEST_F(VirtualEthernetTest, large_frames_have_few_buffers) {
    station(2).gives_back = false;
    for (int i = 0; i < 24; ++i) EXPECT_EQ(send(1, frame(mac(1), mac(2), 0, 40'000)), HcallStatus::kSuccess);
    EXPECT_EQ(send(1, frame(mac(1), mac(2), 0, 40'000)), HcallStatus::kDropped);
    EXPECT_EQ(send(1, frame(mac(1), mac(2), 0, 1500)), HcallStatus::kSuccess);
}

TEST_F(VirtualEthernetTest, switches_are_apart) {
    VirtualEthernetAdapter elsewhere = untagged(10);
    elsewhere.vswitch = "ETHERNET1";
    add(8, elsewhere);
    EXPECT_EQ(send(8, frame(mac(8), mac(1))), HcallStatus::kDropped);
    send(1, frame(mac(1), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("2", "3", "5:10", "6:10"));
}

TEST_F(VirtualEthernetTest, failed_partition_is_gone_at_once_and_can_come_back) {
    ethernet.fail_partition(PartitionId{2});
    EXPECT_EQ(send(2, frame(mac(2), mac(1))), HcallStatus::kParameter);
    send(1, frame(mac(1), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("5:10")) << "an unknown address now";
    EXPECT_EQ(ethernet.register_adapter(station(2).id, station(2).entity), HcallStatus::kSuccess);
    EXPECT_EQ(ethernet.register_adapter(station(2).id, station(2).entity), HcallStatus::kResource);
    send(1, frame(mac(1), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("2"));
}

TEST_F(VirtualEthernetTest, vlans_change_online) {
    ethernet.set_additional_vlans(station(5).id, {wire::VlanId{10}, wire::VlanId{30}});
    EXPECT_TRUE(ethernet.trunk_active(station(5).id));
    EXPECT_EQ(send(7, frame(mac(7), mac(kOutside))), HcallStatus::kSuccess);
    EXPECT_THAT(arrived(), ElementsAre("5:30"));
    EXPECT_EQ(send(4, frame(mac(4), mac(kOutside))), HcallStatus::kDropped) << "VLAN 20 was taken away";
}

TEST_F(VirtualEthernetTest, vepa_sends_everything_outside_and_back) {
    ethernet.set_switch_mode("ETHERNET0", SwitchMode::kVepa);
    send(1, frame(mac(1), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("5:10"));
    send(5, frame(mac(1), mac(2), 10));  // the outside switch sends it back
    EXPECT_THAT(arrived(), ElementsAre("2"));
    send(1, frame(mac(1), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("5:10"));
    send(5, frame(mac(1), wire::MacAddress::broadcast(), 10));
    EXPECT_THAT(arrived(), ElementsAre("2", "3", "6:10")) << "not to the client that sent it";
    ethernet.free_adapter(station(5).id);
    EXPECT_EQ(send(1, frame(mac(1), mac(2))), HcallStatus::kDropped) << "nobody sends it out";
    EXPECT_EQ(send(1, frame(mac(1), wire::MacAddress::broadcast())), HcallStatus::kDropped);
    ethernet.undefine(station(5).id);
    ethernet.undefine(station(6).id);
    EXPECT_EQ(send(1, frame(mac(1), mac(2))), HcallStatus::kDropped) << "without any trunk adapter, too";
}

TEST_F(VirtualEthernetTest, vepa_switches_vlans_that_never_had_a_trunk_adapter_itself) {
    ethernet.set_switch_mode("ETHERNET0", SwitchMode::kVepa);
    add(8, untagged(30));
    send(7, frame(mac(7), mac(8)));
    EXPECT_THAT(arrived(), ElementsAre("8")) << "a control channel";
    send(8, frame(mac(8), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("7"));
}

TEST_F(VirtualEthernetTest, copy_is_the_senders_one_for_each_receiver) {
    const auto copied = [&](std::size_t number) {
        const auto& counters = ethernet.counters_of(station(number).id);
        return std::pair(counters.copies, counters.copied_bytes);
    };
    send(1, frame(mac(1), mac(2), 0, 1000));
    EXPECT_EQ(copied(1), std::pair(std::uint64_t{1}, std::uint64_t{1000}));
    EXPECT_EQ(copied(2), std::pair(std::uint64_t{0}, std::uint64_t{0})) << "receiving copies nothing";
    send(1, frame(mac(1), wire::MacAddress::broadcast(), 0, 100));
    EXPECT_EQ(copied(1), std::pair(std::uint64_t{5}, std::uint64_t{1400})) << "2, 3, 5 and 6 got it";
    send(7, frame(mac(7), mac(kOutside)));
    EXPECT_EQ(copied(7), std::pair(std::uint64_t{0}, std::uint64_t{0})) << "what nobody takes is not copied";
}

TEST_F(VirtualEthernetTest, vepa_floods_to_the_port_the_source_is_behind_never) {
    ethernet.set_switch_mode("ETHERNET0", SwitchMode::kVepa);
    // Behind client 2 is another address, 50: sent out, and back in from outside.
    send(2, frame(mac(50), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("5:10"));
    send(5, frame(mac(50), wire::MacAddress::broadcast(), 10));
    EXPECT_THAT(arrived(), ElementsAre("1", "3", "6:10")) << "not to 2, which sent it";
    send(5, frame(mac(1), mac(50), 10));
    EXPECT_THAT(arrived(), ElementsAre("2")) << "what came back did not teach that 50 lives outside";
    EXPECT_EQ(send(5, frame(mac(1), mac(kOutside), 10)), HcallStatus::kDropped) << "unknown: flooded back, for nobody";
    wire::Frame multicast = frame(mac(1), wire::MacAddress::from_integer(0x01'00'5e'00'00'01));
    send(1, multicast);
    EXPECT_THAT(arrived(), ElementsAre("5:10"));
    multicast.vlan = wire::VlanId{10};
    send(5, multicast);
    EXPECT_THAT(arrived(), ElementsAre("2", "3", "6:10"));
}

TEST_F(VirtualEthernetTest, mode_of_a_switch_is_told_and_changes_for_the_next_frame) {
    EXPECT_EQ(ethernet.switch_mode("ETHERNET0"), SwitchMode::kVeb);
    ethernet.set_switch_mode("vswitch2", SwitchMode::kVepa);
    EXPECT_EQ(ethernet.switch_mode("vswitch2"), SwitchMode::kVepa);
    EXPECT_EQ(ethernet.switch_mode("ETHERNET0"), SwitchMode::kVeb);
    EXPECT_THAT(ethernet.switch_names(), ElementsAre("ETHERNET0", "vswitch2"));
    send(1, frame(mac(1), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("2"));
    send(5, frame(mac(kOutside), mac(1), 10));
    EXPECT_THAT(arrived(), ElementsAre("1"));
    ethernet.set_switch_mode("ETHERNET0", SwitchMode::kVepa);
    send(1, frame(mac(1), mac(2)));
    EXPECT_THAT(arrived(), ElementsAre("5:10"));
    EXPECT_EQ(send(5, frame(mac(1), mac(kOutside), 10)), HcallStatus::kDropped)
        << "what was learned behind the trunk is forgotten: a VEPA learns nothing there";
}

/// Network interface backup: one client, two adapters in VLANs 10 and 20; the backup sends with the primary's address.
TEST_F(VirtualEthernetTest, address_on_the_backup_adapter_of_another_vlan_is_found_there) {
    add(8, untagged(10));
    add(9, untagged(20));
    send(4, frame(mac(4), mac(8)));
    EXPECT_THAT(arrived(), IsEmpty()) << "8 has no part in VLAN 20, and nothing is known of 9 yet";
    send(9, frame(mac(8), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("3:20", "4", "5:20", "6:20"));
    send(4, frame(mac(4), mac(8)));
    EXPECT_THAT(arrived(), ElementsAre("9"));
    send(1, frame(mac(1), mac(8)));
    EXPECT_THAT(arrived(), ElementsAre("8")) << "in VLAN 10 it stays the primary's own";
    send(5, frame(mac(kOutside), mac(8), 20));
    EXPECT_THAT(arrived(), ElementsAre("9"));
    // The client's own address in its own VLAN is never believed elsewhere.
    send(2, frame(mac(8), wire::MacAddress::broadcast()));
    arrived();
    send(1, frame(mac(1), mac(8)));
    EXPECT_THAT(arrived(), ElementsAre("8"));
}

TEST_F(VirtualEthernetTest, vepa_spares_the_backup_adapter_that_sent_with_the_primarys_address) {
    add(8, untagged(10));
    add(9, untagged(20));
    ethernet.set_switch_mode("ETHERNET0", SwitchMode::kVepa);
    send(9, frame(mac(8), wire::MacAddress::broadcast()));
    EXPECT_THAT(arrived(), ElementsAre("5:20"));
    send(5, frame(mac(8), wire::MacAddress::broadcast(), 20));
    EXPECT_THAT(arrived(), ElementsAre("3:20", "4", "6:20")) << "not to 9";
    send(5, frame(mac(4), mac(8), 20));
    EXPECT_THAT(arrived(), ElementsAre("9"));
}

TEST_F(VirtualEthernetTest, tag_of_the_own_port_vlan_is_taken_and_a_tag_from_an_untagged_adapter_is_not) {
    send(3, frame(mac(3), mac(1), 10));
    EXPECT_THAT(arrived(), ElementsAre("1")) << "VLAN 10 is 3's port VLAN";
    EXPECT_EQ(send(1, frame(mac(1), mac(2), 10)), HcallStatus::kDropped);
    EXPECT_EQ(send(3, frame(mac(3), mac(4), 30)), HcallStatus::kDropped) << "a VLAN that it does not have";
    EXPECT_EQ(ethernet.counters_of(station(3).id).invalid_vlan, 1u);
    send(3, frame(mac(3), mac(4), 20));
    EXPECT_THAT(arrived(), ElementsAre("4"));
}

/// One random site and its course of events.
struct Site {
    sim::Engine engine{1};
    VirtualEthernet ethernet{engine, "p740a", kLatency};
    std::vector<std::unique_ptr<Station>> stations;
    std::vector<VirtualEthernetAdapter> configs;

    Site() {
        const auto count = *rc::gen::inRange<std::uint16_t>(2, 9);
        for (std::uint16_t number = 1; number <= count; ++number) {
            const auto pvid = *rc::gen::inRange<std::uint16_t>(1, 5);
            std::vector<std::uint16_t> vids;
            for (std::uint16_t vid = 1; vid <= 4; ++vid)
                if (vid != pvid && *rc::gen::arbitrary<bool>()) vids.push_back(vid);
            const bool is_tagged = *rc::gen::arbitrary<bool>();
            configs.push_back(is_tagged ? tagged(pvid, vids, *rc::gen::element<std::uint8_t>(0, 1)) : untagged(pvid));
            stations.push_back(std::make_unique<Station>(engine, ethernet, number, configs.back()));
        }
    }
    std::size_t any() const { return *rc::gen::inRange<std::size_t>(0, stations.size()); }
    bool carries(std::size_t index, wire::VlanId vlan) const {
        const VirtualEthernetAdapter& config = configs[index];
        return vlan == config.port_vlan_id ||
               std::ranges::find(config.addl_vlan_ids, vlan) != config.addl_vlan_ids.end();
    }
    void toggle(std::size_t index) {
        const LogicalLanId id = stations[index]->id;
        if (ethernet.register_adapter(id, stations[index]->entity) == HcallStatus::kResource) ethernet.free_adapter(id);
    }
};

RC_GTEST_PROP(VirtualEthernet, at_most_one_trunk_is_active_in_a_vlan, ()) {
    Site site;
    for (int step = 0; step < 30; ++step) {
        const std::size_t index = site.any();
        if (*rc::gen::inRange(0, 4) == 0) {
            site.toggle(index);
        } else {
            site.ethernet.activate_trunk(site.stations[index]->id);
        }
        for (std::uint16_t vlan = 1; vlan <= 4; ++vlan) {
            std::vector<LogicalLanId> active;
            for (std::size_t i = 0; i < site.stations.size(); ++i)
                if (site.carries(i, wire::VlanId{vlan}) && site.ethernet.trunk_active(site.stations[i]->id))
                    active.push_back(site.stations[i]->id);
            RC_ASSERT(active.size() <= 1);
            const auto told = site.ethernet.active_trunk("ETHERNET0", wire::VlanId{vlan});
            RC_ASSERT(told.has_value() == !active.empty());
            if (told) RC_ASSERT(*told == active.front());
        }
    }
}

RC_GTEST_PROP(VirtualEthernet, frames_stay_in_their_vlan_and_never_return, ()) {
    Site site;
    for (int step = 0; step < 40; ++step) {
        const std::size_t from = site.any();
        switch (*rc::gen::inRange(0, 6)) {
            case 0:
                site.toggle(from);
                continue;
            case 1:
                site.ethernet.activate_trunk(site.stations[from]->id);
                continue;
            default:
                break;
        }
        const auto tag = *rc::gen::inRange<std::uint16_t>(0, 5);
        const auto source = *rc::gen::element<std::uint64_t>(from + 1, from + 1, 50, 51);
        const auto target = *rc::gen::inRange<std::uint64_t>(0, site.stations.size() + 2);
        const wire::MacAddress to = target == 0                     ? wire::MacAddress::broadcast()
                                    : target > site.stations.size() ? mac(50)
                                                                    : mac(target);
        site.ethernet.send(site.stations[from]->id, frame(mac(source), to, tag));
        site.engine.run_until(site.engine.now() + kLatency);
        const wire::VlanId sent_in = tag == 0 ? site.configs[from].port_vlan_id : wire::VlanId{tag};
        for (std::size_t i = 0; i < site.stations.size(); ++i) {
            for (const wire::Frame& one : site.stations[i]->seen) {
                RC_ASSERT(i != from);
                RC_ASSERT(site.carries(from, sent_in));
                RC_ASSERT(site.carries(i, sent_in));
                const wire::VlanId got_in = one.vlan == wire::kUntagged ? site.configs[i].port_vlan_id : one.vlan;
                RC_ASSERT(got_in == sent_in);
            }
            RC_ASSERT(site.stations[i]->seen.size() <= 1);
            site.stations[i]->seen.clear();
        }
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
