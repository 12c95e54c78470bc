// DiskManager: the disks of one system. Adapters report the units they find; the first sight of a unit makes an hdisk,
// every further address adds a path to it.
//
// Simplified: every (re)login of an adapter acts as if cfgmgr ran; a unit that vanishes keeps its hdisk and its path,
// whose state tells (docs/model/devices.md).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "aix/storage/disk.hpp"
#include "aix/storage/initiator.hpp"

namespace pvmsim::aix {

class OperatingSystem;

/// Told of new disks: the workload, virtual targets that wait for their backing device.
class DiskObserver {
  public:
    virtual ~DiskObserver() = default;
    virtual void on_disk_found(Disk& disk) = 0;
    /// An adapter reported the disk, new or known: after a reboot, the first sign that it can be reached again.
    virtual void on_disk_reported(Disk&) {}
};

class DiskManager {
  public:
    explicit DiskManager(OperatingSystem& os);

    /// Values for every hdisk made from now on, and priorities of paths by adapter name.
    void set_disk_attributes(std::vector<std::pair<std::string, std::string>> values);
    void set_path_priorities(std::map<std::string, std::uint32_t> priorities);

    /// An adapter can reach these units now. Known paths stay as they are (their health check recovers them).
    void report_units(ScsiInitiator& initiator, std::span<const DiscoveredUnit> units);

    void observe(DiskObserver& observer) { observers_.push_back(&observer); }
    [[nodiscard]] Disk* find(DiskIdentity identity);
    [[nodiscard]] const std::vector<Disk*>& disks() const { return disks_; }  ///< in order of discovery

  private:
    OperatingSystem& os_;
    std::vector<std::pair<std::string, std::string>> attributes_;
    std::map<std::string, std::uint32_t> priorities_;
    std::vector<Disk*> disks_;
    std::map<DiskIdentity, Disk*> by_identity_;
    std::vector<DiskObserver*> observers_;
};

}  // namespace pvmsim::aix
