// Flows through Shared Ethernet Adapters: what streams cost (V44, V45), who limits them, and that they stall and return
// with the frames of an application that asks twenty times a second on the same path.
#include "vios/network/sea_flows.hpp"

#include <gtest/gtest.h>

#include "aix/workload/flow_costs.hpp"
#include "aix/workload/flow_network.hpp"
#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;
using aix::kMegabyte;
using wire::FlowDirection;
using wire::FlowKind;

constexpr double kReferenceHz = 1.65e9;
constexpr double kPower740Hz = 3.7e9 * 1.75;  // Reference cycles of the site's machine.

double utilization(double megabytes_per_s, std::int64_t millicycles) {
    return megabytes_per_s * static_cast<double>(kMegabyte) * static_cast<double>(millicycles) / 1000 / kReferenceHz;
}

TEST(SeaStreamCost, is_the_published_utilization_of_one_core) {  // V44
    EXPECT_NEAR(utilization(112.8, sea_stream_millicycles(SeaThreading::kThreaded, false, 1500)), 0.806, 0.005);
    EXPECT_NEAR(utilization(112.8, sea_stream_millicycles(SeaThreading::kInterrupt, false, 1500)), 0.668, 0.005);
    EXPECT_NEAR(utilization(162.2, sea_stream_millicycles(SeaThreading::kThreaded, true, 1500)), 0.888, 0.005);
    EXPECT_NEAR(utilization(161.6, sea_stream_millicycles(SeaThreading::kInterrupt, true, 1500)), 0.764, 0.005);
    EXPECT_NEAR(utilization(117.8, sea_stream_millicycles(SeaThreading::kThreaded, false, 9000)), 0.377, 0.005);
    EXPECT_NEAR(utilization(117.8, sea_stream_millicycles(SeaThreading::kInterrupt, false, 9000)), 0.267, 0.005);
    EXPECT_NEAR(utilization(217.0, sea_stream_millicycles(SeaThreading::kThreaded, true, 9000)), 0.525, 0.005);
    EXPECT_NEAR(utilization(216.8, sea_stream_millicycles(SeaThreading::kInterrupt, true, 9000)), 0.396, 0.005);
}

TEST(SeaStreamCost, of_threads_is_what_ibm_states) {  // V45
    const auto overhead = [](bool is_duplex, std::uint32_t frame_bytes) {
        return static_cast<double>(sea_stream_millicycles(SeaThreading::kThreaded, is_duplex, frame_bytes)) /
                   static_cast<double>(sea_stream_millicycles(SeaThreading::kInterrupt, is_duplex, frame_bytes)) -
               1;
    };
    for (const bool is_duplex : {false, true}) {
        EXPECT_GE(overhead(is_duplex, 1500), 0.155);
        EXPECT_LE(overhead(is_duplex, 1500), 0.205);
        EXPECT_GE(overhead(is_duplex, 9000), 0.305);
        EXPECT_LE(overhead(is_duplex, 9000), 0.39);
    }
}

TEST(SeaStreamCost, falls_with_the_size_of_frames) {
    std::int64_t before = 1'000'000;
    for (const std::uint32_t bytes : {576u, 1500u, 4000u, 9000u, wire::kLargesendBytes}) {
        const auto now = sea_stream_millicycles(SeaThreading::kThreaded, false, bytes);
        EXPECT_LT(now, before);
        EXPECT_GT(now, 3000);
        before = now;
    }
}

TEST(SendCost, of_one_core_is_one_to_three_gigabits_by_mtu) {
    const auto gigabits = [](std::uint32_t mtu) {
        return kReferenceHz / (static_cast<double>(aix::send_millicycles_per_byte(mtu)) / 1000) * 8 / 1e9;
    };
    EXPECT_NEAR(gigabits(1500), 1.0, 0.02);
    EXPECT_NEAR(gigabits(65394), 3.0, 0.02);
    EXPECT_GT(gigabits(9000), 2.0);
}

