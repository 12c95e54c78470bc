// IoProcessor: the processor time that a Virtual I/O Server spends on its clients' I/O, and how long that work waits.
//
// Every bridged frame and every command charges its cycles (io_costs.hpp). While the partition can have as much as it
// needs, work takes cycles divided by clock. Beyond, a virtual finish time runs ahead of the clock (the generic cell
// rate algorithm): each piece of work moves it on by work / capacity, and whoever is more than one dispatch window
// ahead waits. What was charged is reported as the partition's demand period by period, so that its physc is exactly
// cycles / clock, a period late. In exact mode the mean dispatch wait of the last period comes on top.
//
// Frames bridged at interrupt level come before everything else: they wait for each other only, and the rest for them.
//
// Simplified: this work comes before the partition's programs; all of it is charged when a command ends; a thread may
// use every processor. Sources: behaviour 7, 1.2; docs/model/vios-processor.md
#pragma once

#include <cstdint>
#include <optional>

#include "aix/os/device.hpp"
#include "aix/workload/flow_bridge.hpp"
#include "hypervisor/dispatch/dispatch_counts.hpp"
#include "hypervisor/units.hpp"

namespace pvmsim::vios {

/// Cumulative over the run; a restart of the partition does not clear them.
struct IoProcessorCounters {
    std::int64_t cycles = 0;           ///< reference cycles of all work
    std::uint64_t works = 0;           ///< frames and commands that were charged
    std::uint64_t works_late = 0;      ///< of these: waited for the processor
    sim::Duration wait_total{0};       ///< their waits together
    sim::Duration backlog_max{0};      ///< longest wait there was
    std::uint64_t frames_dropped = 0;  ///< refused because the backlog was too long
    hypervisor::CoreRate demand_max;   ///< most that was asked for in a period
};

class IoProcessor : public aix::Device, public aix::FlowProcessor {
  public:
    static constexpr std::string_view kName = "iocpu0";
    /// [PARAM] Demand is measured and reported so often while there is work.
    static constexpr sim::Duration kPeriod{100'000'000};
    /// One dispatch window: within it a partition uses its capacity at the speed of whole processors (behaviour 1.2).
    static constexpr sim::Duration kWindow{10'000'000};
    /// [PARAM] A frame that would wait longer is dropped, as by a full receive queue.
    static constexpr sim::Duration kFrameBacklogMax{50'000'000};
    /// [PARAM] Neither flows nor frames and commands can take all of it from the other.
    static constexpr std::int64_t kShareLeastPermille = 100;

    /// The partition's own; made when a first device needs it.
    static IoProcessor& of(aix::OperatingSystem& os);
    /// nullptr for a partition that serves no I/O.
    [[nodiscard]] static const IoProcessor* find(const aix::OperatingSystem& os);

    explicit IoProcessor(aix::OperatingSystem& os);

    /// Charges work that begins now; how long until it is done.
    sim::Duration charge(std::int64_t cycles);
    /// The same; how much longer than at full speed it takes. 0 while the partition has enough.
    sim::Duration charge_for_wait(std::int64_t cycles);
    /// charge_for_wait for a frame; nullopt: too much waits already, drop it.
    std::optional<sim::Duration> charge_frame(std::int64_t cycles);

    /// The same at interrupt level: what else waits does not delay it.
    std::optional<sim::Duration> charge_interrupt_frame(std::int64_t cycles);

    /// Charges work that nobody waits for and that delays nothing: it is demand, and no more.
    void charge_background(std::int64_t cycles);
    /// Its part of the demand reported for this period.
    [[nodiscard]] hypervisor::CoreRate background_rate() const { return background_rate_; }

    // aix::FlowProcessor: work that comes as a rate. What frames and commands asked for last comes first; at least
    // kShareLeastPermille of the capacity is left to either.
    [[nodiscard]] std::int64_t flow_cycles_max() override;
    void set_flow_cycles(std::int64_t cycles_per_second) override;
    [[nodiscard]] std::int64_t flow_cycles() const { return flow_cycles_; }

    /// How long work that came now would wait.
    [[nodiscard]] sim::Duration backlog();
    [[nodiscard]] const IoProcessorCounters& counters() const { return counters_; }
    /// Core time of all work so far.
    [[nodiscard]] sim::Duration core_time() const;
    /// Cycles as time of one core at full speed.
    [[nodiscard]] sim::Duration work_time(std::int64_t cycles) const;

    [[nodiscard]] std::string_view description() const override { return "Processor Time of Virtual I/O"; }
    void close() override { forget_work(); }
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override {}
    void on_unconfigure() override { forget_work(); }

  private:
    /// Books work; how much of the capacity's time it takes.
    sim::Duration book(std::int64_t cycles, sim::Duration work);
    sim::Duration note_wait(sim::SimTime finish, sim::Duration work);
    [[nodiscard]] hypervisor::CoreRate capacity();
    /// Demand that consumes so many cycles in a period.
    [[nodiscard]] hypervisor::CoreRate rate_of(std::int64_t cycles) const;
    [[nodiscard]] hypervisor::CoreRate capacity_left(hypervisor::CoreRate taken);
    [[nodiscard]] hypervisor::CoreRate flow_rate() const;
    void book_flows();
    void account_period();
    void measure_dispatch_wait();
    void report(hypervisor::CoreRate demand);
    void arm();
    void forget_work();

    std::int64_t cycles_per_second_;
    sim::SimTime finish_;              ///< when all work so far would be done at the present capacity
    sim::SimTime interrupt_finish_;    ///< the same of work at interrupt level alone
    hypervisor::CoreRate capacity_{};  ///< as asked at capacity_from_; good for one window
    sim::SimTime capacity_from_;
    sim::Duration dispatch_wait_{0};  ///< exact mode: mean of the last period

    bool armed_ = false;
    sim::EventHandle period_over_;
    sim::SimTime period_start_;
    std::int64_t cycles_pending_ = 0;      ///< charged, and not yet consumed by the partition
    std::int64_t background_pending_ = 0;  ///< the same of work in the background
    hypervisor::CoreRate background_rate_{};
    hypervisor::CoreRate demand_{};         ///< as reported for this period, flows aside
    std::int64_t flow_cycles_ = 0;          ///< a second
    sim::SimTime flows_since_;              ///< the sum is up to here
    hypervisor::CoreTime flow_time_;        ///< what flows used
    hypervisor::CoreTime flow_time_start_;  ///< at the period's start
    hypervisor::CoreTime consumed_start_;   ///< by the partition, at the period's start
    hypervisor::DispatchCounts counts_start_;
    bool told_ = false;  ///< the log book knows that the processor does not suffice; once for each start
    IoProcessorCounters counters_;
};

}  // namespace pvmsim::vios
