// The queue against a std::multimap, which keeps the order of insertion among equal keys: whatever is pushed, cancelled
// and popped, both must tell the same story.
#include "sim/engine/event_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/random/random_stream.hpp"
#include "tests/sim/probe.hpp"

namespace pvmsim::sim {
namespace {

using testing::at_ns;
using testing::Note;

/// The queue and its model, driven together.
class Pair {
  public:
    void push(std::int64_t ns) {
        const std::uint64_t number = handles_.size();
        const auto scheduled = queue_.push(at_ns(ns), kEventKind<Note>, 0);
        std::memset(scheduled.payload, 0, kPayloadBytesMax);
        std::memcpy(scheduled.payload, &number, sizeof number);
        handles_.push_back(scheduled.handle);
        entries_.push_back(model_.emplace(ns, number));
        alive_.push_back(true);
    }
    /// Cancels by number of pushing; the event may be gone already.
    void cancel(std::size_t number) {
        ASSERT_EQ(queue_.cancel(handles_[number]), alive_[number]);
        if (!alive_[number]) return;
        model_.erase(entries_[number]);
        alive_[number] = false;
    }
    /// Pops the earliest event up to `until` from both. False when there was none; then time is `until`.
    bool pop(std::int64_t until_ns) {
        EventQueue::Due due;
        const bool got = queue_.pop(at_ns(until_ns), due);
        const bool expected = !model_.empty() && model_.begin()->first <= until_ns;
        EXPECT_EQ(got, expected);
        if (!got || !expected) {
            now_ns_ = std::max(now_ns_, until_ns);
            return false;
        }
        const auto [ns, number] = *model_.begin();
        std::uint64_t popped = 0;
        std::memcpy(&popped, due.slot->event.payload, sizeof popped);
        EXPECT_EQ(due.at, at_ns(ns));
        EXPECT_EQ(popped, number);
        queue_.begin_delivery(*due.slot);
        queue_.end_delivery(due.handle, *due.slot);
        model_.erase(model_.begin());
        alive_[number] = false;
        now_ns_ = ns;
        return !::testing::Test::HasFailure();
    }
    /// Looks for an event without letting time pass when there is none, as Engine::step does.
    bool peek(std::int64_t until_ns) {
        const std::int64_t before = now_ns_;
        if (pop(until_ns)) return true;
        now_ns_ = before;
        return false;
    }
    void drain() {
        while (pop(kEndOfTime.time_since_epoch().count())) {
        }
        EXPECT_EQ(queue_.size(), 0u);
    }

    [[nodiscard]] std::int64_t now_ns() const { return now_ns_; }
    [[nodiscard]] std::size_t pushed() const { return handles_.size(); }
    [[nodiscard]] std::size_t live() const { return model_.size(); }
    [[nodiscard]] const EventQueue& queue() const { return queue_; }

