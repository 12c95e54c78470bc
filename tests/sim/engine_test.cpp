// Delivery, the life cycle of entities, and what belongs to a run's fingerprint.
// One number is stored: the fingerprint's definition itself.
#include "sim/engine/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>

#include "sim/trace/sinks/memory_sink.hpp"
#include "tests/sim/probe.hpp"

namespace pvmsim::sim {
namespace {

using namespace std::chrono_literals;
using testing::at_ns;
using ::testing::ElementsAre;
using testing::Fleeting;
using testing::Full;
using ::testing::IsEmpty;
using testing::Note;
using testing::OtherNote;
using testing::Probe;
using testing::Received;
using testing::Tick;

TEST(Engine, events_of_one_instant_arrive_in_the_order_of_scheduling) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.schedule_at(at_ns(5), probe.id, Note{1});
    engine.schedule_at(at_ns(3), probe.id, Note{2});
    engine.schedule_at(at_ns(5), probe.id, Note{3});
    probe.then = [&](std::uint64_t number) {
        if (number == 1) engine.schedule_in(0ns, probe.id, Note{4});
    };
    engine.run_until(at_ns(10));
    EXPECT_THAT(probe.received, ElementsAre(Received{3, 2}, Received{5, 1}, Received{5, 3}, Received{5, 4}));
    EXPECT_EQ(engine.now(), at_ns(10));
    EXPECT_EQ(engine.counters().delivered, 4u);
}

TEST(Engine, payloads_arrive_whole_whatever_their_size) {
    Engine engine{1};
    struct Taker : Entity {
        void on_event(const Event& event) override {
            if (const auto* full = event.as<Full>()) words = std::to_array(full->words);
            ticks += event.is<Tick>() ? 1 : 0;
        }
        void digest(Digest& digest) const override { digest.add(ticks); }
        std::array<std::uint64_t, 6> words{};
        int ticks = 0;
    } taker;
    const EntityId id = engine.add(taker, "taker");
    engine.schedule_in(1ns, id, Full{{1, 2, 3, 4, 5, 6}});
    engine.schedule_in(2ns, id, Tick{});
    engine.run_until(at_ns(2));
    EXPECT_THAT(taker.words, ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_EQ(taker.ticks, 1);
}

TEST(Engine, step_delivers_one_event_and_stops_before_the_limit) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.schedule_at(at_ns(5), probe.id, Note{1});
    engine.schedule_at(at_ns(9), probe.id, Note{2});
    EXPECT_FALSE(engine.step(at_ns(4)));
    EXPECT_EQ(engine.now(), kStartOfRun);
    EXPECT_TRUE(engine.step(at_ns(8)));
    EXPECT_EQ(engine.now(), at_ns(5));
    EXPECT_FALSE(engine.step(at_ns(8)));
    engine.run_until(at_ns(8));
    engine.schedule_in(0ns, probe.id, Note{3});
    engine.run_until(at_ns(9));
    EXPECT_THAT(probe.received, ElementsAre(Received{5, 1}, Received{8, 3}, Received{9, 2}));
    EXPECT_FALSE(engine.step());
}

TEST(Engine, a_delay_beyond_the_end_of_time_means_the_end_of_time) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.run_until(at_ns(100));
    engine.schedule_in(Duration::max(), probe.id, Note{1});
    engine.schedule_in(Duration::max() - 100ns, probe.id, Note{2});
    engine.run_until(kEndOfTime - 1ns);
    EXPECT_THAT(probe.received, IsEmpty());
    engine.run_until(kEndOfTime);
    EXPECT_THAT(probe.received,
                ElementsAre(Received{Duration::max().count(), 1}, Received{Duration::max().count(), 2}));
}

