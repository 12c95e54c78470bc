// VirtualTargetDevice: "vtscsiN" or the name the administrator gave: one backing disk offered to a client as one unit
// (R-STO-01, R-STO-06). Whole physical volumes; logical volumes, files and optical media come with storage pools.
#pragma once

#include <string>

#include "aix/os/device.hpp"
#include "aix/storage/disk.hpp"

namespace pvmsim::vios {

class VirtualTargetDevice : public aix::Device {
  public:
    VirtualTargetDevice(aix::OperatingSystem& os, std::string name, wire::LunNumber lun, aix::DiskIdentity backing);

    [[nodiscard]] wire::LunNumber lun() const { return lun_; }
    [[nodiscard]] aix::DiskIdentity backing() const { return backing_; }
    /// The backing disk, nullptr while this VIOS has never seen it.
    [[nodiscard]] aix::Disk* disk() const { return disk_; }
    /// lsmap's Status: Available once an adapter of this VIOS has reached the disk since boot, Defined before.
    [[nodiscard]] bool ready() const { return disk_ != nullptr && reached_ && disk_->available(); }

    void disk_reached(aix::Disk& disk);
    /// The system ended: the disk is known, but not reached yet.
    void disk_lost() { reached_ = false; }

    [[nodiscard]] std::string_view description() const override { return "Virtual Target Device - Disk"; }
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override {}
    void on_unconfigure() override {}

  private:
    wire::LunNumber lun_;
    aix::DiskIdentity backing_;
    aix::Disk* disk_ = nullptr;
    bool reached_ = false;
};

}  // namespace pvmsim::vios
