// Threads, queues and quality of service of a Shared Ethernet Adapter: who waits where, who goes first, who is lost
// when the processor does not suffice (behaviour 3.2, 7.2).
#include "vios/network/sea_queues.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

wire::Frame frame_of(std::uint32_t client, std::uint8_t priority = 0, std::uint32_t serial = 0) {
    wire::Frame frame;
    frame.source = wire::MacAddress::from_integer(0x0200'0000'0000u + client);
    frame.type = wire::FrameType::kRequest;
    frame.priority = priority;
    frame.serial = serial;
    frame.size_bytes = 1000;
    return frame;
}

SeaQueueSettings of_mode(SeaQosMode mode) {
    SeaQueueSettings settings;
    settings.qos_mode = mode;
    return settings;
}

/// What goes, turn by turn, by priority.
std::vector<int> order(SeaQueues& queues) {
    std::vector<int> priorities;
    while (!queues.empty()) priorities.push_back(queues.pop(queues.next_turn())->frame.priority);
    return priorities;
}

TEST(SeaQueues, without_quality_of_service_the_order_is_that_of_arrival) {
    SeaQueues queues;
    for (const auto priority : std::vector<std::uint8_t>{1, 7, 0, 5})
        queues.push(sim::SimTime{} + 1us, SeaSide::kVirtual, frame_of(1, priority));
    EXPECT_FALSE(queues.pop(sim::SimTime{}));
    EXPECT_EQ(order(queues), (std::vector{1, 7, 0, 5}));
}

TEST(SeaQueues, strict_sends_the_most_important_first) {
    SeaQueues queues;
    queues.configure(of_mode(SeaQosMode::kStrict));
    for (std::uint8_t priority = 0; priority < 8; ++priority)
        queues.push(sim::SimTime{} + 1us, SeaSide::kVirtual, frame_of(priority, priority));
    EXPECT_EQ(order(queues), (std::vector{7, 6, 5, 4, 3, 0, 2, 1}));
}

TEST(SeaQueues, loose_gives_each_class_its_bytes) {
    SeaQueues queues;
    queues.configure(of_mode(SeaQosMode::kLoose));
    for (int i = 0; i < 2000; ++i) {
        queues.push({}, SeaSide::kVirtual, frame_of(1, 7));
        queues.push({}, SeaSide::kVirtual, frame_of(1, 1));
    }
    std::array<int, 8> first_round{};
    for (int i = 0; i < 591; ++i) ++first_round[queues.pop({})->frame.priority];
    EXPECT_EQ(first_round[7], 525);  // 524,288 bytes of frames of 1000
    EXPECT_EQ(first_round[1], 66);   // 65,536
}

TEST(SeaQueues, client_that_floods_fills_its_own_threads_queue) {
    SeaQueues queues;
    queues.configure({.thread_count = 7, .queue_size = 128});
    for (int i = 0; i < 200; ++i)
        if (!queues.overflows(SeaSide::kVirtual, frame_of(1))) queues.push({}, SeaSide::kVirtual, frame_of(1));
    EXPECT_EQ(queues.size(), 128u);
    EXPECT_EQ(queues.overflows(), 72u);
    const auto other = frame_of(2);
    EXPECT_NE(queues.thread_of(SeaSide::kVirtual, frame_of(1)), queues.thread_of(SeaSide::kVirtual, other));
    EXPECT_FALSE(queues.overflows(SeaSide::kVirtual, other));
    const auto& full = queues.counters(queues.thread_of(SeaSide::kVirtual, frame_of(1)), SeaQueues::kDefaultQueue);
    EXPECT_EQ(full.full_dropped, 72u);
    EXPECT_EQ(full.queued_max, 128u);
}

TEST(SeaQueues, client_has_one_thread_whichever_way_its_frames_go) {
    SeaQueues queues;
    auto back = frame_of(0);
    back.destination = frame_of(9).source;
    EXPECT_EQ(queues.thread_of(SeaSide::kVirtual, frame_of(9)), queues.thread_of(SeaSide::kReal, back));
}

