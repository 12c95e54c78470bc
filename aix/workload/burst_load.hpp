// BurstLoad: transactions on a partition: a little work, a response, then the next. It shows what dispatch windows and
// scarce capacity do to response times.
//
// Closed loop: so many users, each thinks, sends, waits. Open: they arrive at a rate whatever happens. In exact mode
// each is a burst on a virtual processor; in fluid mode the partition has their mean demand and each waits in a queue
// that is served with what the partition could get (virtual finish time). Left out: SMT slowdown of a burst, locks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/processor/processors.hpp"
#include "aix/workload/latency_histogram.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

enum class Spread : std::uint8_t { kConstant, kExponential };

/// A time that is always the same, or exponential with this mean.
struct SpreadTime {
    sim::Duration mean{0};
    Spread spread = Spread::kConstant;
};

struct BurstLoadConfig {
    std::uint32_t threads = 1;  ///< users of the closed loop; 0: open, one transaction each `every`
    SpreadTime think{};         ///< closed: between a response and the next transaction
    SpreadTime every{};         ///< open: between arrivals; mean above 0
    SpreadTime work{std::chrono::milliseconds{1}, Spread::kConstant};  ///< processor time of one; mean above 0
    sim::SimTime start{};                                              ///< not before
};

struct BurstLoadResult {
    std::uint64_t transactions = 0;  ///< answered
    std::uint64_t refused = 0;       ///< open: arrived with kOutstandingMax waiting
    sim::Duration response_mean{0};
    sim::Duration response_p50{0};  ///< percentiles are at most 1/32 too high
    sim::Duration response_p95{0};
    sim::Duration response_p99{0};
    sim::Duration response_max{0};
    sim::Duration wait_mean{0};  ///< response less work: behind others, for the processor, switches
};

class BurstLoad final : public sim::Entity {
  public:
    /// [PARAM] Transactions of an open load waiting at once; the listen queue of a server.
    static constexpr std::uint32_t kOutstandingMax = 4096;

    BurstLoad(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
              Processors& processors, std::string path, const BurstLoadConfig& config);

    void start(sim::SimTime at);
    /// The system is gone: who waits is forgotten.
    void stop();

    [[nodiscard]] const BurstLoadConfig& config() const { return config_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] BurstLoadResult result() const;
    [[nodiscard]] const LatencyHistogram& responses() const { return responses_; }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct Transaction {
        sim::SimTime since;
        hypervisor::BurstId burst{};  ///< exact mode
        std::uint32_t proc = 0;       ///< exact mode
        sim::Duration work{0};
    };
    [[nodiscard]] bool is_open() const { return config_.threads == 0; }
    [[nodiscard]] hypervisor::CoreRate mean_demand() const;
    void announce_demand();
    void arrive(std::uint32_t slot);
    void arrive_open();
    void ask(std::uint32_t slot);
    void ask_again_at(std::uint32_t slot, sim::SimTime at);
    void answered(std::uint32_t slot, sim::SimTime end);

    sim::Engine& engine_;
    hypervisor::ManagedSystem& system_;
    hypervisor::PartitionId partition_;
    Processors& processors_;
    BurstLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream gaps_;
    sim::RandomStream works_;
    bool running_ = false;
    hypervisor::CoreRate demand_;  ///< announced
    std::vector<Transaction> transactions_;
    std::vector<std::uint32_t> free_;    ///< open: slots of answered ones
    std::vector<sim::EventHandle> due_;  ///< by slot; those of an open load come after its next arrival
    std::uint64_t refused_ = 0;
    LatencyHistogram responses_;
    sim::Duration wait_total_{0};
};

}  // namespace pvmsim::aix
