// StorageArray: controllers with target ports, logical units behind them, masking by initiator WWPN, service time.
//
// A logical unit is served by every controller that works (active/active); losing a controller takes its ports away.
// Reservations (SCSI-2 RESERVE by initiator) make a second initiator's commands fail with a conflict.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/san/fc_port.hpp"
#include "fabric/san/san.hpp"
#include "fabric/san/visible_lun.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

struct StorageArrayConfig {
    std::string name;
    std::uint32_t controllers = 2;          ///< named A, B, ...
    sim::Duration service_time{5'000'000};  ///< mean time of one command in the array
    bool service_time_exponential = false;  ///< false: constant
    std::uint32_t concurrency = 256;        ///< [PARAM] commands in service at once; more wait in order
    std::uint32_t queue_max = 8192;         ///< [PARAM] commands waiting; more are answered busy (TASK SET FULL)
    sim::Duration control_time{200'000};    ///< [PARAM] 0.2 ms for a command that moves no data
};

struct LunConfig {
    std::string name;
    std::uint64_t size_bytes = 0;
    std::vector<wire::Wwpn> hosts;  ///< who may see it (masking)
};

/// What an array did so far.
struct StorageArrayCounters {
    std::uint64_t served = 0;  ///< commands answered, whatever the status
    std::uint64_t lost = 0;    ///< finished for an initiator or through a port whose login had gone
    std::uint64_t refused_busy = 0;
    std::uint32_t in_service = 0;
    std::uint32_t waiting = 0;
};

class StorageArray : public sim::Entity, public FcPortOwner {
  public:
    StorageArray(sim::Engine& engine, StorageArrayConfig config);
    ~StorageArray() override;

    /// A target port on a controller ("A"), created by San::add_port with target = true; the array takes it over.
    void add_port(std::string_view controller, FcPort& port);
    LunId add_lun(LunConfig config);
    /// Enables the ports of every working controller (time 0).
    void start();

    /// What the initiator sees through one of the array's ports (REPORT LUNS and INQUIRY), in LUN order.
    [[nodiscard]] std::vector<VisibleLun> report_luns(wire::Wwpn initiator) const override;

    // --- faults and repair ---
    void fail_controller(std::string_view controller);
    void repair_controller(std::string_view controller);
    void set_extra_latency(sim::Duration extra);

    [[nodiscard]] const std::string& name() const;
    [[nodiscard]] bool has_controller(std::string_view controller) const;
    [[nodiscard]] LunId find_lun(std::string_view name) const;  ///< asserts that it exists
    [[nodiscard]] bool has_lun(std::string_view name) const;
    [[nodiscard]] bool owns(const FcPort& port) const;
    /// Who has reserved the unit; kNoWwpn when nobody has.
    [[nodiscard]] wire::Wwpn reservation_of(LunId lun) const;
    [[nodiscard]] StorageArrayCounters counters() const;

    // FcPortOwner, Entity
    void on_link(FcPort& port, bool up) override;
    void on_login(FcPort& port, wire::Wwpn wwpn, wire::FcId address) override;
    void on_state_change(FcPort& port, wire::FcId to, wire::FcId changed) override;
    void on_command(FcPort& port, const FcpCommand& command) override;
    void on_response(FcPort& port, const FcpResponse& response) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::fabric
