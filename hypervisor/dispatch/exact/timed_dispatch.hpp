// TimedDispatch: the exact dispatcher event by event, for systems in which something happens inside the 10 ms windows:
// bursts, dedicated processors lent while idle, H_CEDE, H_PROD and H_CONFER. Its events are its own, not the engine's.
//
// At the start of a window the steady allocation of what is wanted then is the plan: each virtual processor's planned
// capacity is guaranteed. Entitled capacity goes before uncapped shares. Who waits takes over a core at the last moment
// at which its planned capacity still fits the window (zero laxity), so all of it is served whenever the sum fits.
// Who becomes ready later uses what is unspent of its partition's entitlement: on an idle core, or in place of an
// uncapped share, or when a core falls free. Slack goes to uncapped partitions, the smallest use by weight first.
// Nothing is carried over. Bursts go before constant demand on the same virtual processor; constant demand that a
// window did not serve is gone. Changes of configuration and of constant demand hold from the next window on.
// Sources: behaviour 1.2 to 1.4; zero laxity instead of the unpublished order inside the window is our choice.
#pragma once

#include <cstdint>
#include <queue>
#include <span>
#include <unordered_map>
#include <vector>

#include "hypervisor/dispatch/dispatcher.hpp"
#include "hypervisor/dispatch/exact/timed_processor.hpp"
#include "hypervisor/dispatch/exact/timed_queues.hpp"

namespace pvmsim::hypervisor {

/// The longest run on slack, on siblings' ceded slices, or on the share in a pool with a maximum before it is looked at
/// again. [PARAM] our choice.
inline constexpr std::int64_t kQuantumNs = 1'000'000;

class TimedDispatch {
  public:
    /// `start` is where a window starts.
    TimedDispatch(const ExactTopology& topology, const ExactCosts& costs, sim::SimTime start);

    void set_cores(std::uint32_t shared);
    void set_pools(std::span<const SteadyPool> others);
    /// Returns its number: 0, 1, ...
    std::uint32_t add_partition(const TimedPartition& partition);
    /// Virtual processors that stay keep demand, bursts and counts; bursts of those that go move to others.
    void change_partition(std::uint32_t partition, const TimedPartition& to);
    /// At once; its bursts are done. change_partition() starts it again.
    void stop_partition(std::uint32_t partition);
    void set_demand(VirtualProcessor of, CoreRate demand);

    /// `arrived` may lie before the start: ready from then on.
    BurstId add_burst(sim::SimTime arrived, VirtualProcessor of, sim::Duration work);
    /// As of now(); forgets a burst that is done.
    [[nodiscard]] BurstStatus status(BurstId burst);

    /// Everything that happens until then; the window that starts at `at` is planned when time goes on.
    void run_until(sim::SimTime at);

    /// H_CEDE of a running virtual processor. True: it yields.
    bool cede(VirtualProcessor caller);
    void prod(VirtualProcessor target);
    /// H_CONFER of a running virtual processor to another one of its partition whose dispatch count the caller saw; to
    /// itself: until prodded. True: it yields.
    bool confer(VirtualProcessor caller, std::uint32_t target, std::uint64_t dispatch_count);
    bool confer_to_all(VirtualProcessor caller);
    void enable_log(VirtualProcessor of, TraceMask mask, std::size_t entries_max);

    [[nodiscard]] sim::SimTime now() const { return sim::kStartOfRun + sim::Duration{now_ns_}; }
    [[nodiscard]] ProcessorTime time(std::uint32_t partition) const { return accounts_[partition].time; }
    [[nodiscard]] CoreRate highest(std::uint32_t partition) const;
    [[nodiscard]] sim::Duration donated(std::uint32_t partition) const;
    [[nodiscard]] DispatchCounts counts(std::uint32_t partition) const;
    [[nodiscard]] sim::Duration latency_max(std::uint32_t partition) const;
    [[nodiscard]] const TimedProcessor& processor(VirtualProcessor of) const;
    [[nodiscard]] PoolUse physical_pool() const;
    [[nodiscard]] PoolUse pool_use(std::uint32_t pool) const;
    [[nodiscard]] sim::Duration idle() const { return sim::Duration{idle_ns_}; }
    [[nodiscard]] std::uint64_t slices() const { return slices_; }

  private:
    struct Burst {
        std::uint32_t processor = 0;
        std::int64_t arrived_ns = 0;
        std::int64_t ran_before_ns = 0;
        bool is_done = false;
        std::int64_t end_ns = 0;
        std::int64_t ran_ns = 0;
    };
    /// The last moment at which capacity still fits the window.
    struct Latest {
        std::int64_t at_ns = 0;
        std::uint32_t processor = 0;
        bool is_entitled = true;  ///< or planned share and all
        bool operator<(const Latest& other) const {
            return at_ns != other.at_ns ? at_ns > other.at_ns : processor > other.processor;
        }
    };

    /// Constant demand that is ready later in the window.
    struct Later {
        std::int64_t at_ns = 0;
        std::uint32_t processor = 0;
        friend auto operator<=>(const Later&, const Later&) = default;
    };

