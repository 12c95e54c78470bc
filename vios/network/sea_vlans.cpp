// The rules and the doing of VLAN changes of a Shared Ethernet Adapter; see sea_vlans.hpp. Everything is checked before
// anything is changed. Codes of messages are the HMC's (formats C.10); the reasons behind them are our words.
#include "vios/network/sea_vlans.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "aix/os/operating_system.hpp"
#include "hypervisor/memory/paging/pool_rules.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::vios {
namespace {

constexpr std::size_t kVlanTableSize = 4096;
constexpr std::size_t kAdditionalVlansMax = 20;  ///< V40

using Trunks = std::vector<aix::VirtualEthernetAdapterDevice*>;

/// Adding and removing have messages of their own; a change of both is told as an addition.
std::unexpected<sim::Error<SeaVlanError>> refused(SeaVlanError code, const TrunkVlanChange& change,
                                                  const std::string& reason) {
    const bool removes = change.add.empty();
    return sim::fail(code, fmt::format("{} Dynamic {} of virtual I/O resources failed: {}",
                                       removes ? "HSCL294D" : "HSCL294C", removes ? "remove" : "add", reason));
}

SeaVlanResult<void> check_answers(const aix::OperatingSystem& os) {
    const auto& partition = os.system().partition(os.partition_id());
    if (os.running() && !partition.hung) return {};
    return sim::fail(SeaVlanError::kNoConnection,
                     fmt::format("HSCL2957 Either there is currently no RMC connection between the management console "
                                 "and the partition {} or the partition does not support dynamic partitioning "
                                 "operations.",
                                 partition.name));
}

/// R-NET-09, for a trunk adapter that is in use.
SeaVlanResult<void> check_levels(const SharedEthernetAdapter& sea, const TrunkVlanChange& change,
                                 ConsoleLevel console) {
    const auto no = [&](const std::string& reason) { return refused(SeaVlanError::kNotSupported, change, reason); };
    const auto& system = sea.os().system();
    const std::string use = "VLANs of a trunk adapter of the running " + sea.name();
    if (!system.model().processor.starts_with("POWER7"))
        return no(fmt::format("{} can be changed from POWER7 on, not on {}", use, system.model().processor));
    const std::string_view firmware = system.config().firmware_level.empty()
                                          ? system.model().firmware_level
                                          : std::string_view(system.config().firmware_level);
    if (hypervisor::firmware_release(firmware) <
        hypervisor::FirmwareRelease{kFirmwareReleaseDynamicVlans, kFirmwarePackDynamicVlans})
        return no(fmt::format("{} can be changed with firmware 720_064 or later, not with {}", use, firmware));
    if (sea.level() < kViosLevelDynamicVlans)
        return no(fmt::format("{} can be changed with VIOS 2.2.0.0 or later, not with {}.{}.{}.{}", use,
                              sea.level().version, sea.level().release, sea.level().modification, sea.level().fix));
    if (console < kConsoleLevelDynamicVlans)
        return no(fmt::format("{} can be changed by an HMC of V7R7.2.0 or later, not of V{}R{}.{}.{}", use,
                              console.version, console.release, console.modification, console.fix));
    return {};
}

SeaVlanResult<void> check_added(const SharedEthernetAdapter& sea, const aix::VirtualEthernetAdapterDevice& trunk,
                                const TrunkVlanChange& change) {
    const auto no = [&](const std::string& reason) { return refused(SeaVlanError::kInvalidChange, change, reason); };
    std::set<wire::VlanId> seen;
    for (const auto vlan : change.add) {
        if (vlan == wire::kUntagged || vlan > wire::kVlanIdMax)
            return no(fmt::format("VLAN {} is not one of 1 to 4094", vlan.value()));
        if (vlan == wire::kVlanIdFirmware) return no("VLAN 3358 is reserved by the firmware");
        if (!seen.insert(vlan).second) return no(fmt::format("VLAN {} is named twice", vlan.value()));
        for (const auto* other : sea.trunks())
            if (std::ranges::count(other->vlans(), vlan) > 0)
                return no(fmt::format("VLAN {} is on {} of {} already", vlan.value(), other->name(), sea.name()));
    }
    const auto after = trunk.config().addl_vlan_ids.size() + change.add.size() - change.remove.size();
    if (after > kAdditionalVlansMax)
        return no(
            fmt::format("{} would have {} additional VLANs; {} is the most", trunk.name(), after, kAdditionalVlansMax));
    return {};
}

SeaVlanResult<void> check_removed(const aix::VirtualEthernetAdapterDevice& trunk, const TrunkVlanChange& change) {
    const auto no = [&](const std::string& reason) { return refused(SeaVlanError::kInvalidChange, change, reason); };
    std::set<wire::VlanId> seen;
    for (const auto vlan : change.remove) {
        if (!seen.insert(vlan).second) return no(fmt::format("VLAN {} is named twice", vlan.value()));
        if (vlan == trunk.port_vlan_id())
            return no(fmt::format("VLAN {} is the port VLAN of {}, which only the profile can change", vlan.value(),
                                  trunk.name()));
        if (std::ranges::count(trunk.config().addl_vlan_ids, vlan) == 0)
            return no(fmt::format("VLAN {} is none of the additional VLANs of {}", vlan.value(), trunk.name()));
    }
    return {};
}

std::unexpected<sim::Error<SeaVlanError>> wrong_list(const std::string& reason) {
    return sim::fail(SeaVlanError::kInvalidChange, "virt_adapters: " + reason);
}

SeaVlanResult<void> check_list(SharedEthernetAdapter& sea, const Trunks& trunks) {
    std::set<std::string> names;
    for (auto* trunk : trunks) {
        if (!names.insert(trunk->name()).second) return wrong_list(trunk->name() + " is named twice");
        const bool is_new = std::ranges::count(sea.trunks(), trunk) == 0;
        if (!is_new) continue;
        if (&trunk->os() != &sea.os()) return wrong_list(trunk->name() + " is of another partition");
        if (trunk->attached()) return wrong_list(trunk->name() + " is in use by another device or interface");
        if (sea.available() && !trunk->available()) return wrong_list(trunk->name() + " is not available");
    }
    SeaConfig after{.real_adapter = &sea.real_adapter(),
                    .virt_adapters = trunks,
                    .pvid_adapter = &sea.default_trunk(),
                    .ctl_chan = sea.control_channel(),
                    .timing = {},
                    .level = sea.level()};
    if (const auto refusal = why_refused(after)) return wrong_list(*refusal);
    const bool shares = sea.state() == SeaState::kPrimarySharing || sea.state() == SeaState::kBackupSharing;
    if (sea.available() && shares)
        return wrong_list(sea.name() + " shares its load: set ha_mode=auto on both sides first");
    return {};
}

}  // namespace

