// The queues between two partitions: linking in either order, return codes, order of arrival, full queues,
// failure of the partner, queues registered again.
#include "hypervisor/crq/crq_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace pvmsim::hypervisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr sim::Duration kLatency{10'000};
constexpr PartitionId kVios{1};
constexpr PartitionId kClient{5};
constexpr SlotNumber kSlot{30};
constexpr std::uint32_t kEntries = 4;

/// A driver that notes what arrives as "header.code/word" and takes it, if it is told to.
class Driver : public sim::Entity {
  public:
    Driver(sim::Engine& engine, CrqTransport& crq, std::string path) : crq_(crq), engine_(engine) {
        id = engine.add(*this, std::move(path));
    }
    void on_event(const sim::Event& event) override {
        const CrqArrived* const arrived = event.as<CrqArrived>();
        ASSERT_NE(arrived, nullptr);
        const CrqMessage& message = arrived->message;
        seen.push_back(message.header == CrqHeader::kTransportEvent ? "event " + std::to_string(message.code)
                                                                    : std::to_string(message.word));
        slot = arrived->slot;
        last_at = engine_.now();
        if (takes) crq_.take(adapter);
    }
    void digest(sim::Digest&) const override {}

    sim::EntityId id;
    CrqAdapterId adapter;
    bool takes = true;
    std::vector<std::string> seen;
    SlotNumber slot;
    sim::SimTime last_at;

  private:
    CrqTransport& crq_;
    sim::Engine& engine_;
};

class CrqTransportTest : public testing::Test {
  protected:
    void define_both() {
        vios.adapter = crq.define(kVios, kSlot, kClient, kSlot, false);
        client.adapter = crq.define(kClient, kSlot, kVios, kSlot, false);
    }
    void register_both() {
        define_both();
        EXPECT_EQ(crq.register_queue(vios.adapter, vios.id, kEntries), HcallStatus::kClosed);
        EXPECT_EQ(crq.register_queue(client.adapter, client.id, kEntries), HcallStatus::kSuccess);
    }
    HcallStatus send(const Driver& from, std::uint32_t word) { return crq.send(from.adapter, {.word = word}); }
    void settle() { engine.run_until(engine.now() + std::chrono::milliseconds{1}); }

    sim::Engine engine{1};
    CrqTransport crq{engine, kLatency};
    Driver vios{engine, crq, "vios"};
    Driver client{engine, crq, "client"};
};

TEST_F(CrqTransportTest, entry_arrives_at_the_partner_after_the_latency) {
    register_both();
    EXPECT_EQ(send(client, 7), HcallStatus::kSuccess);
    settle();
    EXPECT_THAT(vios.seen, ElementsAre("7"));
    EXPECT_EQ(vios.slot, kSlot);
    EXPECT_EQ(vios.last_at, sim::kStartOfRun + kLatency);
    EXPECT_THAT(client.seen, IsEmpty());
}

TEST_F(CrqTransportTest, codes_of_registration_and_sending) {
    define_both();
    EXPECT_EQ(send(client, 1), HcallStatus::kClosed) << "own queue not registered";
    EXPECT_EQ(crq.register_queue(client.adapter, client.id, kEntries), HcallStatus::kClosed)
        << "partner is not there yet";
    EXPECT_EQ(crq.register_queue(client.adapter, client.id, kEntries), HcallStatus::kResource) << "registered before";
    EXPECT_EQ(send(client, 1), HcallStatus::kClosed) << "partner not registered";
    EXPECT_EQ(crq.register_queue(vios.adapter, vios.id, kEntries), HcallStatus::kSuccess);
    EXPECT_EQ(send(client, 1), HcallStatus::kSuccess);
    crq.undefine(vios.adapter);
    EXPECT_EQ(crq.register_queue(vios.adapter, vios.id, kEntries), HcallStatus::kNotFound);
    EXPECT_EQ(send(client, 1), HcallStatus::kClosed);
    EXPECT_FALSE(crq.is_defined(kVios, kSlot));
}