/// The SEA site with a network of flows over it.
class FlowSite {
  public:
    explicit FlowSite(const SiteOptions& options = {}, aix::LinkRate rate = aix::kTenGigabitLink)
        : site(options), network(site.engine, site.lan, "flows") {
        for (auto& one : site.vios) network.add_system(*one.os);
        for (auto& one : site.client) network.add_system(*one.os);
        for (std::size_t i = 0; i < 2; ++i) {
            bridges[i] = std::make_unique<SeaFlows>(*site.vios[i].sea);
            network.add_bridge(*bridges[i]);
            network.set_link_rate(*site.vios[i].nic, rate);
        }
        site.run_for(1s);
    }
    aix::FlowLoad& add(std::size_t client, aix::FlowLoadConfig config) {
        if (config.to == wire::kNoIpv4) config.to = client == 0 ? SeaSite::kServer1 : SeaSite::kServer2;
        loads.push_back(std::make_unique<aix::FlowLoad>(site.engine, network, *site.client[client].interface,
                                                        "flow" + std::to_string(loads.size()), config));
        site.system->adopt_entity(site.client[client].id, loads.back()->entity());
        loads.back()->start(site.engine.now());
        return *loads.back();
    }
    aix::FlowLoad& stream(std::size_t client, std::int64_t bytes_per_s,
                          FlowDirection direction = FlowDirection::kSend) {
        return add(client, {.to = wire::kNoIpv4, .direction = direction, .bytes_per_s = bytes_per_s});
    }
    [[nodiscard]] aix::FlowLoadResult result(const aix::FlowLoad& load) { return load.result(site.engine.now()); }
    [[nodiscard]] double rate(const aix::FlowLoad& load) { return static_cast<double>(result(load).rate_bytes_per_s); }
    /// Mean processors of a partition over the span.
    double physc(PartitionId id, sim::Duration span) {
        const auto used = [&] {
            return site.system->dispatcher().consumed(site.engine.now(), id).total.core_seconds();
        };
        const auto before = used();
        site.run_for(span);
        return (used() - before) / sim::to_seconds(span);
    }

    SeaSite site;
    aix::FlowNetwork network;
    std::array<std::unique_ptr<SeaFlows>, 2> bridges;
    std::vector<std::unique_ptr<aix::FlowLoad>> loads;
};

TEST(SeaFlows, stream_below_every_limit_gets_through_and_is_paid_by_bridge_and_sender) {
    FlowSite flows;
    flows.site.run_for(1s);
    const auto idle = flows.physc(flows.site.vios[0].id, 10s);
    const auto bytes = static_cast<std::int64_t>(112.8 * kMegabyte);
    const auto& load = flows.stream(0, bytes);
    flows.site.run_for(1s);
    const auto start = flows.result(load);
    EXPECT_NEAR(flows.physc(flows.site.vios[0].id, 10s) - idle, static_cast<double>(bytes) * 11.2 / kPower740Hz, 0.002);
    const auto end = flows.result(load);
    EXPECT_NEAR(static_cast<double>(end.bytes_delivered - start.bytes_delivered), static_cast<double>(bytes) * 10, 100);
    EXPECT_EQ(end.bytes_lost, start.bytes_lost);
    EXPECT_TRUE(end.outages.empty());
    const double copy = static_cast<double>(bytes * aix::send_millicycles_per_byte(1500)) / 1000 / kPower740Hz;
    const auto sender = flows.physc(flows.site.client[0].id, 1s);
    EXPECT_GE(sender, copy);
    EXPECT_LE(sender, copy + 0.011);
    EXPECT_LT(flows.physc(flows.site.vios[1].id, 1s), 0.01);
}

TEST(SeaFlows, gigabit_link_limits_one_way_and_both_ways_together) {
    FlowSite flows({}, aix::kGigabitLink);
    const auto& out = flows.stream(0, 300 * kMegabyte);
    flows.site.run_for(1s);
    EXPECT_NEAR(flows.rate(out), 100 * kMegabyte, 10);
    const auto& in = flows.stream(1, 300 * kMegabyte, FlowDirection::kReceive);
    flows.site.run_for(1s);
    EXPECT_NEAR(flows.rate(out), 75 * kMegabyte, 10);
    EXPECT_NEAR(flows.rate(in), 75 * kMegabyte, 10);
}

