// Discovery of disks and paths; see disk_manager.hpp.
// Units are told apart by identity, as a real system does by the unit's serial number (VPD page 0x83).
#include "aix/storage/disk_manager.hpp"

#include <utility>

#include "aix/os/operating_system.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::aix {

DiskIdentity identity_of(std::string_view unit_name) {
    sim::Digest digest;
    digest.add(unit_name);
    return {digest.value()};
}

DiskManager::DiskManager(OperatingSystem& os) : os_(os) {}

void DiskManager::set_disk_attributes(std::vector<std::pair<std::string, std::string>> values) {
    attributes_ = std::move(values);
}

void DiskManager::set_path_priorities(std::map<std::string, std::uint32_t> priorities) {
    priorities_ = std::move(priorities);
}

void DiskManager::report_units(ScsiInitiator& initiator, std::span<const DiscoveredUnit> units) {
    const auto given = priorities_.find(initiator.initiator_name());
    const std::uint32_t priority = given == priorities_.end() ? 1 : given->second;
    for (const auto& unit : units) {
        if (Disk* known = find(unit.identity)) {
            known->add_path(initiator, unit.address, priority);
            for (auto* observer : observers_) observer->on_disk_reported(*known);
            continue;
        }
        auto& disk = os_.add_device<Disk>(os_.next_name("hdisk"), unit.identity, unit.size_bytes);
        for (const auto& [name, value] : attributes_) disk.attributes().set(name, value);
        disk.add_path(initiator, unit.address, priority);
        disks_.push_back(&disk);
        by_identity_.emplace(unit.identity, &disk);
        disk.configure();
        for (auto* observer : observers_) {
            observer->on_disk_found(disk);
            observer->on_disk_reported(disk);
        }
    }
}

Disk* DiskManager::find(DiskIdentity identity) {
    const auto found = by_identity_.find(identity);
    return found == by_identity_.end() ? nullptr : found->second;
}

}  // namespace pvmsim::aix
