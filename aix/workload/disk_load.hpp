// DiskLoad: an application's I/O on one disk, at a given rate whatever happens (open loop), up to a number in flight.
//
// What it sees is the truth of a rehearsal: answers, errors, retries below it, the time it waited. An application with
// `kInFlightMax` requests in the air waits instead of sending more; it goes on at its rate when answers come.
#pragma once

#include <cstdint>
#include <vector>

#include "aix/storage/disk.hpp"
#include "aix/workload/outage_meter.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

enum class Arrival : std::uint8_t { kConstant, kRandom };

struct DiskLoadConfig {
    sim::Duration interval{10'000'000};  ///< mean time between two requests
    std::uint32_t size_bytes = 4096;
    std::uint32_t read_percent = 70;
    Arrival arrival = Arrival::kConstant;
    sim::Duration stall_threshold{1'000'000'000};  ///< waiting longer than this is an outage
};

struct DiskLoadResult {
    std::uint64_t requests = 0;
    std::uint64_t answered = 0;
    std::uint64_t errors = 0;
    std::uint64_t retries = 0;
    std::uint64_t postponed = 0;  ///< not sent because too many were in flight
    sim::Duration latency_total{0};
    sim::Duration latency_max{0};
    std::vector<Outage> outages;

    [[nodiscard]] double latency_mean_s() const {
        return answered == 0 ? 0.0 : sim::to_seconds(latency_total) / static_cast<double>(answered);
    }
};

class DiskLoad : public sim::Entity, public DiskUser {
  public:
    static constexpr std::uint32_t kInFlightMax = 64;  ///< [PARAM] an application's own limit

    DiskLoad(sim::Engine& engine, Disk& disk, std::string path, const DiskLoadConfig& config);

    /// First request within one interval after `at`.
    void start(sim::SimTime at);
    /// The system is gone: what is in flight is forgotten, nobody waits any more.
    void stop();

    [[nodiscard]] const Disk& disk() const { return disk_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] DiskLoadResult result(sim::SimTime now) const;

    void on_request_done(std::uint32_t cookie, wire::ScsiStatus status, std::uint32_t retries) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct InFlight {
        sim::SimTime since;
        bool in_use = false;
    };
    void send();
    [[nodiscard]] sim::Duration next_gap();

    sim::Engine& engine_;
    Disk& disk_;
    DiskLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream arrivals_;
    sim::RandomStream kinds_;
    std::vector<InFlight> in_flight_;
    std::vector<std::uint32_t> free_;
    sim::EventHandle due_;
    std::uint64_t next_block_ = 0;
    DiskLoadResult result_;
    OutageMeter meter_;
};

}  // namespace pvmsim::aix
