// See virtual_target.hpp. The work is done by the server adapter; the device holds what it is about.
// What lsmap shows of it (status, LUN, backing device) is read from here.
#include "vios/vscsi/virtual_target.hpp"

#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::vios {

VirtualTargetDevice::VirtualTargetDevice(aix::OperatingSystem& os, std::string name, wire::LunNumber lun,
                                         aix::DiskIdentity backing)
    : Device(os, std::move(name), aix::no_attributes()), lun_(lun), backing_(backing) {}

void VirtualTargetDevice::disk_reached(aix::Disk& disk) {
    PVMSIM_ASSERT(disk.identity() == backing_);
    disk_ = &disk;
    reached_ = true;
}

void VirtualTargetDevice::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(lun_);
    digest.add(backing_.value);
    digest.add(reached_);
}

}  // namespace pvmsim::vios