    // timed_plan.cpp: between windows.
    void start_window();
    void lay_out();
    void place_cores(TimedAccount& account, std::uint32_t& core);
    void move_bursts(TimedAccount& account);
    void begin(std::uint32_t which);
    void spread_lender(std::uint32_t which);
    void plan();
    [[nodiscard]] std::int64_t lent_ns() const;
    void give(TimedAccount& account, std::int64_t granted_ns);
    void spread(const TimedAccount& account, std::int64_t all_ns, std::vector<std::int64_t>& parts) const;
    void start_all();
    void close_window();
    void check(const TimedAccount& account) const;
    [[nodiscard]] std::int64_t wanted_by(const TimedProcessor& one) const;
    [[nodiscard]] std::span<const std::uint32_t> placed(const TimedAccount& account) const;

    // timed_run.cpp: who runs.
    [[nodiscard]] std::int64_t next_event() const;
    void end_slice(std::uint32_t core);
    void meet_latest();
    void start_later();
    void disturb();
    void guard_entitled();
    [[nodiscard]] std::int64_t latest_start_of_plan() const;
    void happen();
    void wake(std::uint32_t which, DispatchReason reason);
    void make_ready(std::uint32_t which, DispatchReason reason);
    void place(std::uint32_t which);
    void wait(std::uint32_t which);
    void leave_queue(std::uint32_t which);
    void reconsider(std::uint32_t which);
    [[nodiscard]] TimedClaim claim_of(std::uint32_t which);
    [[nodiscard]] std::uint32_t idle_core_for(const TimedProcessor& one) const;
    [[nodiscard]] std::uint32_t share_core_for(const TimedProcessor& one) const;
    [[nodiscard]] std::uint32_t core_with_most_laxity() const;
    [[nodiscard]] std::uint32_t next_for(std::uint32_t core);
    [[nodiscard]] std::uint32_t slack_for(std::uint32_t core) const;
    [[nodiscard]] std::uint32_t least_served_for_slack() const;
    [[nodiscard]] bool must_yield(const TimedProcessor& one, TimedClaim claim) const;
    void fill_core(std::uint32_t core);
    void take_over(std::uint32_t core, std::uint32_t which, TimedClaim claim);

    // timed_slices.cpp: a slice's beginning, end and account.
    void dispatch(std::uint32_t which, std::uint32_t core, TimedClaim claim);
    void pay_switch(std::uint32_t which, std::uint32_t core);
    void log(TimedProcessor& one, std::uint32_t core) const;
    void go_on(std::uint32_t core, TimedClaim claim);
    void set_end(std::uint32_t core);
    void stop(std::uint32_t core, PreemptReason reason, TimedState state);
    void settle(std::uint32_t core);
    void settle_all();
    void charge(TimedProcessor& one, std::int64_t span_ns);
    void work(std::uint32_t which, std::int64_t span_ns);
    void account_wait(TimedProcessor& one) const;
    void finish(BurstId id, std::uint32_t which);
    void take_back_held(TimedProcessor& one);
    void release(std::uint32_t which);
    void offer_unspent(const TimedProcessor& by);
    void reserve(std::uint32_t which);
    [[nodiscard]] std::int64_t unspent_ns(const TimedAccount& account) const;
    [[nodiscard]] TimedPool& pool_of(const TimedProcessor& one);
    [[nodiscard]] bool is_dedicated(const TimedProcessor& one) const;
    [[nodiscard]] std::int64_t left_in_window() const { return window_end_ns_ - now_ns_; }
    [[nodiscard]] std::uint32_t number_of(VirtualProcessor of) const;

    // timed_calls.cpp
    void block(std::uint32_t which, PreemptReason reason);
    void end_turn_of(std::uint32_t which);

    ExactTopology topology_;
    ExactCosts costs_;
    std::uint32_t shared_cores_ = 0;
    std::uint32_t next_cores_ = 0;
    std::vector<TimedPool> pools_;
    std::vector<SteadyPool> next_pools_;  ///< besides the default one
    std::vector<TimedAccount> accounts_;
    std::vector<TimedProcessor> processors_;
    std::vector<TimedRunner> cores_;  ///< shared ones first, then dedicated ones
    TimedQueues queues_;
    std::priority_queue<Latest> latest_;
    std::vector<Later> later_;  ///< of this window, in order
    std::size_t next_later_ = 0;
    std::int64_t guard_ns_ = 0;        ///< with lent cores in the plan: from here on entitled capacity comes first
    std::int64_t lenders_end_ns_ = 0;  ///< in the window: where the demand of the lenders so far ends
    std::unordered_map<std::uint64_t, Burst> bursts_;
    std::uint64_t next_burst_ = 1;
    std::vector<std::uint32_t> awaiting_;  ///< conferred to somebody

    bool is_laid_out_ = false;
    bool is_in_window_ = false;
    bool is_lent_ = false;       ///< lenders' cores are in the plan: its uncapped shares are not certain to fit
    bool is_disturbed_ = false;  ///< the plan of uncapped shares does not hold to the letter any more
    std::int64_t now_ns_ = 0;
    std::int64_t window_end_ns_ = 0;
    std::int64_t idle_ns_ = 0;
    std::int64_t capacity_ns_ = 0;  ///< of the physical pool, with what was lent
    std::int64_t used_ns_ = 0;
    std::uint64_t slices_ = 0;

    SteadyAllocation allocation_;
    std::vector<SteadyShare> shares_;
    std::vector<SteadyPool> limits_;
    std::vector<std::int64_t> parts_;
    std::vector<std::int64_t> entitled_parts_;
};

}  // namespace pvmsim::hypervisor
