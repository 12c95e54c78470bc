// Disk: an hdisk with MPIO. Chooses a path for each request, retries on another when one fails, checks the health of
// paths.
//
// algorithm=fail_over uses the enabled path of the lowest priority number, round_robin takes them in turn (only over
// Fibre Channel on AIX; virtual SCSI knows fail_over alone, R-STO-03). hcheck_interval tests failed and idle paths and
// brings them back (R-STO-04). A request fails when every path has refused it; if the adapters say so (delayed_fail) it
// is held first. Rules and numbers: behaviour 4.2, 4.3; simplifications: docs/model/devices.md.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "aix/os/device.hpp"
#include "aix/storage/initiator.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

/// Who asked a disk for something: a workload, or a VIOS on behalf of a client.
class DiskUser {
  public:
    virtual ~DiskUser() = default;
    /// The request is over. `retries`: how often it went to another path, or again.
    virtual void on_request_done(std::uint32_t cookie, wire::ScsiStatus status, std::uint32_t retries) = 0;
};

struct DiskRequest {
    DiskUser* user = nullptr;
    std::uint32_t cookie = 0;
    wire::ScsiOperation operation = wire::ScsiOperation::kRead;
    std::uint64_t block = 0;
    std::uint32_t size_bytes = 0;
};

enum class PathState : std::uint8_t { kEnabled, kFailed, kDisabled };
[[nodiscard]] std::string_view to_string(PathState state);

struct DiskCounters {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
    std::uint64_t retries = 0;
    std::uint64_t path_failures = 0;
};

class Disk : public Device, public DiskPathUser {
  public:
    static constexpr std::uint32_t kPathsMax = 32;
    /// [PARAM] A busy or unwell target is tried again on the same path this often, this far apart.
    static constexpr std::uint32_t kSamePathRetries = 3;
    static constexpr sim::Duration kSamePathRetryDelay{10'000'000'000};
    /// [PARAM] How long after its submission a request is held when no path is left and the adapter's policy is
    /// delayed_fail.
    static constexpr sim::Duration kHoldTime{300'000'000'000};

    Disk(OperatingSystem& os, std::string name, DiskIdentity identity, std::uint64_t size_bytes);

    /// Adds a path unless it is known already.
    void add_path(ScsiInitiator& initiator, UnitAddress address, std::uint32_t priority);
    [[nodiscard]] bool has_path(const ScsiInitiator& initiator, UnitAddress address) const;

    /// Takes a request. The answer comes exactly once, never from inside this call; not at all if this system ends
    /// first.
    void submit(const DiskRequest& request);

    [[nodiscard]] DiskIdentity identity() const { return identity_; }
    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
    [[nodiscard]] const DiskCounters& counters() const { return counters_; }
    [[nodiscard]] std::size_t path_count() const { return paths_.size(); }
    [[nodiscard]] PathState path_state(std::size_t path) const { return paths_[path].state; }
    [[nodiscard]] const ScsiInitiator& path_initiator(std::size_t path) const { return *paths_[path].initiator; }
    [[nodiscard]] const UnitAddress& path_address(std::size_t path) const { return paths_[path].address; }
    [[nodiscard]] std::uint32_t path_priority(std::size_t path) const { return paths_[path].priority; }
    void set_path_priority(std::size_t path, std::uint32_t priority) { paths_[path].priority = priority; }
    /// chpath -s enable/disable.
    void set_path_enabled(std::size_t path, bool enabled);

    [[nodiscard]] std::string_view description() const override { return "MPIO disk"; }
    void on_command_done(std::uint32_t request, std::uint32_t path, wire::ScsiStatus status) override;
    void on_event(const sim::Event& event) override;
    void on_attribute_changed(std::string_view name) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    struct Path {
        ScsiInitiator* initiator;
        UnitAddress address;
        std::uint32_t priority;
        PathState state = PathState::kEnabled;
        bool check_under_way = false;
        bool reserved = false;
    };
    /// A request in service. `tried` has a bit for every path that failed it.
    struct Active {
        DiskRequest request;
        sim::SimTime since;  ///< when it was submitted
        std::uint32_t tried = 0;
        std::uint32_t retries = 0;
        std::uint32_t busy_retries = 0;
        std::uint32_t generation = 0;  ///< tells a timer of an earlier request in this slot from ours
        bool in_use = false;
        bool held = false;
    };
    /// Request numbers of commands that no user asked for.
    static constexpr std::uint32_t kHealthCheck = 0xffff'ffff;
    static constexpr std::uint32_t kReservation = 0xffff'fffe;

    void read_attributes();
    void start_next();
    void try_paths(std::uint32_t index);
    [[nodiscard]] std::int32_t choose_path(std::uint32_t tried);
    [[nodiscard]] std::int32_t choose_enabled_path(std::uint32_t tried);
    [[nodiscard]] PathCommand command_for(const Active& active, std::uint32_t index, std::uint32_t path);
    void reserve_first(std::uint32_t path);
    void on_path_error(std::uint32_t index, std::uint32_t path, wire::ScsiStatus status);
    void no_path_left(std::uint32_t index);
    void on_internal_done(std::uint32_t request, std::uint32_t path, wire::ScsiStatus status);
    [[nodiscard]] std::string path_text(std::uint32_t path) const;
    void fail_path(std::uint32_t path, wire::ScsiStatus status);
    void recover_path(std::uint32_t path);
    void finish(std::uint32_t index, wire::ScsiStatus status);
    void arm_health_timer(sim::Duration first_delay);
    void check_health();
    void check_path(std::uint32_t path);
    void release_held();
    [[nodiscard]] bool is_current(std::uint32_t index, std::uint32_t generation) const;

    DiskIdentity identity_;
    std::uint64_t size_bytes_;
    std::vector<Path> paths_;
    std::vector<Active> active_;  ///< queue_depth slots
    std::vector<std::uint32_t> free_slots_;
    struct Waiting {
        DiskRequest request;
        sim::SimTime since;
    };
    std::deque<Waiting> waiting_;
    std::uint32_t next_round_robin_ = 0;
    bool failing_ = false;  ///< requests fail now; told once, until one succeeds
    DiskCounters counters_;
    sim::EventHandle health_timer_;
    std::uint32_t queue_depth_ = 3;
    sim::Duration hcheck_interval_{0};
    enum class HealthCheckMode : std::uint8_t {
        kNonActive,
        kEnabled,
        kFailed
    } hcheck_mode_ = HealthCheckMode::kNonActive;
    bool round_robin_ = false;
    bool single_path_reserve_ = false;
    std::uint32_t rw_timeout_s_ = 30;
};

}  // namespace pvmsim::aix
