// OperatingSystem: the system in one partition, AIX or the AIX inside a VIOS: devices, error log, boot and shutdown.
//
// Devices are owned here and configured in the order they were added; whoever builds a site adds adapters first, then
// what stands on them. Disks appear by discovery (storage/disk_manager).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aix/errlog/error_log.hpp"
#include "aix/memory/expansion_licence.hpp"
#include "aix/memory/memory.hpp"
#include "aix/os/device.hpp"
#include "aix/processor/processors.hpp"
#include "aix/storage/disk_manager.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

/// [PARAM] A VIOS boots longer than a client.
inline constexpr sim::Duration kViosBootTime{120'000'000'000};

struct OperatingSystemConfig {
    sim::Duration boot_time{60'000'000'000};      ///< [PARAM] loader to multi-user; a VIOS takes longer (120 s)
    sim::Duration shutdown_time{20'000'000'000};  ///< [PARAM]
    ProcessorsConfig processors{};
    MemoryConfig memory{};
    GuestSystem guest = GuestSystem::kAix;
};

enum class SystemPhase : std::uint8_t { kOff, kBooting, kRunning, kShuttingDown };

/// Told when the system comes and goes: the workload.
class SystemObserver {
  public:
    virtual ~SystemObserver() = default;
    virtual void on_system_up() = 0;
    virtual void on_system_down() = 0;
};

class OperatingSystem : public hypervisor::PartitionSoftware, public sim::Entity {
  public:
    /// Installs itself in the partition.
    OperatingSystem(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
                    OperatingSystemConfig config);
    ~OperatingSystem() override;

    /// Makes a device of type T(os, args...) and owns it.
    template <class T, class... Args>
    T& add_device(Args&&... args) {
        auto device = std::make_unique<T>(*this, std::forward<Args>(args)...);
        T& reference = *device;
        adopt(std::move(device));
        return reference;
    }
    [[nodiscard]] Device* find_device(std::string_view name);
    [[nodiscard]] const std::vector<std::unique_ptr<Device>>& devices() const { return devices_; }
    /// The next free name of a kind: "ent" -> "ent3".
    [[nodiscard]] std::string next_name(std::string_view prefix) const;
    void observe(SystemObserver& observer) { observers_.push_back(&observer); }

    [[nodiscard]] sim::Engine& engine() { return engine_; }
    [[nodiscard]] hypervisor::ManagedSystem& system() { return system_; }
    [[nodiscard]] hypervisor::PartitionId partition_id() const { return partition_; }
    [[nodiscard]] const std::string& name() const { return name_; }  ///< the partition's
    [[nodiscard]] const std::string& path() const { return path_; }  ///< "p740a/app01"
    [[nodiscard]] GuestSystem guest() const { return config_.guest; }
    [[nodiscard]] SystemPhase phase() const { return phase_; }
    [[nodiscard]] bool running() const { return phase_ == SystemPhase::kRunning; }
    /// True while the system starts as if it had been up for long: timers that guard a fresh boot are skipped.
    [[nodiscard]] bool settled_start() const { return settled_start_; }
    [[nodiscard]] ErrorLog& errlog() { return errlog_; }
    [[nodiscard]] const ErrorLog& errlog() const { return errlog_; }
    [[nodiscard]] DiskManager& disks() { return *disks_; }
    [[nodiscard]] Processors& processors() { return processors_; }
    [[nodiscard]] const Processors& processors() const { return processors_; }
    [[nodiscard]] Memory& memory() { return memory_; }
    [[nodiscard]] const Memory& memory() const { return memory_; }
    [[nodiscard]] const hypervisor::ManagedSystem& system() const { return system_; }

    // hypervisor::PartitionSoftware
    void on_boot() override;
    void on_settled_start() override;
    void on_shutdown() override;
    void on_stopped(hypervisor::StopReason reason) override;
    void on_hang() override {}
    void on_resume() override { memory_.on_resume(); }
    void on_processors_changed() override { processors_.on_processors_changed(); }
    [[nodiscard]] bool release_memory_block() override { return memory_.release_block(); }
    void on_memory_changed(std::uint64_t total_mib) override { memory_.on_memory_changed(total_mib); }

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    void adopt(std::unique_ptr<Device> device);
    void configure_all();

    sim::Engine& engine_;
    hypervisor::ManagedSystem& system_;
    hypervisor::PartitionId partition_;
    OperatingSystemConfig config_;
    std::string name_;
    std::string path_;
    sim::EntityId entity_;
    SystemPhase phase_ = SystemPhase::kOff;
    bool settled_start_ = false;
    Processors processors_;
    Memory memory_;
    ErrorLog errlog_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::unique_ptr<DiskManager> disks_;
    std::vector<SystemObserver*> observers_;
};

}  // namespace pvmsim::aix