TEST(Engine, cancelling_works_once_and_clears_the_handle) {
    Engine engine{1};
    Probe probe{engine, "a"};
    EventHandle handle = engine.schedule_in(1ns, probe.id, Note{1});
    EventHandle copy = handle;
    engine.schedule_in(2ns, probe.id, Note{2});
    EXPECT_EQ(engine.pending(), 2u);
    EXPECT_TRUE(engine.cancel(handle));
    EXPECT_FALSE(engine.cancel(handle));
    EXPECT_FALSE(engine.cancel(copy));
    EXPECT_EQ(engine.pending(), 1u);
    engine.run_until(at_ns(3));
    EXPECT_THAT(probe.received, ElementsAre(Received{2, 2}));
    EXPECT_EQ(engine.counters().cancelled, 1u);
}

TEST(Engine, an_event_under_delivery_cannot_be_cancelled) {
    Engine engine{1};
    Probe probe{engine, "a"};
    EventHandle handle = engine.schedule_in(1ns, probe.id, Note{1});
    bool cancelled = true;
    probe.then = [&](std::uint64_t) { cancelled = engine.cancel(handle); };
    engine.run_until(at_ns(1));
    EXPECT_FALSE(cancelled);
}

TEST(EntityLife, events_to_a_removed_entity_are_dropped_and_counted) {
    Engine engine{1};
    Probe stays{engine, "stays"};
    auto goes = std::make_unique<Probe>(engine, "goes");
    const EntityId id = goes->id;
    engine.schedule_in(1ns, id, Note{1});
    engine.schedule_in(2ns, stays.id, Note{2});
    engine.remove(id);
    goes.reset();
    engine.schedule_in(3ns, id, Note{3});
    engine.run_until(at_ns(5));
    EXPECT_THAT(stays.received, ElementsAre(Received{2, 2}));
    EXPECT_EQ(engine.counters().dropped_forgotten, 2u);
    EXPECT_EQ(engine.counters().delivered, 1u);
    EXPECT_EQ(engine.path_of(id), "goes");
    EXPECT_EQ(engine.find("goes"), kNoEntity);
    Probe again{engine, "goes"};
    EXPECT_NE(again.id, id);
    EXPECT_EQ(engine.find("goes"), again.id);
}

TEST(EntityLife, an_entity_may_remove_itself_and_add_another_while_it_receives) {
    Engine engine{1};
    Probe first{engine, "first"};
    std::vector<std::unique_ptr<Probe>> children;
    first.then = [&](std::uint64_t) {
        engine.remove(first.id);
        for (int i = 0; i < 100; ++i) children.push_back(std::make_unique<Probe>(engine, "child" + std::to_string(i)));
        engine.schedule_in(1ns, children.back()->id, Note{2});
    };
    engine.schedule_in(1ns, first.id, Note{1});
    engine.schedule_in(2ns, first.id, Note{9});
    engine.run_until(at_ns(5));
    EXPECT_THAT(first.received, ElementsAre(Received{1, 1}));
    EXPECT_THAT(children.back()->received, ElementsAre(Received{2, 2}));
}

TEST(EntityLife, forgetting_drops_what_is_under_way_and_nothing_later) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.schedule_in(5ns, probe.id, Note{1});
    engine.schedule_in(1ns, probe.id, Note{2});
    engine.hold(probe.id);
    engine.run_until(at_ns(2));
    engine.forget_pending(probe.id);
    EXPECT_EQ(engine.counters().dropped_forgotten, 1u);
    engine.schedule_in(4ns, probe.id, Note{3});
    engine.run_until(at_ns(10));
    EXPECT_THAT(probe.received, ElementsAre(Received{6, 3}));
    EXPECT_EQ(engine.counters().dropped_forgotten, 2u);
    EXPECT_EQ(engine.pending(), 0u);
}

TEST(EntityLife, held_events_wait_in_order_and_fleeting_ones_are_lost) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.hold(probe.id);
    engine.schedule_in(1ns, probe.id, Note{1});
    engine.schedule_in(2ns, probe.id, Fleeting{2});
    EventHandle waiting = engine.schedule_in(3ns, probe.id, Note{3});
    engine.schedule_in(4ns, probe.id, Note{4});
    engine.schedule_in(9ns, probe.id, Note{5});
    engine.schedule_in(20ns, probe.id, Note{6});
    engine.run_until(at_ns(9));
    EXPECT_THAT(probe.received, IsEmpty());
    EXPECT_EQ(engine.counters().dropped_held, 1u);
    EXPECT_EQ(engine.pending(), 5u);
    EXPECT_TRUE(engine.cancel(waiting));
    engine.schedule_in(0ns, probe.id, Note{7});
    engine.release(probe.id);
    EXPECT_THAT(probe.received, IsEmpty());
    engine.run_until(at_ns(30));
    EXPECT_THAT(probe.received,
                ElementsAre(Received{9, 7}, Received{9, 1}, Received{9, 4}, Received{9, 5}, Received{20, 6}));
}