TEST(SeaQueues, no_queue_limits_interrupt_level) {
    SeaQueues queues;
    queues.configure({.is_threaded = false, .queue_size = 128, .qos_mode = SeaQosMode::kStrict});
    for (int i = 0; i < 200; ++i) queues.push({}, SeaSide::kVirtual, frame_of(1, static_cast<std::uint8_t>(i % 8)));
    EXPECT_FALSE(queues.overflows(SeaSide::kVirtual, frame_of(1)));
    EXPECT_EQ(queues.pop({})->frame.priority, 0);  // No quality of service without threads.
    EXPECT_EQ(queues.pop({})->frame.priority, 1);
}

TEST(SeaQueues, less_important_frame_makes_room) {
    SeaQueues queues;
    queues.configure(of_mode(SeaQosMode::kStrict));
    queues.push({}, SeaSide::kVirtual, frame_of(1, 0, 1));
    queues.push({}, SeaSide::kVirtual, frame_of(1, 5, 2));
    EXPECT_EQ(queues.displace(SeaSide::kVirtual, frame_of(1, 1, 3)).frame.serial, 3u);  // Itself the least important.
    EXPECT_EQ(queues.displace(SeaSide::kVirtual, frame_of(1, 7, 4)).frame.serial, 1u);
    EXPECT_EQ(queues.size(), 2u);
    EXPECT_EQ(order(queues), (std::vector{7, 5}));
    EXPECT_EQ(queues.displace(SeaSide::kVirtual, frame_of(1, 7, 5)).frame.serial, 5u);  // Nobody has a turn to give.
}

RC_GTEST_PROP(SeaQueues, frames_are_neither_lost_nor_doubled_and_keep_their_order_in_a_class, ()) {
    const auto mode = *rc::gen::element(SeaQosMode::kDisabled, SeaQosMode::kStrict, SeaQosMode::kLoose);
    SeaQueues queues;
    queues.configure(of_mode(mode));
    std::uint32_t serial = 0;
    std::size_t waiting = 0, lost = 0, gone = 0;
    std::array<std::uint32_t, 8> last{};
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40));
    for (const auto step : steps) {
        const auto frame = frame_of(static_cast<std::uint32_t>(step), static_cast<std::uint8_t>(step % 8), ++serial);
        if (step < 24) {
            queues.push({}, SeaSide::kVirtual, frame);
        } else if (step < 32) {
            (void)queues.displace(SeaSide::kVirtual, frame);
            ++lost;
        } else if (step == 39) {
            auto settings = queues.settings();
            settings.thread_count = settings.thread_count % 9 + 1;
            queues.configure(settings);
            --serial;
        } else {
            --serial;
            const auto next = queues.pop({});
            RC_ASSERT(next.has_value() == (waiting > 0));
            if (!next) continue;
            ++gone;
            RC_ASSERT(next->frame.serial > last[next->frame.priority]);
            last[next->frame.priority] = next->frame.serial;
        }
        waiting = queues.size();
        RC_ASSERT(waiting + lost + gone == serial);
    }
}

// --- on a site whose VIOS has too little processor ---

SiteOptions starved(std::string_view qos) {
    SiteOptions options;
    options.vios_hundredths = 10;
    options.attributes = {{"qos_mode", std::string(qos)}};
    options.qos_priority = {std::uint8_t{1}, std::uint8_t{7}};
    return options;
}

struct Passed {
    double low;   ///< part of what the unimportant client sent
    double high;  ///< of the important one
};

/// Each client sends 80,000 standard frames a second, together four times what a tenth of a core can bridge.
Passed flood(const SiteOptions& options) {
    SeaSite site(options);
    site.run_for(1s);
    std::array<wire::Frame, 2> frames;
    for (std::size_t i = 0; i < 2; ++i) {
        frames[i].source = site.client[i].adapter->mac();
        frames[i].destination = site.server[i]->mac();
        frames[i].type = wire::FrameType::kResponse;
        frames[i].size_bytes = 1514;
    }
    std::array<std::uint64_t, 2> at_server{};
    struct Counter : fabric::NicPortOwner {
        explicit Counter(std::uint64_t& to) : count(to) {}
        void on_frame(fabric::NicPort&, const wire::Frame& frame) override { count += frame.size_bytes == 1514; }
        void on_carrier(fabric::NicPort&, bool) override {}
        std::uint64_t& count;
    };
    Counter first(at_server[0]), second(at_server[1]);
    site.server[0]->port().attach(&first);
    site.server[1]->port().attach(&second);
    constexpr int kFrames = 40'000;
    for (int i = 0; i < kFrames; ++i) {
        for (std::size_t c = 0; c < 2; ++c) site.client[c].adapter->send(frames[c]);
        if (i % 4 == 3) site.run_for(50us);
    }
    return {static_cast<double>(at_server[0]) / kFrames, static_cast<double>(at_server[1]) / kFrames};
}