SeaVlanResult<void> change_trunk_vlans(SharedEthernetAdapter& sea, aix::VirtualEthernetAdapterDevice& trunk,
                                       const TrunkVlanChange& change, ConsoleLevel console) {
    PVMSIM_ASSERT(std::ranges::count(sea.trunks(), &trunk) == 1);
    PVMSIM_TRY(check_answers(sea.os()));
    if (sea.available()) PVMSIM_TRY(check_levels(sea, change, console));
    if (!trunk.config().ieee_virtual_eth)
        return refused(SeaVlanError::kInvalidChange, change,
                       trunk.name() + " is not IEEE 802.1Q compatible: it has its port VLAN alone");
    PVMSIM_TRY(check_removed(trunk, change));
    PVMSIM_TRY(check_added(sea, trunk, change));

    auto vlans = trunk.config().addl_vlan_ids;
    std::erase_if(vlans, [&](wire::VlanId vlan) { return std::ranges::count(change.remove, vlan) > 0; });
    vlans.insert(vlans.end(), change.add.begin(), change.add.end());
    auto& vswitch = sea.os().system().virtual_ethernet();
    vswitch.set_additional_vlans(vswitch.find(sea.os().partition_id(), trunk.slot()), std::move(vlans));
    sea.take_trunk_vlans();
    return {};
}

SeaVlanResult<void> change_virt_adapters(SharedEthernetAdapter& sea, Trunks virt_adapters) {
    PVMSIM_TRY(check_list(sea, virt_adapters));
    sea.take_trunks(std::move(virt_adapters));
    return {};
}

std::vector<wire::VlanId> vlans_of_one_side_only(const SharedEthernetAdapter& one, const SharedEthernetAdapter& other) {
    const auto all_of = [](const SharedEthernetAdapter& sea) {
        std::set<wire::VlanId> vlans;
        for (const auto* trunk : sea.trunks())
            for (const auto vlan : trunk->vlans()) vlans.insert(vlan);
        return vlans;
    };
    std::vector<wire::VlanId> different;
    std::ranges::set_symmetric_difference(all_of(one), all_of(other), std::back_inserter(different));
    return different;
}

// --- the adapter's part ---

void SharedEthernetAdapter::take_trunk_vlans() {
    trunk_by_vlan_.assign(kVlanTableSize, 0);
    for (std::size_t i = 0; i < trunks_.size(); ++i)
        for (const auto vlan : trunks_[i]->vlans()) trunk_by_vlan_[vlan.value()] = static_cast<std::uint8_t>(i + 1);
}

/// A trunk adapter that leaves loses its Active bit; one that comes gets it where this side bridges.
void SharedEthernetAdapter::take_trunks(std::vector<aix::VirtualEthernetAdapterDevice*> trunks) {
    for (auto* trunk : trunks_) {
        if (std::ranges::count(trunks, trunk) > 0) continue;
        trunk->attach(nullptr);
        trunk->reopen();
    }
    for (auto* trunk : trunks)
        if (std::ranges::count(trunks_, trunk) == 0) trunk->attach(this);
    trunks_ = std::move(trunks);
    std::string names;
    for (const auto* trunk : trunks_) names += (names.empty() ? "" : ",") + trunk->name();
    attributes().set("virt_adapters", names);
    take_trunk_vlans();
    if (!available() || closed_) return;
    if (bridging()) {
        PVMSIM_ASSERT(failover_.served() == kAllTrunks);
        activate_trunks(kAllTrunks);
    }
    failover_.change(settings());
    report_doubtful_settings();
}

}  // namespace pvmsim::vios