TEST(SeaFlows, processor_of_the_bridge_limits_and_is_shared_fairly) {
    FlowSite flows;
    SeaSite::check(flows.site.system->change_processors(
        flows.site.vios[0].id,
        {.proc_units = hypervisor::ProcUnits{20}, .sharing_mode = hypervisor::SharingMode::kCapped}));
    const auto& small = flows.stream(0, 10'000'000);
    const auto& large = flows.stream(0, 400'000'000);
    const auto& other = flows.stream(1, 400'000'000);
    flows.site.run_for(2s);
    const double all = 0.2 * kPower740Hz / 11.2;
    EXPECT_DOUBLE_EQ(flows.rate(small), 1e7);
    EXPECT_NEAR(flows.rate(large), flows.rate(other), 10);
    EXPECT_NEAR(flows.rate(small) + flows.rate(large) + flows.rate(other), all, 0.01 * all);
    EXPECT_NEAR(flows.physc(flows.site.vios[0].id, 5s), 0.2, 0.001);
}

TEST(SeaFlows, starved_bridge_loses_throughput_and_gets_it_back) {
    FlowSite flows;
    const auto& load = flows.stream(0, 100'000'000);
    flows.site.run_for(1s);
    EXPECT_DOUBLE_EQ(flows.rate(load), 1e8);
    const auto limit = [&](std::int32_t hundredths) {
        SeaSite::check(flows.site.system->change_processors(
            flows.site.vios[0].id,
            {.proc_units = hypervisor::ProcUnits{hundredths}, .sharing_mode = hypervisor::SharingMode::kCapped}));
        flows.site.run_for(1s);
        return flows.rate(load);
    };
    EXPECT_NEAR(limit(10), 0.1 * kPower740Hz / 11.2, 1e6);
    EXPECT_DOUBLE_EQ(limit(50), 1e8);
}

TEST(SeaFlows, jumbo_frames_and_largesend_cost_the_bridge_less) {
    const auto cost = [](std::uint32_t mtu, bool largesend, const SiteOptions& options) {
        FlowSite flows(options);
        flows.add(0, {.to = wire::kNoIpv4, .bytes_per_s = 100'000'000, .mtu_bytes = mtu, .largesend = largesend});
        flows.site.run_for(1s);
        return flows.physc(flows.site.vios[0].id, 2s);
    };
    const auto plain = cost(1500, false, {});
    const SiteOptions takes_jumbo{
        .attributes = {{"jumbo_frames", "yes"}}, .outside_mtu = 9000, .adapter_attributes = {{"jumbo_frames", "yes"}}};
    const auto jumbo = cost(9000, false, takes_jumbo);
    const auto large = cost(1500, true, {.attributes = {{"largesend", "1"}}});
    EXPECT_NEAR(plain - jumbo, 1e8 * 6.2 / kPower740Hz, 0.003);
    EXPECT_LT(large, jumbo);
    // Where the bridge does not take them, the client's segments and large frames do not help.
    EXPECT_NEAR(cost(9000, true, {}), plain, 0.001);
    // Nor do the client's large frames where the server's connection agrees on small ones.
    EXPECT_NEAR(cost(9000, false, {.attributes = takes_jumbo.attributes}), plain, 0.001);
}

