// `timeline:` - faults with targets of the right kind and repairs. `for:` becomes a repair of its own.
// What is typed (chdev, chhwres, ...) is in read_changes.cpp.
#include <algorithm>
#include <array>

#include "scenarios/loader/reading.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 11> kFaults{{
    {"power-off", FaultKind::kPowerOff},
    {"shutdown", FaultKind::kShutdown},
    {"crash", FaultKind::kCrash},
    {"hang", FaultKind::kHang},
    {"link-down", FaultKind::kLinkDown},
    {"cable-half-open", FaultKind::kCableHalfOpen},
    {"port-down", FaultKind::kPortDown},
    {"switch-down", FaultKind::kSwitchDown},
    {"controller-down", FaultKind::kControllerDown},
    {"host-down", FaultKind::kHostDown},
    {"slow", FaultKind::kSlow},
}};

FaultKind fault_kind(std::string_view word) {
    return std::ranges::find(kFaults, word, &std::pair<std::string_view, FaultKind>::first)->second;
}

}  // namespace

void Reading::read_timeline(const Node& node) {
    const Fields fields(&node);
    const auto after = fields.duration("at");
    if (!after) return;
    if (*after > scenario_.duration && flawless("duration"))
        say(fields.scalar("at")->place, "'at' is after the end of the run (duration)");
    const auto at = sim::kStartOfRun + *after;
    if (fields.scalar("fault") || fields.scalar("repair")) read_fault(fields, at);
    read_change(fields, at);
}

void Reading::read_fault(const Fields& fields, sim::SimTime at) {
    const bool repair = fields.scalar("repair") != nullptr;
    const auto word = fields.text(repair ? "repair" : "fault");
    FaultStep fault{.kind = fault_kind(word), .repair = repair, .target = fields.text("target")};
    const auto only_for = [&](std::string_view key, FaultKind kind, std::string_view name) {
        if (fields.has(key) && fault.kind != kind && !repair)
            say(fields.place_of(key), "'" + std::string(key) + "' belongs to fault: " + std::string(name));
    };
    only_for("side", FaultKind::kCableHalfOpen, "cable-half-open");
    only_for("latency", FaultKind::kSlow, "slow");
    if (fault.kind == FaultKind::kSlow && !repair && !fields.has("latency"))
        say(fields.place_of("fault"), "fault: slow needs latency");
    fault.side =
        fields.text("side") == "far" ? fabric::CableSide::kFarHearsNothing : fabric::CableSide::kNearHearsNothing;
    fault.latency = fields.duration("latency").value_or(sim::Duration{0});
    if (const auto* target = fields.scalar("target")) check_fault_target(fault.kind, *target);

    scenario_.timeline.push_back({.at = at, .fault = fault});
    const auto length = fields.duration("for");
    if (!length || repair) return;
    fault.repair = true;
    scenario_.timeline.push_back({.at = at + *length, .fault = fault});
}

void Reading::check_fault_target(FaultKind kind, const Node& target) {
    const auto& name = target.text;
    switch (kind) {
        case FaultKind::kPowerOff:
        case FaultKind::kShutdown:
        case FaultKind::kCrash:
        case FaultKind::kHang:
            if (!find_partition(name) && trusted("partitions"))
                unknown_name(target.place, "partition", name, partition_names());
            return;
        case FaultKind::kLinkDown:
        case FaultKind::kPortDown:
            return check_cable(target, false);
        case FaultKind::kCableHalfOpen:
            return check_cable(target, true);
        case FaultKind::kHostDown:
            if (!find_host(name) && trusted("fabric.lan.hosts")) unknown_name(target.place, "host", name, host_names());
            return;
        case FaultKind::kControllerDown: {
            const auto slash = name.find('/');
            const auto* array = find_array(name.substr(0, slash));
            if (!array) {
                if (trusted("fabric.storage"))
                    unknown_name(target.place, "array", name.substr(0, slash), array_names());
                return;
            }
            const auto controller = slash == std::string::npos ? std::string() : name.substr(slash + 1);
            if (controller.size() != 1 || controller[0] < 'A' ||
                controller[0] - 'A' >= static_cast<int>(array->config.controllers))
                say(target.place, "a controller is written " + array->config.name + "/A; there are " +
                                      std::to_string(array->config.controllers));
            return;
        }
        case FaultKind::kSwitchDown:
        case FaultKind::kSlow:
            break;
    }
    const bool array_too = kind == FaultKind::kSlow;
    if (find_switch(name) || find_fabric_of(name) || (array_too && find_array(name))) return;
    if (!flawless("fabric.lan.switches") || !trusted("fabric.san") || !trusted("fabric.storage")) return;
    auto known = switch_names();
    for (auto& one : fc_switch_names()) known.push_back(std::move(one));
    if (array_too)
        for (auto& one : array_names()) known.push_back(std::move(one));
    unknown_name(target.place, array_too ? "switch or array" : "switch", name, known);
}

/// "system/C2-T1", "array/A-P0" or "sw1/sw2", with a cable in it.
void Reading::check_cable(const Node& target, bool ethernet_only) {
    const auto slash = target.text.find('/');
    if (slash == std::string::npos)
        return say(target.place,
                   "a cable is named by its end, like p740a/C2-T1, ds1/A-P0 or sw1/sw2, not '" + target.text + "'");
    const auto first = target.text.substr(0, slash), second = target.text.substr(slash + 1);
    hypervisor::AdapterKind kind{};
    if (const auto* port = find_port(target.text, &kind)) {
        const bool ethernet = kind == hypervisor::AdapterKind::kEthernet;
        if (ethernet_only && !ethernet) return say(target.place, "'" + target.text + "' is no Ethernet port");
        if ((ethernet ? port->lan.switch_name : port->fc_switch).empty() && flawless("systems." + first))
            say(target.place, "'" + target.text + "' is not cabled");
        return;
    }
    if (find_system(first)) {
        if (flawless("systems." + first))
            say(target.place, "there is no port '" + second + "' on system '" + first + "'");
        return;
    }
    if (const auto* array = find_array(first)) {
        if (ethernet_only) return say(target.place, "'" + target.text + "' is no Ethernet port");
        if (std::ranges::find(array->ports, second, &ArrayPortDescription::name) == array->ports.end())
            say(target.place, "there is no port '" + second + "' on array '" + first + "'");
        return;
    }
    const auto joins = [&](const std::string& a, const std::string& b) {
        return (a == first && b == second) || (a == second && b == first);
    };
    const auto& links = scenario_.fabric.lan.links;
    if (std::ranges::any_of(links, [&](const LanLinkDescription& link) { return joins(link.a, link.b); })) return;
    for (const auto& fabric : scenario_.fabric.san) {
        if (std::ranges::none_of(fabric.links, [&](const auto& link) { return joins(link.first, link.second); }))
            continue;
        if (ethernet_only) say(target.place, "'" + target.text + "' is no Ethernet cable");
        return;
    }
    if (trusted("systems") && flawless("fabric")) say(target.place, "there is no port or cable '" + target.text + "'");
}

}  // namespace pvmsim::scenarios