TEST_F(CrqTransportTest, full_queue_drops_until_an_entry_is_taken) {
    register_both();
    vios.takes = false;
    for (std::uint32_t i = 1; i <= kEntries; ++i) EXPECT_EQ(send(client, i), HcallStatus::kSuccess);
    EXPECT_EQ(send(client, 5), HcallStatus::kDropped);
    settle();
    EXPECT_EQ(send(client, 5), HcallStatus::kDropped) << "arrived, but nobody took them";
    crq.take(vios.adapter);
    EXPECT_EQ(send(client, 6), HcallStatus::kSuccess);
    EXPECT_EQ(send(client, 7), HcallStatus::kDropped);
    settle();
    EXPECT_THAT(vios.seen, ElementsAre("1", "2", "3", "4", "6"));
}

TEST_F(CrqTransportTest, failure_arrives_after_what_was_sent_before_it) {
    register_both();
    send(vios, 1);
    send(vios, 2);
    crq.fail_partition(kVios);
    EXPECT_EQ(send(client, 3), HcallStatus::kClosed) << "closed from the same instant";
    settle();
    EXPECT_THAT(client.seen, ElementsAre("1", "2", "event 1"));
    EXPECT_FALSE(crq.is_registered(vios.adapter));
    EXPECT_TRUE(crq.is_registered(client.adapter));
}

TEST_F(CrqTransportTest, deregistration_is_told_even_to_a_full_queue) {
    register_both();
    client.takes = false;
    for (std::uint32_t i = 1; i <= kEntries; ++i) send(vios, i);
    crq.free_queue(vios.adapter);
    settle();
    EXPECT_THAT(client.seen, ElementsAre("1", "2", "3", "4", "event 2"));
}

TEST_F(CrqTransportTest, nothing_is_told_to_a_partner_that_is_not_registered) {
    define_both();
    crq.register_queue(vios.adapter, vios.id, kEntries);
    crq.fail_partition(kVios);
    settle();
    EXPECT_THAT(client.seen, IsEmpty());
}

TEST_F(CrqTransportTest, queue_registered_again_starts_empty) {
    register_both();
    vios.takes = false;
    send(client, 1);
    settle();
    send(client, 2);  // under way while the queue is freed
    crq.free_queue(vios.adapter);
    EXPECT_EQ(crq.register_queue(vios.adapter, vios.id, kEntries), HcallStatus::kSuccess);
    for (std::uint32_t i = 3; i < 3 + kEntries; ++i) EXPECT_EQ(send(client, i), HcallStatus::kSuccess);
    EXPECT_EQ(send(client, 9), HcallStatus::kDropped);
    settle();
    EXPECT_THAT(vios.seen, ElementsAre("1", "3", "4", "5", "6"));
}

TEST_F(CrqTransportTest, held_receiver_gets_everything_in_order_when_released) {
    register_both();
    engine.hold(vios.id);
    for (std::uint32_t i = 1; i <= kEntries + 1; ++i) send(client, i);
    settle();
    EXPECT_THAT(vios.seen, IsEmpty());
    engine.release(vios.id);
    settle();
    EXPECT_THAT(vios.seen, ElementsAre("1", "2", "3", "4"));
}

TEST_F(CrqTransportTest, either_side_may_be_defined_first_and_again) {
    for (const bool vios_first : {true, false}) {
        if (vios_first) vios.adapter = crq.define(kVios, kSlot, kClient, kSlot, false);
        client.adapter = crq.define(kClient, kSlot, kVios, kSlot, false);
        if (!vios_first) vios.adapter = crq.define(kVios, kSlot, kClient, kSlot, false);
        EXPECT_EQ(crq.partner_of(client.adapter), vios.adapter);
        EXPECT_EQ(crq.partner_of(vios.adapter), client.adapter);
        EXPECT_EQ(crq.find(kVios, kSlot), vios.adapter);
        crq.undefine(client.adapter);
        EXPECT_EQ(crq.partner_of(vios.adapter), vios.adapter);
        crq.undefine(vios.adapter);
    }
}