TEST(SeaFlows, jumbo_frames_vanish_at_an_adapter_or_switch_that_does_not_take_them) {
    const auto rate = [](const SiteOptions& options, wire::FlowDirection direction) {
        FlowSite flows(options);
        auto& load =
            flows.add(0, {.to = wire::kNoIpv4, .direction = direction, .bytes_per_s = 50'000'000, .mtu_bytes = 9000});
        flows.site.run_for(1s);
        return flows.rate(load);
    };
    SiteOptions options{
        .attributes = {{"jumbo_frames", "yes"}}, .outside_mtu = 9000, .adapter_attributes = {{"jumbo_frames", "yes"}}};
    for (const auto direction : {wire::FlowDirection::kSend, wire::FlowDirection::kReceive}) {
        EXPECT_NEAR(rate(options, direction), 5e7, 1);
        auto one = options;
        one.switch_mtu = 1500;
        EXPECT_EQ(rate(one, direction), 0);
        one = options;
        one.adapter_attributes.clear();
        EXPECT_EQ(rate(one, direction), 0);
    }
}

TEST(SeaFlows, large_receive_stops_linux_and_ibm_i_clients_and_no_others) {
    const auto rate = [](aix::GuestSystem guest, wire::FlowDirection direction, std::string_view large_receive) {
        FlowSite flows({.attributes = {{"large_receive", std::string(large_receive)}}, .guest = guest});
        auto& load = flows.add(0, {.to = wire::kNoIpv4, .direction = direction, .bytes_per_s = 50'000'000});
        flows.site.run_for(1s);
        return flows.rate(load);
    };
    using enum wire::FlowDirection;
    EXPECT_NEAR(rate(aix::GuestSystem::kAix, kReceive, "yes"), 5e7, 1);
    EXPECT_NEAR(rate(aix::GuestSystem::kLinux, kReceive, "no"), 5e7, 1);
    EXPECT_NEAR(rate(aix::GuestSystem::kLinux, kSend, "yes"), 5e7, 1);
    EXPECT_NEAR(rate(aix::GuestSystem::kLinux, kReceive, "yes"), 7300, 1);
    EXPECT_NEAR(rate(aix::GuestSystem::kIbmI, kReceive, "yes"), 7300, 1);
}

TEST(SeaFlows, hang_of_the_client_is_no_outage_of_what_it_does_not_send) {
    FlowSite flows;
    const auto& load = flows.stream(0, 20'000'000);
    flows.site.run_for(2s);
    SeaSite::check(flows.site.system->hang(flows.site.client[0].id));
    flows.site.run_for(1s);
    EXPECT_EQ(flows.rate(load), 0);
    const auto sent = flows.result(load).bytes_offered;
    flows.site.run_for(4s);
    EXPECT_EQ(flows.result(load).bytes_offered, sent);
    SeaSite::check(flows.site.system->resume(flows.site.client[0].id));
    flows.site.run_for(2s);
    EXPECT_NEAR(flows.rate(load), 2e7, 1);
    EXPECT_TRUE(flows.result(load).outages.empty());
    EXPECT_EQ(flows.result(load).bytes_lost, 0u);
}

