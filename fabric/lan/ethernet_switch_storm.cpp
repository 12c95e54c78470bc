// Loops: how a switch finds that frames go round, and the storm they make, carried as a rate.
//
// A frame that comes to be flooded again and again goes round in a loop. From then on the loop turns as fast as its
// links and storm control let it, and costs no events: what goes round is dropped and counted in the rate, other frames
// of the VLAN are lost with a probability, and one copy of the looping frame is sent as a probe each interval. When
// three probes in a row do not come back, the loop is open and the storm over. Left out: load on other VLANs of the
// same links, and receivers' processor time. Parameters: lan_parameters.hpp, docs/model/network-outside.md.
#include <algorithm>
#include <chrono>
#include <string>

#include "fabric/lan/ethernet_switch.hpp"
#include "fabric/lan/lan.hpp"
#include "fabric/lan/lan_parameters.hpp"

namespace pvmsim::fabric {
namespace {

/// True when the identity is that of some storm's looping frame.
template <typename Shadows>
bool is_storm_frame(const Shadows& shadows, std::uint64_t identity) {
    return std::ranges::any_of(shadows, [identity](const auto& shadow) { return shadow.identity == identity; });
}

}  // namespace

bool EthernetSwitch::in_storm(wire::VlanId vlan) const {
    return std::ranges::find(shadows_, vlan, &StormShadow::vlan) != shadows_.end();
}

bool EthernetSwitch::storm_takes(wire::VlanId vlan, const wire::Frame& frame) {
    if (!in_storm(vlan)) return false;
    const auto identity = identity_of(vlan, frame);
    for (auto& storm : storms_) {
        if (storm.identity != identity) continue;
        storm.returned = true;
        ++storm.report.dropped;
        ++storm_drops_;
        return true;
    }
    if (is_storm_frame(shadows_, identity)) return false;
    if (!storm_draws_.chance(config_.storm_loss_permille, 1000)) return false;
    for (auto& storm : storms_) storm.report.dropped += storm.report.vlan == vlan ? 1u : 0u;
    ++storm_drops_;
    return true;
}

bool EthernetSwitch::storm_absorbs(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame, std::uint32_t copies) {
    const auto identity = identity_of(vlan, frame);
    const auto times = repetitions_.note(identity, engine_.now());
    const auto own = std::ranges::find(storms_, vlan, [](const Storm& storm) { return storm.report.vlan; });
    if (own != storms_.end()) {
        if (times == 1) return false;
        ++own->report.dropped;
        ++storm_drops_;
        return true;
    }
    if (times > kLoopRepetitions) {
        begin_storm(from, vlan, frame, copies);
        ++storm_drops_;
        return true;
    }
    // Another switch's storm: its frame passes, whatever else goes round does so in the rate.
    if (times == 1 || !in_storm(vlan) || is_storm_frame(shadows_, identity)) return false;
    ++storm_drops_;
    return true;
}

void EthernetSwitch::begin_storm(SwitchPort from, wire::VlanId vlan, const wire::Frame& frame, std::uint32_t copies) {
    if (config_.storm_action == StormAction::kShutDown) return err_disable(from, ErrorCause::kStormControl);
    Storm storm{};
    const auto bits = 8u * (std::uint64_t{frame.size_bytes} + kWireOverheadBytes);
    storm.report.vlan = vlan;
    storm.report.port = from;
    storm.report.began = engine_.now();
    storm.report.offered_copies_per_s = config_.port_bits_per_s / bits * copies;
    storm.report.copies_per_s =
        std::min<std::uint64_t>(storm.report.offered_copies_per_s, config_.flooded_copies_max_per_s);
    storm.identity = identity_of(vlan, frame);
    storm.frame = frame;
    storms_.push_back(storm);
    engine_.trace().milestone(engine_.now(), path_, "broadcast-storm",
                              "broadcast storm in VLAN " + std::to_string(vlan.value()) + ": a frame of " +
                                  frame.source.to_string() + " comes back again and again by the port to " +
                                  at(from).peer.name + "; storm control drops floods; look for a loop",
                              {{"vlan", static_cast<std::int64_t>(vlan.value())},
                               {"port", static_cast<std::int64_t>(from.value())},
                               {"copies_per_second", static_cast<std::int64_t>(storm.report.copies_per_s)}});
    lan_.spread_storm(id_, vlan, storm.identity);
    engine_.schedule_in(kStormProbeInterval, entity_, StormProbe{vlan});
}

void EthernetSwitch::probe_storm(wire::VlanId vlan) {
    const auto found = std::ranges::find(storms_, vlan, [](const Storm& storm) { return storm.report.vlan; });
    // A storm that ended by the loss of power leaves its probe behind, and another may have begun since.
    if (found == storms_.end() || engine_.now() - found->report.began < kStormProbeInterval) return;
    found->silent_probes = found->returned ? 0 : found->silent_probes + 1;
    if (found->silent_probes >= kStormSilentProbesMax)
        return end_storm(static_cast<std::size_t>(found - storms_.begin()));
    found->returned = false;
    lan_.spread_storm(id_, vlan, found->identity);
    engine_.schedule_in(kStormProbeInterval, entity_, StormProbe{vlan});
    send_copies(found->report.port, vlan, found->frame);
}

void EthernetSwitch::end_storm(std::size_t index) {
    auto report = report_of(storms_[index]);
    report.ended = engine_.now();
    storms_.erase(storms_.begin() + static_cast<std::ptrdiff_t>(index));
    if (past_storms_.size() >= kStormReportsMax) past_storms_.erase(past_storms_.begin());
    past_storms_.push_back(report);
    lan_.end_storm(id_, report.vlan);
    engine_.trace().milestone(engine_.now(), path_, "broadcast-storm-over",
                              "broadcast storm in VLAN " + std::to_string(report.vlan.value()) + " is over",
                              {{"vlan", static_cast<std::int64_t>(report.vlan.value())},
                               {"dropped", static_cast<std::int64_t>(report.dropped)},
                               {"lasted", engine_.now() - report.began}});
}

StormReport EthernetSwitch::report_of(const Storm& storm) const {
    auto report = storm.report;
    const auto lasted = engine_.now() - report.began;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(lasted);
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(lasted - seconds);
    const auto beyond = report.offered_copies_per_s - report.copies_per_s;
    report.dropped += beyond * static_cast<std::uint64_t>(seconds.count()) +
                      beyond * static_cast<std::uint64_t>(rest.count()) / 1000u;
    return report;
}

std::vector<StormReport> EthernetSwitch::storms() const {
    auto reports = past_storms_;
    for (const auto& storm : storms_) reports.push_back(report_of(storm));
    return reports;
}

void EthernetSwitch::enter_storm(SwitchId owner, wire::VlanId vlan, std::uint64_t identity) {
    const auto same = [&](const StormShadow& shadow) { return shadow.owner == owner && shadow.vlan == vlan; };
    const auto found = std::ranges::find_if(shadows_, same);
    if (found == shadows_.end()) {
        // What is counted so far is the loop its owner has found; only another loop is a storm of this switch's own.
        repetitions_.forget(identity);
        shadows_.push_back({owner, vlan, identity});
    } else {
        found->identity = identity;
    }
}

void EthernetSwitch::leave_storm(SwitchId owner, wire::VlanId vlan) {
    std::erase_if(shadows_, [&](const StormShadow& shadow) { return shadow.owner == owner && shadow.vlan == vlan; });
}

}  // namespace pvmsim::fabric
