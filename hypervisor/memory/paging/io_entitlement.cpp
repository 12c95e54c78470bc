// Sums over a profile's virtual adapters. Virtual serial adapters map nothing.
// What a device desires above the minimum is rounded up to whole chunks.
#include "hypervisor/memory/paging/io_entitlement.hpp"

#include "hypervisor/units.hpp"

namespace pvmsim::hypervisor {

namespace {

std::uint64_t mib_up(std::uint64_t bytes) { return (bytes + kMebibyte - 1) / kMebibyte; }

constexpr std::uint64_t with_chunks(std::uint64_t desired) {
    if (desired <= kIoEntitledDeviceMinBytes) return kIoEntitledDeviceMinBytes;
    const std::uint64_t above = desired - kIoEntitledDeviceMinBytes;
    const std::uint64_t chunks = (above + kIoEntitledChunkBytes - 1) / kIoEntitledChunkBytes;
    return kIoEntitledDeviceMinBytes + chunks * kIoEntitledChunkBytes;
}

}  // namespace

std::uint64_t io_entitled_min_mib(const PartitionProfile& profile) {
    const std::size_t devices =
        profile.virtual_eth_adapters.size() + profile.virtual_scsi_adapters.size() + profile.virtual_fc_adapters.size();
    return mib_up((devices + 1) * kIoEntitledDeviceMinBytes);
}

std::uint64_t io_entitled_auto_mib(const PartitionProfile& profile) {
    const std::uint64_t desired = profile.virtual_eth_adapters.size() * with_chunks(kIoEntitledEthernetBytes) +
                                  profile.virtual_scsi_adapters.size() * with_chunks(kIoEntitledScsiBytes) +
                                  profile.virtual_fc_adapters.size() * with_chunks(kIoEntitledFcBytes);
    return mib_up(desired + kIoEntitledDeviceMinBytes);
}

}  // namespace pvmsim::hypervisor
