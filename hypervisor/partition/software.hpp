// PartitionSoftware: what the hypervisor needs of the operating system in a partition.
// Implemented by aix/.
#pragma once

#include <cstdint>

namespace pvmsim::hypervisor {

/// How a partition came to an end.
enum class StopReason : std::uint8_t { kShutdown, kPowerOff, kCrash };

class PartitionSoftware {
  public:
    virtual ~PartitionSoftware() = default;
    /// The firmware hands over: boot. Report with ManagedSystem::report_running when the OS is up.
    virtual void on_boot() = 0;
    /// As after a boot long ago: the run starts with this partition up. Everything is configured in zero time; logins
    /// and elections still take theirs.
    virtual void on_settled_start() = 0;
    /// An orderly stop was asked for: close what is open; call ManagedSystem::report_stopped when done.
    virtual void on_shutdown() = 0;
    /// The partition is gone, from one instant to the next. Its adapters are closed already, events forgotten.
    virtual void on_stopped(StopReason reason) = 0;
    /// The partition stopped executing, or executes again. Events of its entities are held in between.
    virtual void on_hang() = 0;
    virtual void on_resume() = 0;
    /// Its processors were changed while it runs: Partition::given tells how they are now.
    virtual void on_processors_changed() {}
    /// A dynamic removal asks for one LMB: true gives it up, at once. False: nothing that could be freed is left.
    [[nodiscard]] virtual bool release_memory_block() { return true; }
    /// Its memory was changed while it runs, by one LMB at a time; for a shared one its logical memory.
    virtual void on_memory_changed(std::uint64_t /*total_mib*/) {}
};

}  // namespace pvmsim::hypervisor