  private:
    EventQueue queue_;
    std::multimap<std::int64_t, std::uint64_t> model_;
    std::vector<std::multimap<std::int64_t, std::uint64_t>::iterator> entries_;
    std::vector<EventHandle> handles_;
    std::vector<bool> alive_;
    std::int64_t now_ns_ = 0;
};

/// A distance in time of any order of magnitude, with many ties.
std::int64_t any_delay(RandomStream& random) {
    const std::uint64_t kind = random.below(8);
    if (kind == 0) return 0;
    if (kind == 1) return static_cast<std::int64_t>(random.below(4)) * 10'000'000;
    return static_cast<std::int64_t>(random.bits() >> random.between(1, 63));
}

std::int64_t saturating_sum(std::int64_t now_ns, std::int64_t delay_ns) {
    constexpr std::int64_t kLast = kEndOfTime.time_since_epoch().count();
    return delay_ns < kLast - now_ns ? now_ns + delay_ns : kLast;
}

void play_random_story(std::uint64_t seed, std::size_t steps) {
    RandomStream random{seed, "queue", "story"};
    // Some stories grow, some shrink, some live in bursts.
    const std::uint64_t push_weight = 1 + random.below(6);
    // Most stories leave room for all their steps before the end of time; some reach it.
    const std::int64_t delay_cap = std::int64_t{1} << (random.chance(1, 8) ? 62 : random.between(4, 46));
    Pair pair;
    for (std::size_t step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
        const std::uint64_t action = random.below(push_weight + 6);
        const auto delay = [&] { return any_delay(random) % delay_cap; };
        if (action < push_weight) {
            const std::uint64_t burst = random.chance(1, 50) ? 200 : 1;
            for (std::uint64_t i = 0; i < burst; ++i) pair.push(saturating_sum(pair.now_ns(), delay()));
        } else if (action < push_weight + 2) {
            pair.peek(kEndOfTime.time_since_epoch().count());
        } else if (action == push_weight + 2) {
            const std::int64_t until = saturating_sum(pair.now_ns(), delay());
            while (pair.pop(until)) {
            }
        } else if (action == push_weight + 3) {
            pair.peek(saturating_sum(pair.now_ns(), delay()));
        } else if (pair.pushed() > 0) {
            pair.cancel(random.below(pair.pushed()));
        }
        // Time stands still once it has reached its end.
        if (pair.now_ns() == kEndOfTime.time_since_epoch().count()) break;
    }
    pair.drain();
}

RC_GTEST_PROP(EventQueueProperty, any_story_is_told_in_the_order_of_time_and_scheduling, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    play_random_story(seed, 400);
    RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(EventQueue, long_stories_are_told_in_the_order_of_time_and_scheduling) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        play_random_story(seed, 20'000);
        ASSERT_FALSE(HasFailure());
    }
}

TEST(EventQueue, hold_model_keeps_its_order_at_every_spread) {
    for (const std::int64_t mean_ns :
         std::initializer_list<std::int64_t>{50, 100'000, 3'000'000, 1'000'000'000, 3'600'000'000'000}) {
        SCOPED_TRACE(mean_ns);
        RandomStream random{static_cast<std::uint64_t>(mean_ns), "queue", "hold"};
        Pair pair;
        for (int i = 0; i < 3000; ++i) pair.push(random.exponential(Duration{mean_ns}).count());
        for (int i = 0; i < 30'000; ++i) {
            ASSERT_TRUE(pair.pop(kEndOfTime.time_since_epoch().count()));
            pair.push(pair.now_ns() + random.exponential(Duration{mean_ns}).count());
        }
        pair.drain();
    }
}

TEST(EventQueue, ties_leave_first_in_first_out_however_many) {
    Pair pair;
    for (int i = 0; i < 5000; ++i) {
        pair.push(10'000'000);
        pair.push(20'000'000);
    }
    for (int i = 0; i < 1000; ++i) pair.pop(10'000'000);
    for (int i = 0; i < 1000; ++i) pair.push(10'000'000);
    pair.drain();
}

TEST(EventQueue, after_looking_ahead_in_vain_earlier_events_still_come_first) {
    Pair pair;
    pair.push(1'000'000'000'000);
    EXPECT_FALSE(pair.pop(5'000));
    pair.push(5'000);
    pair.push(999'999'999'999);
    pair.push(5'001);
    pair.drain();
}

TEST(EventQueue, after_meeting_only_cancelled_events_the_present_still_takes_many) {
    Pair pair;
    RandomStream random{7, "queue", "present"};
    pair.push(3'600'000'000'000);
    pair.push(7'200'000'000'000);
    pair.cancel(0);
    // The look ahead meets the cancelled event, an hour away, and time stays where it was.
    EXPECT_FALSE(pair.peek(4'000'000'000'000));
    for (int i = 0; i < 5'000; ++i) pair.push(random.between(0, 3'700'000'000'000));
    pair.drain();
}

TEST(EventQueue, what_was_filed_near_a_future_base_is_found_again_from_the_present) {
    Pair pair;
    RandomStream random{8, "queue", "present"};
    constexpr std::int64_t kHour = 3'600'000'000'000;
    pair.push(kHour);
    for (int i = 0; i < 100; ++i) pair.push(kHour + random.between(2, 1'000'000'000));
    pair.cancel(0);
    EXPECT_FALSE(pair.peek(kHour + 1));
    for (int i = 0; i < 500; ++i) pair.push(random.between(0, kHour));
    pair.drain();
}

TEST(EventQueue, a_crowd_in_reverse_order_is_sorted_and_keeps_its_ties) {
    Pair pair;
    for (std::int64_t i = 0; i < 40'000; ++i) pair.push(10'000'000'000 + i * 1'000'000);
    for (int i = 500; i > 0; --i) pair.push(5'000'000'000 + i / 2);
    pair.drain();
}

TEST(EventQueue, events_at_the_end_of_time_are_kept_and_delivered_there) {
    constexpr std::int64_t kLast = kEndOfTime.time_since_epoch().count();
    Pair pair;
    for (const std::int64_t ns : {kLast, std::int64_t{0}, kLast - 1, kLast}) pair.push(ns);
    EXPECT_TRUE(pair.pop(kLast - 1));
    EXPECT_TRUE(pair.pop(kLast - 1));
    EXPECT_FALSE(pair.pop(kLast - 1));
    pair.push(kLast);
    pair.drain();
}

TEST(EventQueue, a_handle_is_stale_once_its_slot_lives_again) {
    EventQueue queue;
    const EventHandle first = queue.push(at_ns(10), kEventKind<Note>, 0).handle;
    EXPECT_TRUE(queue.cancel(first));
    const EventHandle second = queue.push(at_ns(20), kEventKind<Note>, 0).handle;
    EXPECT_EQ(first.slot, second.slot);
    EXPECT_FALSE(queue.cancel(first));
    EXPECT_EQ(queue.size(), 1u);
    EXPECT_TRUE(queue.cancel(second));
    EXPECT_FALSE(queue.cancel(EventHandle{}));
    EXPECT_EQ(queue.size(), 0u);
}

TEST(EventQueue, rescheduling_without_end_takes_no_more_memory) {
    EventQueue queue;
    constexpr int kTimers = 100;
    std::vector<EventHandle> timers(kTimers);
    std::int64_t ns = 0;
    const auto reschedule = [&](int rounds) {
        for (int round = 0; round < rounds; ++round) {
            for (EventHandle& timer : timers) {
                queue.cancel(timer);
                timer = queue.push(at_ns(30'000'000'000 + ++ns), kEventKind<Note>, 0).handle;
            }
        }
    };
    reschedule(500);
    const std::size_t before = queue.memory_bytes();
    reschedule(20'000);
    EXPECT_EQ(queue.memory_bytes(), before);
    EXPECT_LT(before, 1'000'000u);
    EXPECT_EQ(queue.size(), static_cast<std::size_t>(kTimers));
    EventQueue::Due due;
    for (const EventHandle& timer : timers) {
        ASSERT_TRUE(queue.pop(kEndOfTime, due));
        EXPECT_EQ(due.handle.slot, timer.slot);
    }
    EXPECT_FALSE(queue.pop(kEndOfTime, due));
}

}  // namespace
}  // namespace pvmsim::sim
