// Doing faults and repairs; see faults.hpp. What an administrator types is in changes.cpp. One function for each kind
// of target: partition, cable, switch, array, host. A repaired partition is activated again; that takes its boot time,
// like everything an administrator starts.
#include "scenarios/play/faults.hpp"

#include <utility>

#include "sim/base/assert.hpp"

namespace pvmsim::scenarios {
namespace {

using Done = std::expected<void, std::string>;

Done from(hypervisor::Result<void> result) {
    if (!result) return std::unexpected(result.error().text);
    return {};
}

Done partition_fault(Site& site, const FaultStep& fault) {
    auto* partition = site.find_partition(fault.target);
    PVMSIM_ASSERT(partition != nullptr);
    auto& system = *partition->system;
    const auto id = partition->id();
    if (fault.repair) return from(fault.kind == FaultKind::kHang ? system.resume(id) : system.activate(id));
    switch (fault.kind) {
        case FaultKind::kPowerOff:
            return from(system.power_off(id));
        case FaultKind::kShutdown:
            return from(system.shutdown(id));
        case FaultKind::kCrash:
            return from(system.crash(id));
        default:
            return from(system.hang(id));
    }
}

Done cable_fault(Site& site, const FaultStep& fault) {
    const auto cable = site.find_cable(fault.target);
    if (!cable.lan && !cable.san) return std::unexpected("no cable at " + fault.target);
    if (fault.kind == FaultKind::kPortDown) {
        if (cable.lan) fault.repair ? site.lan().open_port(*cable.lan) : site.lan().shut_port(*cable.lan);
        if (cable.san) fault.repair ? site.san().open_port(*cable.san) : site.san().shut_port(*cable.san);
        return {};
    }
    const auto side = fault.kind == FaultKind::kCableHalfOpen ? fault.side : fabric::CableSide::kBoth;
    if (cable.lan) fault.repair ? site.lan().mend(*cable.lan) : site.lan().cut(*cable.lan, side);
    if (cable.san) fault.repair ? site.san().mend(*cable.san) : site.san().cut(*cable.san);
    return {};
}

Done switch_fault(Site& site, const FaultStep& fault) {
    if (site.lan().has_switch(fault.target)) {
        const auto id = site.lan().find_switch(fault.target);
        fault.repair ? site.lan().power_on(id) : site.lan().power_off(id);
    } else {
        const auto id = site.san().find_switch(fault.target);
        fault.repair ? site.san().power_on(id) : site.san().power_off(id);
    }
    return {};
}

Done controller_fault(Site& site, const FaultStep& fault) {
    const auto slash = fault.target.find('/');
    auto* array = site.find_array(fault.target.substr(0, slash));
    PVMSIM_ASSERT(array != nullptr);
    const auto controller = fault.target.substr(slash + 1);
    fault.repair ? array->repair_controller(controller) : array->fail_controller(controller);
    return {};
}

Done slowness(Site& site, const FaultStep& fault) {
    const auto extra = fault.repair ? sim::Duration{0} : fault.latency;
    if (auto* array = site.find_array(fault.target))
        array->set_extra_latency(extra);
    else if (site.lan().has_switch(fault.target))
        site.lan().set_extra_latency(site.lan().find_switch(fault.target), extra);
    else
        site.san().set_extra_latency(site.san().find_switch(fault.target), extra);
    return {};
}

}  // namespace

Done apply_fault(Site& site, const FaultStep& fault) {
    switch (fault.kind) {
        case FaultKind::kPowerOff:
        case FaultKind::kShutdown:
        case FaultKind::kCrash:
        case FaultKind::kHang:
            return partition_fault(site, fault);
        case FaultKind::kLinkDown:
        case FaultKind::kCableHalfOpen:
        case FaultKind::kPortDown:
            return cable_fault(site, fault);
        case FaultKind::kSwitchDown:
            return switch_fault(site, fault);
        case FaultKind::kControllerDown:
            return controller_fault(site, fault);
        case FaultKind::kSlow:
            return slowness(site, fault);
        case FaultKind::kHostDown: {
            auto* host = site.lan().find_host(fault.target);
            PVMSIM_ASSERT(host != nullptr);
            host->set_answering(fault.repair);
            return {};
        }
    }
    return {};
}

}  // namespace pvmsim::scenarios