TEST(EntityLife, held_again_before_they_arrived_events_keep_waiting_in_order) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.hold(probe.id);
    engine.schedule_in(1ns, probe.id, Note{1});
    engine.schedule_in(2ns, probe.id, Note{2});
    engine.run_until(at_ns(5));
    engine.release(probe.id);
    engine.hold(probe.id);
    engine.hold(probe.id);
    engine.run_until(at_ns(6));
    EXPECT_THAT(probe.received, IsEmpty());
    engine.release(probe.id);
    engine.run_until(at_ns(7));
    EXPECT_THAT(probe.received, ElementsAre(Received{6, 1}, Received{6, 2}));
}

/// What may differ between two runs of the same little story.
struct Story {
    std::int64_t ns = 10;
    std::uint64_t number = 1;
    std::string path = "a";
    bool other_kind = false;
    bool with_sink = false;
    bool one_more = false;
};

std::uint64_t fingerprint_of(const Story& story) {
    Engine engine{1};
    MemorySink sink;
    if (story.with_sink) engine.trace().attach(sink);
    Probe probe{engine, story.path};
    Probe witness{engine, "witness"};
    probe.then = [&](std::uint64_t number) {
        engine.trace().milestone(engine.now(), story.path, "noted", "noted it", {{"number", std::int64_t{1}}});
        if (number < 20) engine.schedule_in(1ns, witness.id, Note{number + 20});
    };
    if (story.other_kind)
        engine.schedule_at(at_ns(story.ns), probe.id, OtherNote{story.number});
    else
        engine.schedule_at(at_ns(story.ns), probe.id, Note{story.number});
    if (story.one_more) engine.schedule_at(at_ns(story.ns), witness.id, Tick{});
    engine.run_until(at_ns(100));
    EXPECT_EQ(sink.records().size(), story.with_sink ? 1u : 0u);
    return engine.fingerprint();
}

TEST(Fingerprint, is_the_same_for_the_same_story_with_a_sink_or_without) {
    EXPECT_EQ(fingerprint_of({}), fingerprint_of({}));
    EXPECT_EQ(fingerprint_of({}), fingerprint_of({.with_sink = true}));
}

TEST(Fingerprint, is_this_number_in_every_build) {
    // Changes only when the definition of the fingerprint does; stored fingerprints of scenarios change with it.
    EXPECT_EQ(fingerprint_of({}), 6638758322526494812u);
}

TEST(Fingerprint, differs_by_time_payload_path_kind_and_number_of_events) {
    const std::vector<std::uint64_t> all = {fingerprint_of({}),
                                            fingerprint_of({.ns = 11}),
                                            fingerprint_of({.number = 2}),
                                            fingerprint_of({.path = "b"}),
                                            fingerprint_of({.other_kind = true}),
                                            fingerprint_of({.one_more = true})};
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i], all[j]) << i << " and " << j;
}

TEST(Fingerprint, differs_by_any_word_of_a_large_payload) {
    std::vector<std::uint64_t> all;
    for (int changed = -1; changed < 6; ++changed) {
        Engine engine{1};
        Probe probe{engine, "a"};
        Full full{{1, 2, 3, 4, 5, 6}};
        if (changed >= 0) ++full.words[changed];
        engine.schedule_in(1ns, probe.id, full);
        engine.run_until(at_ns(1));
        for (const std::uint64_t other : all) EXPECT_NE(engine.fingerprint(), other) << changed;
        all.push_back(engine.fingerprint());
    }
}

