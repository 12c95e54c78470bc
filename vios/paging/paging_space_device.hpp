// PagingSpaceDevice: "vrmpageN", one paging space device of the shared memory pool at this Virtual I/O Server: a whole
// physical volume (behaviour 2.2). PagingAdapter: vasiN and vbsdN, which lsmap -ams names beside it.
//
// Left out: logical volumes, which only a VIOS without a partner may use: this VIOS has no storage pools yet.
#pragma once

#include <cstdint>
#include <string>

#include "aix/os/device.hpp"
#include "aix/storage/disk.hpp"

namespace pvmsim::vios {

class PagingSpaceDevice : public aix::Device {
  public:
    PagingSpaceDevice(aix::OperatingSystem& os, std::string name, aix::DiskIdentity backing, std::uint64_t size_mib);

    [[nodiscard]] aix::DiskIdentity backing() const { return backing_; }
    /// As the management console knows it.
    [[nodiscard]] std::uint64_t size_mib() const { return size_mib_; }
    /// nullptr while this VIOS has never seen it.
    [[nodiscard]] aix::Disk* disk() const { return disk_; }
    /// Reached since boot, large enough, and no request has failed for lack of a way to it.
    [[nodiscard]] bool usable() const { return usable_; }
    /// A request failed; nobody has reached it since.
    [[nodiscard]] bool lost() const { return lost_; }

    void reach(aix::Disk& disk);
    void lose();
    /// The system ended: the disk is known, but not reached yet.
    void forget();

    [[nodiscard]] std::string_view description() const override { return "Paging Space Device of Shared Memory"; }
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override {}
    void on_unconfigure() override {}

  private:
    aix::DiskIdentity backing_;
    std::uint64_t size_mib_;
    aix::Disk* disk_ = nullptr;
    bool usable_ = false;
    bool lost_ = false;
};

/// Only a name to be listed: what it does is in PagingSpaceServer.
class PagingAdapter : public aix::Device {
  public:
    enum class Kind : std::uint8_t { kVasi, kVbsd };
    PagingAdapter(aix::OperatingSystem& os, std::string name, Kind kind);

    [[nodiscard]] std::string_view description() const override;

  protected:
    void on_configure() override {}
    void on_unconfigure() override {}

  private:
    Kind kind_;
};

}  // namespace pvmsim::vios