TEST(SeaQos, overload_hits_everybody_alike_when_disabled) {
    const auto passed = flood(starved("disabled"));
    EXPECT_NEAR(passed.low, passed.high, 0.05);
    EXPECT_NEAR(passed.low + passed.high, 0.48, 0.06);  // 38,000 of 160,000 frames a second, of each client's 80,000
}

TEST(SeaQos, strict_starves_the_unimportant_and_loose_does_not) {
    const auto fair = flood(starved("disabled"));
    const auto strict = flood(starved("strict"));
    const auto loose = flood(starved("loose"));
    EXPECT_LT(strict.low, 0.02);
    EXPECT_GT(strict.high, 0.4);
    EXPECT_GT(loose.low, 0.04);
    EXPECT_GT(loose.high, 4 * loose.low);
    EXPECT_NEAR(strict.high + strict.low, fair.high + fair.low, 0.05);  // The processor does the same work.
    EXPECT_NEAR(loose.high + loose.low, fair.high + fair.low, 0.05);
}

TEST(SeaQos, needs_threads) {
    auto options = starved("strict");
    options.attributes.emplace_back("thread", "0");
    const auto passed = flood(options);
    EXPECT_NEAR(passed.low, passed.high, 0.1);  // Not 0 and 0.48 as with threads.
}

TEST(SeaThreads, short_queue_overflows_before_the_processors_limit) {
    auto options = starved("disabled");
    options.attributes.emplace_back("queue_size", "128");
    SeaSite site(options);
    site.run_for(1s);
    wire::Frame frame;
    frame.source = site.client[0].adapter->mac();
    frame.destination = site.server[0]->mac();
    frame.type = wire::FrameType::kResponse;
    frame.size_bytes = 1514;
    // Half a window's worth of work for everything, then more than 128 that have to wait.
    for (int i = 0; i < 3000; ++i) {
        site.client[0].adapter->send(frame);
        site.run_for(5us);
    }
    const auto& sea = *site.vios[0].sea;
    EXPECT_GT(sea.queues().overflows(), 100u);
    EXPECT_EQ(IoProcessor::of(*site.vios[0].os).counters().frames_dropped, 0u);
    EXPECT_GE(sea.virtual_side().dropped, sea.queues().overflows());
}

TEST(SeaThreads, interrupt_level_frames_do_not_wait_for_virtual_scsi_but_it_waits_for_them) {
    SeaSite site(starved("disabled"));
    auto& processor = IoProcessor::of(*site.vios[0].os);
    processor.charge(20'000'000);  // Some 30 ms of a tenth of a core: work of virtual SCSI.
    EXPECT_GT(processor.charge_frame(10'000).value(), 10ms);
    EXPECT_EQ(processor.charge_interrupt_frame(10'000).value(), 0ms);
    const auto before = processor.backlog();
    for (int i = 0; i < 1000; ++i) (void)processor.charge_interrupt_frame(10'000);
    EXPECT_GT(processor.backlog(), before + 10ms);
    EXPECT_GT(processor.charge_interrupt_frame(10'000).value(), 0ms);  // They wait for each other.
    for (int i = 0; i < 4000; ++i) (void)processor.charge_interrupt_frame(10'000);
    EXPECT_FALSE(processor.charge_interrupt_frame(10'000));  // 50 ms is what the adapter's buffers hold.
    EXPECT_GT(processor.counters().frames_dropped, 0u);
}

}  // namespace
}  // namespace pvmsim::vios