TEST(Fingerprint, differs_by_the_state_of_living_entities_only) {
    Engine one{1};
    Engine two{1};
    Probe probe_of_one{one, "a"};
    Probe probe_of_two{two, "a"};
    probe_of_two.received.push_back({0, 0});
    EXPECT_NE(one.fingerprint(), two.fingerprint());
    one.remove(probe_of_one.id);
    two.remove(probe_of_two.id);
    EXPECT_EQ(one.fingerprint(), two.fingerprint());
}

/// A story long enough to take every path of the queue: entities that answer one another after drawn delays.
std::uint64_t crowd_story(std::uint64_t seed) {
    struct Member : Entity {
        Member(Engine& owner, const std::string& path)
            : engine(owner), random(owner.random_stream(path, "gossip")), id(owner.add(*this, path)) {}
        void on_event(const Event& event) override {
            const auto* note = event.as<Note>();
            sum += note->number;
            const EntityId next{static_cast<std::uint32_t>(random.below(50))};
            engine.schedule_in(random.exponential(1ms), next, Note{sum});
            if (random.chance(1, 4)) {
                engine.cancel(timer);
                timer = engine.schedule_in(random.uniform(1ms, 5ms), id, Note{1});
            }
        }
        void digest(Digest& digest) const override { digest.add(sum); }

        Engine& engine;
        RandomStream random;
        EntityId id;
        EventHandle timer;
        std::uint64_t sum = 0;
    };
    Engine engine{seed};
    std::vector<std::unique_ptr<Member>> members;
    for (int i = 0; i < 50; ++i) members.push_back(std::make_unique<Member>(engine, "member" + std::to_string(i)));
    for (const auto& member : members) engine.schedule_in(1ms, member->id, Note{7});
    engine.run_until(kStartOfRun + 200ms);
    return engine.fingerprint();
}

TEST(Engine, engines_on_threads_do_not_touch_one_another) {
    constexpr std::size_t kThreads = 4;
    std::array<std::uint64_t, kThreads> on_threads{};
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < kThreads; ++i)
            threads.emplace_back([&on_threads, i] { on_threads[i] = crowd_story(i / 2); });
    }
    EXPECT_EQ(on_threads[0], crowd_story(0));
    EXPECT_EQ(on_threads[0], on_threads[1]);
    EXPECT_EQ(on_threads[2], on_threads[3]);
    EXPECT_NE(on_threads[0], on_threads[2]);
}

using EngineDeathTest = ::testing::Test;

TEST(EngineDeathTest, our_own_mistakes_end_the_process) {
    Engine engine{1};
    Probe probe{engine, "a"};
    engine.run_until(at_ns(10));
    EXPECT_DEATH(engine.schedule_at(at_ns(9), probe.id, Note{1}), "assertion failed: at >= now_");
    EXPECT_DEATH(engine.schedule_in(-1ns, probe.id, Note{1}), "assertion failed: delay >=");
    EXPECT_DEATH(engine.schedule_in(1ns, EntityId{7}, Note{1}), "assertion failed: target");
    EXPECT_DEATH((Probe{engine, "a"}), "assertion failed: path_is_new");
    probe.then = [&](std::uint64_t) { engine.step(); };
    engine.schedule_in(1ns, probe.id, Note{1});
    EXPECT_DEATH(engine.run_until(at_ns(20)), "assertion failed: !delivering_");
}

TEST(EngineDeathTest, an_installed_handler_is_told_what_failed_and_where) {
    const auto exit_with_three = [](std::string_view condition, std::string_view file, int line) {
        std::fprintf(stderr, "told: %.*s line %d %d\n", static_cast<int>(condition.size()), condition.data(), line > 0,
                     file.ends_with("engine_test.cpp"));
        std::_Exit(3);
    };
    EXPECT_EXIT(
        {
            set_assertion_handler(exit_with_three);
            PVMSIM_ASSERT(1 + 1 == 3);
        },
        ::testing::ExitedWithCode(3), "told: 1 \\+ 1 == 3 line 1 1");
}

}  // namespace
}  // namespace pvmsim::sim
