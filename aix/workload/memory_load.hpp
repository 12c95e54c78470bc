// MemoryLoad: programs that use memory: a working set of a size, that moves, with a hot part; reads and writes.
//
// It only refers to pages; whether a reference waits is up to the operating system and the hypervisor. In each tick
// every page of the hot part is referenced once and the other pages of the working set with a probability. The threads
// share the tick's references; who meets a page that is not there waits for it, and when all wait nothing goes on.
// References not reached by the end of the tick are lost: that is the slowdown that memory causes.
// Left out: slower references for want of processors, different behaviour of the threads. docs/model/
// memory-operating-system.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/memory/memory.hpp"
#include "aix/workload/latency_histogram.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

struct WorkingSetStep {
    sim::SimTime at;
    std::uint64_t working_set_bytes = 0;
};

struct MemoryLoadConfig {
    std::uint64_t working_set_bytes = hypervisor::kGibibyte;
    std::vector<WorkingSetStep> steps{};  ///< later sizes, in order of time
    std::uint64_t heap_bytes = 0;         ///< what the working set moves through; 0: the largest working set, twice
                                          ///< that with drift
    std::uint64_t drift_bytes_per_s = 0;  ///< so much leaves the working set and so much is new to it
    std::uint32_t hot_percent = 20;       ///< [PARAM] of the working set: referenced in every tick
    std::uint32_t locality_percent = 90;  ///< [PARAM] of all references go to the hot part, 1..100
    std::uint32_t writes_percent = 25;    ///< [PARAM] of the references
    std::uint32_t threads = 4;            ///< so many pages can be waited for at once
    sim::Duration tick{std::chrono::seconds{1}};  ///< [PARAM]
    std::uint32_t slices = 10;                    ///< [PARAM] of a tick: its references come in so many parts
    bool starts_warm = true;  ///< the first tick refers to every page: the program has loaded its data
    sim::SimTime start{};     ///< not before
};

struct MemoryLoadResult {
    std::uint64_t references_wanted = 0;  ///< pages, once for each tick
    std::uint64_t references_done = 0;
    std::uint64_t references_refused = 0;  ///< neither memory nor paging space was left
    double slowdown = 1;                   ///< wanted / done
    std::uint64_t page_waits = 0;          ///< references that waited for a page
    sim::Duration wait_p50{0};
    sim::Duration wait_p95{0};
    sim::Duration wait_max{0};
    sim::Duration wait_total{0};
    sim::Duration stall_longest{0};  ///< all threads waited and no page came: what the user sees as an outage
    sim::Duration stall_total{0};
};

class MemoryLoad final : public sim::Entity, public MemoryUser {
  public:
    MemoryLoad(sim::Engine& engine, Memory& memory, Processors& processors, std::string path, MemoryLoadConfig config);

    void start(sim::SimTime at);
    /// The system is gone: who waits is forgotten.
    void stop();
    /// From the next tick on; the heap grows with it.
    void set_working_set(std::uint64_t bytes);
    [[nodiscard]] std::uint64_t working_set_bytes() const;

    [[nodiscard]] const MemoryLoadConfig& config() const { return config_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    /// Up to now; who waits at this instant counts.
    [[nodiscard]] MemoryLoadResult result(sim::SimTime now) const;
    [[nodiscard]] const LatencyHistogram& waits() const { return waits_; }

    void on_page_ready(HeapPage page, sim::Duration waited) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    /// References of one word that could not be done at once.
    struct Missing {
        HeapWord word = 0;
        std::uint64_t pages = 0;
        std::uint64_t written = 0;
    };
    void settle_sizes();
    [[nodiscard]] bool is_stalled() const { return waiting_ >= config_.threads; }
    [[nodiscard]] HeapWord word_at(std::uint32_t position) const;
    [[nodiscard]] bool is_hot(std::uint32_t position) const;
    void begin_tick();
    void lose_rest_of_tick();
    void begin_slice();
    [[nodiscard]] std::uint32_t expected_4096ths(std::uint32_t position) const;
    void sweep();
    void refer_to(std::uint32_t position);
    void wait_for_missing();
    void account_waiting();
    void announce_share();

    sim::Engine& engine_;
    Memory& memory_;
    Processors& processors_;
    MemoryLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream random_;

    bool running_ = false;
    sim::SimTime start_at_;
    HeapWord heap_ = 1;                ///< words
    HeapWord working_set_ = 1;         ///< words, from the next tick on
    std::uint64_t drifted_bytes_ = 0;  ///< how far the working set has moved
    std::uint32_t step_ = 0;           ///< of config_.steps: the next one

    // The tick under way.
    HeapWord first_ = 0;             ///< of the working set, in the heap
    std::uint32_t size_ = 0;         ///< words of it
    std::uint32_t hot_ = 0;          ///< the last ones of it are hot
    std::uint32_t cold_chance_ = 0;  ///< of 4096
    bool is_warming_ = false;
    std::uint32_t slice_ = 0;
    sim::EventHandle next_slice_;
    std::uint32_t position_ = 0;  ///< words before are done
    std::uint32_t allowed_ = 0;   ///< words that the slices so far may reach
    Missing missing_;

    std::uint32_t waiting_ = 0;  ///< threads
    sim::SimTime stalled_since_;
    sim::SimTime waiting_since_;    ///< accounted up to here
    sim::Duration thread_wait_{0};  ///< of all threads, in this slice
    std::uint64_t done_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t lost_4096ths_ = 0;  ///< references, not reached
    LatencyHistogram waits_;
    sim::Duration wait_total_{0};
    sim::Duration stall_longest_{0};
    sim::Duration stall_total_{0};
};

}  // namespace pvmsim::aix
