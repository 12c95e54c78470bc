// Processors: the partition's processors as its operating system sees them: who wants how much, how many virtual
// processors are unfolded, SMT threads, PURR time. It alone tells the dispatcher demand and folding.
//
// Rules: behaviour 1.6 (folding: once a second, one virtual processor at most), 1.7 (SMT, PURR), 1.8 (metrics).
// Left out: bound threads, the run queue (work in excess of what is granted is not made up for later), SPURR and
// frequency. What is simplified and every parameter: docs/model/processor.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aix/processor/smt.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

struct ProcessorsConfig {
    std::uint32_t smt = 4;                    ///< threads of a core: 1, 2 or 4; 2 at most before POWER7
    std::int32_t vpm_xvcpus = 0;              ///< schedo: virtual processors beyond need; -1: folding off
    std::uint32_t busy_threads_per_core = 0;  ///< of a demand in cores; 0: all of smt
    std::uint32_t sys_percent = 10;           ///< [PARAM] of the applications' processor time
};

/// [PARAM] One more virtual processor is unfolded when those needed would be busier than this (behaviour 1.6: "if that
/// would leave high utilization").
inline constexpr std::int64_t kFoldingHighPercent = 80;
inline constexpr sim::Duration kFoldingInterval{1'000'000'000};
/// One rotation of the dispatch wheel: within it a partition uses its capacity at the speed of whole processors.
inline constexpr sim::Duration kDispatchWindow{10'000'000};

/// Cumulative since the system's start; the figures of an interval are the difference of two (see lparstat.hpp).
/// PURR time: user + sys + idle = consumed. Processor time of logical processors is in CoreTime, too.
struct ProcessorCounters {
    sim::SimTime at;
    hypervisor::CoreTime consumed;      ///< physc
    hypervisor::CoreTime user;          ///< PURR
    hypervisor::CoreTime sys;           ///< PURR
    hypervisor::CoreTime idle;          ///< PURR of idle threads on dispatched cores
    hypervisor::CoreTime entitled;      ///< the entitlement, used or not
    hypervisor::CoreTime logical_busy;  ///< logical processors' time in user and sys
    hypervisor::CoreTime compression;   ///< of sys: compressing and decompressing memory (AME)
    hypervisor::CoreTime logical;       ///< all logical processors' time
    sim::Duration disk_wait{0};         ///< with disk requests outstanding (%wait is the idle part of it)
    hypervisor::DispatchCounts dispatch;
    std::optional<hypervisor::CoreTime> pool_idle{};  ///< of the physical shared pool; only with the authority
    std::uint32_t online = 0;                         ///< virtual processors
    std::uint32_t unfolded = 0;
};

class Processors final : public sim::Entity {
  public:
    Processors(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
               std::string path, const ProcessorsConfig& config);

    /// The system is up: all virtual processors unfolded, no demand yet.
    void start();
    /// As after long running: whatever demand comes at this instant, folding begins where it would have settled.
    void start_settled();
    /// The system is gone, and the demand with it.
    void stop();
    /// A dynamic change: other entitlement or other virtual processors.
    void on_processors_changed();

    /// What the applications would use, in physical processors.
    void set_application_demand(hypervisor::CoreRate demand);
    /// Instead: so many software threads that are always busy, spread over the unfolded virtual processors.
    void set_application_threads(std::uint32_t busy_threads);
    /// What serving I/O costs (VIOS); all of it is %sys.
    void set_io_demand(hypervisor::CoreRate demand);
    /// What compressing and decompressing memory costs (AME); all of it is %sys.
    void set_compression_demand(hypervisor::CoreRate demand);
    /// The applications' threads wait for memory a part of the time: so much of their demand is left, 0..1000.
    void set_application_share(std::uint32_t permille);
    /// Transactions' mean demand, added to or (negative) taken off. In exact mode their bursts consume by themselves.
    void adjust_transaction_demand(hypervisor::CoreRate delta);
    /// Fluid mode: a transaction of this much processor time queues for what transactions could get; its response time.
    [[nodiscard]] sim::Duration queue_transaction(sim::Duration work);
    /// Exact mode: the unfolded virtual processor with the fewest bursts gets one more; given back when it is over.
    [[nodiscard]] std::uint32_t take_burst_processor();
    void give_back_burst_processor(std::uint32_t proc);
    /// A disk request of this system goes out, or is over: idle time in between is %wait.
    void disk_request_begins();
    void disk_request_ends();

    void set_smt(std::uint32_t threads);
    [[nodiscard]] std::uint32_t smt() const { return smt_; }
    /// -1: folding off.
    void set_vpm_xvcpus(std::int32_t extra);
    [[nodiscard]] std::int32_t vpm_xvcpus() const { return vpm_xvcpus_; }
    [[nodiscard]] std::uint32_t online() const { return online_; }
    [[nodiscard]] std::uint32_t unfolded() const { return unfolded_; }

    [[nodiscard]] ProcessorCounters counters(sim::SimTime at) const;
    /// Work done now; one thread alone on one core does 1.0.
    [[nodiscard]] double throughput_now() const;
    /// Times longer than alone on a core: by SMT and, with more busy threads than logical processors, time slicing.
    [[nodiscard]] double response_factor_now() const;

    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    /// How processor time consumed divides; parts per million of it.
    struct Mix {
        std::int64_t user_ppm = 1'000'000;
        std::int64_t sys_ppm = 0;
        std::int64_t compression_ppm = 0;      ///< of sys
        std::int64_t logical_ppm = 1'000'000;  ///< logical processors busy for each physical one
        friend bool operator==(const Mix&, const Mix&) = default;
    };
    struct Books {
        hypervisor::CoreTime consumed;
        hypervisor::CoreTime user;
        hypervisor::CoreTime sys;
        hypervisor::CoreTime compression;
        hypervisor::CoreTime logical_busy;
        hypervisor::CoreTime entitled;
        hypervisor::CoreTime logical;
        sim::SimTime at;
    };
    [[nodiscard]] bool is_folding() const;
    [[nodiscard]] bool has_bursts() const;
    [[nodiscard]] SmtSpread spread(std::uint32_t procs) const;
    [[nodiscard]] std::uint32_t busy_threads() const;
    [[nodiscard]] hypervisor::CoreRate system_work() const { return io_ + compression_; }
    [[nodiscard]] hypervisor::CoreRate application_wanted(std::uint32_t procs) const;
    [[nodiscard]] hypervisor::CoreRate wanted(std::uint32_t procs) const;
    [[nodiscard]] std::uint32_t needed(hypervisor::CoreRate used) const;
    [[nodiscard]] std::uint32_t needed_if_granted() const;
    [[nodiscard]] Mix present_mix() const;
    [[nodiscard]] Books books_at(sim::SimTime at) const;
    [[nodiscard]] hypervisor::CoreRate transaction_capacity() const;
    void begin();
    void remember_given();
    void settle_books();
    void refresh_mix();
    void demand_changed();
    void report();
    void unfold(std::uint32_t procs);
    void settle_folding();
    void evaluate_folding();
    void watch_folding();
    void arm_evaluation();

    sim::Engine& engine_;
    hypervisor::ManagedSystem& system_;
    hypervisor::PartitionId partition_;
    ProcessorsConfig config_;
    sim::EntityId entity_;
    std::uint32_t smt_;
    std::int32_t vpm_xvcpus_;

    bool running_ = false;
    bool settled_start_ = false;  ///< at the instant start_at_ only
    sim::SimTime start_at_;
    std::optional<std::uint32_t> threads_;
    hypervisor::CoreRate application_;
    hypervisor::CoreRate transactions_;
    hypervisor::CoreRate io_;
    hypervisor::CoreRate compression_;
    std::uint32_t application_permille_ = 1000;
    std::uint32_t online_ = 1;
    std::uint32_t unfolded_ = 1;
    bool is_shared_ = true;
    hypervisor::CoreRate entitlement_;

    Mix mix_;
    Books books_;
    hypervisor::CoreTime consumed_at_start_;
    std::uint32_t disk_requests_ = 0;
    sim::SimTime disk_since_;  ///< the first of disk_requests_ went out
    sim::Duration disk_wait_{0};

    sim::SimTime queue_empty_at_;        ///< of queue_transaction: the virtual finish time
    std::vector<std::uint32_t> bursts_;  ///< outstanding, by virtual processor

    bool is_watching_ = false;  ///< evaluation_ is due
    sim::EventHandle evaluation_;
    sim::SimTime evaluated_at_;             ///< or when watching began
    hypervisor::CoreTime consumed_before_;  ///< at evaluated_at_
};

}  // namespace pvmsim::aix
