// States of a paging space device. The requests are PagingSpaceServer's.
// A disk that turns out to be smaller than the console was told is never usable.
#include "vios/paging/paging_space_device.hpp"

#include <utility>

#include "aix/odm/predefined.hpp"
#include "hypervisor/units.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::vios {

PagingSpaceDevice::PagingSpaceDevice(aix::OperatingSystem& os, std::string name, aix::DiskIdentity backing,
                                     std::uint64_t size_mib)
    : Device(os, std::move(name), aix::no_attributes()), backing_(backing), size_mib_(size_mib) {}

void PagingSpaceDevice::reach(aix::Disk& disk) {
    PVMSIM_ASSERT(disk.identity() == backing_);
    disk_ = &disk;
    lost_ = false;
    usable_ = disk.size_bytes() / hypervisor::kMebibyte >= size_mib_;
}

void PagingSpaceDevice::lose() {
    usable_ = false;
    lost_ = true;
}

void PagingSpaceDevice::forget() {
    usable_ = false;
    lost_ = false;
}

void PagingSpaceDevice::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(backing_.value);
    digest.add(size_mib_);
    digest.add(usable_);
    digest.add(lost_);
}

PagingAdapter::PagingAdapter(aix::OperatingSystem& os, std::string name, Kind kind)
    : Device(os, std::move(name), aix::no_attributes()), kind_(kind) {}

std::string_view PagingAdapter::description() const {
    return kind_ == Kind::kVasi ? "Virtual Asynchronous Services Interface (VASI)"
                                : "Virtual Block Storage Device (VBSD)";
}

}  // namespace pvmsim::vios