TEST(SeaFlows, transactions_cost_what_the_table_says) {
    FlowSite flows;
    flows.site.run_for(1s);
    const auto idle = flows.physc(flows.site.vios[0].id, 5s);
    const auto& load = flows.add(
        0,
        {.to = wire::kNoIpv4, .kind = FlowKind::kTransactions, .transactions_per_s = 10'000, .transaction_bytes = 64});
    flows.site.run_for(1s);
    const auto before = flows.result(load).transactions;
    EXPECT_NEAR(flows.physc(flows.site.vios[0].id, 10s) - idle, 10'000 * 23'022.0 / kPower740Hz, 0.001);
    EXPECT_NEAR(static_cast<double>(flows.result(load).transactions - before), 100'000, 2);
}

struct Fault {
    const char* name;
    SiteOptions options;
    void (*pull)(SeaSite&);
};

class FlowOutage : public testing::TestWithParam<Fault> {};

TEST_P(FlowOutage, is_that_of_frames) {
    FlowSite flows(GetParam().options);
    auto& site = flows.site;
    const aix::FlowLoad* loads[] = {&flows.stream(0, 20'000'000),
                                    &flows.stream(1, 20'000'000, FlowDirection::kReceive)};
    site.run_for(20s + 7ms);
    site.begin();
    GetParam().pull(site);
    site.run_for(50s);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto result = flows.result(*loads[i]);
        const auto gap = site.client[i].asker->gap();
        const auto outage = aix::longest(result.outages);
        if (gap < 2 * kAskInterval) {
            EXPECT_LT(outage, 2 * kAskInterval);
        } else {
            // The question that fails first and the one that succeeds first are up to an interval away from it.
            EXPECT_LE(outage, gap + aix::FlowNetwork::kWatchInterval);
            EXPECT_GE(outage + 2 * kAskInterval, gap);
        }
        EXPECT_TRUE(flows.network.has_path(static_cast<std::uint32_t>(i)));
        EXPECT_NEAR(static_cast<double>(result.bytes_lost), 2e7 * sim::to_seconds(aix::total(result.outages)), 1e6);
        EXPECT_NEAR(static_cast<double>(result.bytes_offered),
                    static_cast<double>(result.bytes_delivered + result.bytes_lost), 1e6);
    }
}

const Fault kFaults[] = {
    {"crash", {}, [](SeaSite& site) { SeaSite::check(site.system->crash(site.vios[0].id)); }},
    {"hang", {}, [](SeaSite& site) { SeaSite::check(site.system->hang(site.vios[0].id)); }},
    {"shutdown", {}, [](SeaSite& site) { SeaSite::check(site.system->shutdown(site.vios[0].id)); }},
    {"link_loss", {}, [](SeaSite& site) { site.lan.cut(site.vios[0].cable, fabric::CableSide::kBoth); }},
    {"manual", {}, [](SeaSite& site) { site.set(0, "ha_mode", "standby"); }},
    {"link_loss_spanning_tree",
     {.portfast = false},
     [](SeaSite& site) { site.lan.cut(site.vios[0].cable, fabric::CableSide::kBoth); }},
    {"crash_without_reverse_arp",
     {.attributes = {{"send_RARP", "no"}}},
     [](SeaSite& site) { SeaSite::check(site.system->crash(site.vios[0].id)); }},
    {"uplink_between_switches", {}, [](SeaSite& site) { site.lan.cut(site.uplink, fabric::CableSide::kBoth); }},
};

INSTANTIATE_TEST_SUITE_P(Faults, FlowOutage, testing::ValuesIn(kFaults),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SeaFlows, stopped_flow_is_in_no_outage_and_a_started_one_without_path_is) {
    FlowSite flows;
    auto& site = flows.site;
    auto& load = flows.stream(0, 1'000'000);
    site.run_for(5s);
    site.lan.cut(site.vios[0].cable, fabric::CableSide::kBoth);
    site.lan.cut(site.vios[1].cable, fabric::CableSide::kBoth);
    site.run_for(2s);
    load.stop();
    site.run_for(10s);
    EXPECT_NEAR(sim::to_seconds(aix::total(flows.result(load).outages)), 2.0, 0.02);
    EXPECT_EQ(flows.result(load).rate_bytes_per_s, 0);
    load.start(site.engine.now());
    site.run_for(3s);
    ASSERT_EQ(flows.result(load).outages.size(), 2u);
    EXPECT_TRUE(flows.result(load).outages.back().ongoing);
    EXPECT_NEAR(sim::to_seconds(aix::total(flows.result(load).outages)), 5.0, 0.02);
}

TEST(SeaFlows, bursts_offer_their_share_of_the_time) {
    FlowSite flows;
    const auto& load =
        flows.add(0, {.to = wire::kNoIpv4, .bytes_per_s = 50'000'000, .burst_on = 250ms, .burst_off = 750ms});
    flows.site.run_for(100s);
    const auto result = flows.result(load);
    EXPECT_NEAR(static_cast<double>(result.bytes_offered), 50e6 * 25, 50e6);
    EXPECT_NEAR(static_cast<double>(result.bytes_delivered), static_cast<double>(result.bytes_offered), 50e6 * 1.1);
    EXPECT_LE(result.bytes_delivered, result.bytes_offered);
    EXPECT_EQ(result.bytes_lost, 0u);
}

}  // namespace
}  // namespace pvmsim::vios