struct LinkCase {
    std::string name;
    PartitionId server_remote;
    SlotNumber server_remote_slot;
    bool server_any;
    SlotNumber client_names_slot;
    bool is_linked;
};

TEST_F(CrqTransportTest, both_sides_must_mean_each_other) {
    const PartitionId other{6};
    const std::vector<LinkCase> cases{
        {"both exact", kClient, kSlot, false, kSlot, true},
        {"server means another slot", kClient, SlotNumber{31}, false, kSlot, false},
        {"server means another client", other, kSlot, false, kSlot, false},
        {"client means another slot", kClient, kSlot, false, SlotNumber{31}, false},
        {"server takes any", kNoPartition, SlotNumber{0}, true, kSlot, true},
        {"server takes any slot of the client", kClient, SlotNumber{0}, true, kSlot, true},
        {"server takes any slot of another", other, SlotNumber{0}, true, kSlot, false},
        {"server takes any, client means another slot", kNoPartition, SlotNumber{0}, true, SlotNumber{31}, false},
    };
    for (const LinkCase& one : cases) {
        const CrqAdapterId server = crq.define(kVios, kSlot, one.server_remote, one.server_remote_slot, one.server_any);
        const CrqAdapterId user = crq.define(kClient, kSlot, kVios, one.client_names_slot, false);
        EXPECT_EQ(crq.partner_of(user) == server, one.is_linked) << one.name;
        EXPECT_EQ(crq.partner_of(server) == user, one.is_linked) << one.name;
        crq.undefine(server);
        crq.undefine(user);
    }
}

TEST_F(CrqTransportTest, server_for_any_takes_the_first_client_and_then_the_next) {
    const CrqAdapterId first = crq.define(PartitionId{7}, kSlot, kVios, kSlot, false);
    const CrqAdapterId second = crq.define(kClient, kSlot, kVios, kSlot, false);
    const CrqAdapterId server = crq.define(kVios, kSlot, kNoPartition, SlotNumber{0}, true);
    EXPECT_EQ(crq.partner_of(server), first);
    EXPECT_EQ(crq.partner_of(second), second);
    crq.undefine(first);
    EXPECT_EQ(crq.partner_of(server), second);
}

RC_GTEST_PROP(CrqTransport, entries_arrive_once_in_the_order_they_were_accepted, ()) {
    sim::Engine engine{1};
    CrqTransport crq{engine, kLatency};
    Driver server{engine, crq, "vios"};
    Driver client{engine, crq, "client"};
    server.adapter = crq.define(kVios, kSlot, kClient, kSlot, false);
    client.adapter = crq.define(kClient, kSlot, kVios, kSlot, false);
    crq.register_queue(server.adapter, server.id, 8);
    crq.register_queue(client.adapter, client.id, 8);
    std::vector<std::string> accepted;
    for (std::uint32_t i = 0; i < 60; ++i) {
        switch (*rc::gen::inRange(0, 5)) {
            case 0:
                engine.run_until(engine.now() + sim::Duration{*rc::gen::inRange(0, 30'000)});
                break;
            case 1:
                engine.hold(server.id);
                break;
            case 2:
                engine.release(server.id);
                break;
            default:
                if (crq.send(client.adapter, {.word = i}) == HcallStatus::kSuccess)
                    accepted.push_back(std::to_string(i));
        }
    }
    engine.release(server.id);
    engine.run_until(engine.now() + kLatency);
    RC_ASSERT(server.seen == accepted);
    RC_ASSERT(client.seen.empty());
}

}  // namespace
}  // namespace pvmsim::hypervisor
