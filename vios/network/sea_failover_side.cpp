// Where failover meets the Shared Ethernet Adapter: what its attributes and trunk adapters mean for it, the way of its
// packets, and what it writes into log book and error log (behaviour 3.3, 3.4).
//
// Control packets go through ctl_chan, or without one (level 2.2.3.0 and later) through the default trunk adapter in
// VLAN 4095, where every SEA of the virtual switch hears them: those of another pair are told by the port VLAN. That
// the channel's packets carry it is our choice.
#include <algorithm>

#include "aix/os/operating_system.hpp"
#include "vios/network/sea.hpp"

namespace pvmsim::vios {
namespace {

sim::Duration seconds(std::int64_t count) { return std::chrono::seconds(count); }

constexpr bool contains(SeaTrunkSet set, std::size_t index) { return (set >> index & 1) != 0; }

/// One step of FNV-1a.
std::uint32_t mixed(std::uint32_t hash, std::uint32_t value) { return (hash ^ value) * 0x0100'0193u; }

}  // namespace

// --- settings ---

std::uint8_t SharedEthernetAdapter::priority() const {
    return (*std::ranges::min_element(trunks_, {}, [](const auto* trunk) { return trunk->priority(); }))->priority();
}

SeaSettings SharedEthernetAdapter::settings() const {
    const auto& set = attributes();
    const bool can_share = trunks_.size() >= 2 && level_ >= kViosLevelSharing;
    return {.enabled = !set.is("ha_mode", "disabled"),
            .sharing = set.is("ha_mode", "sharing") && can_share,
            .rank = {set.is("ha_mode", "standby"), priority()},
            .link_time = seconds(set.integer("link_time")),
            .health_time = seconds(set.integer("health_time")),
            .fb_delay = seconds(set.integer("fb_delay")),
            .noauto_failback = set.is("noauto_failback", "yes"),
            .has_unhealthy = level_ >= kViosLevelUnhealthy,
            .unhealthy_never_takes_over = level_ >= kViosLevelUnhealthy && level_ < kViosLevelUnhealthyRepaired};
}

void SharedEthernetAdapter::report_doubtful_settings() {
    if (attributes().is("ha_mode", "disabled")) return;
    if (trunks_ahead_of_others() != kNoTrunks)
        report("trunk adapters of one SEA have different priorities: the lowest number counts for all");
    if (control_ == nullptr && !uses_simplified_channel())
        report("no control channel: this level of the VIOS needs ctl_chan for failover");
    if (!attributes().is("ha_mode", "sharing")) return;
    if (trunks_.size() < 2) report("ha_mode=sharing needs two trunk adapters or more: works as auto");
    if (level_ < kViosLevelSharing) report("ha_mode=sharing needs a later level of the VIOS: works as auto");
}

SeaBridgeMode SharedEthernetAdapter::bridge_mode() const {
    if (!bridging()) return state() == SeaState::kInit ? SeaBridgeMode::kUnknown : SeaBridgeMode::kNone;
    return failover_.served() == kAllTrunks ? SeaBridgeMode::kAll : SeaBridgeMode::kPartial;
}

// --- trunk adapters ---

bool SharedEthernetAdapter::bridges(const aix::EthernetDevice& trunk) const {
    if (!bridging()) return false;
    if (failover_.served() == kAllTrunks) return true;
    for (std::size_t i = 0; i < trunks_.size(); ++i)
        if (trunks_[i] == &trunk) return contains(failover_.served(), i);
    return false;
}

std::uint32_t SharedEthernetAdapter::trunk_definitions() const {
    std::uint32_t hash = 0x811c'9dc5u;
    for (const auto* trunk : trunks_) {
        auto vlans = trunk->vlans();
        std::ranges::sort(vlans.begin() + 1, vlans.end());  // The port VLAN stays first.
        hash = mixed(hash, static_cast<std::uint32_t>(vlans.size()));
        for (const auto vlan : vlans) hash = mixed(hash, vlan.value());
    }
    return hash;
}

SeaTrunkSet SharedEthernetAdapter::trunks_ahead_of_others() const {
    const auto best = priority();
    SeaTrunkSet ahead = kNoTrunks;
    bool all = true;
    for (std::size_t i = 0; i < trunks_.size(); ++i) {
        const bool is_best = trunks_[i]->priority() == best;
        if (is_best) ahead = static_cast<SeaTrunkSet>(ahead | 1u << i);
        all = all && is_best;
    }
    return all ? kNoTrunks : ahead;
}

bool SharedEthernetAdapter::holds_trunks(SeaTrunkSet trunks) const {
    for (std::size_t i = 0; i < trunks_.size(); ++i)
        if (contains(trunks, i) && !trunks_[i]->trunk_active()) return false;
    return true;
}

void SharedEthernetAdapter::activate_trunks(SeaTrunkSet trunks) {
    for (std::size_t i = 0; i < trunks_.size(); ++i)
        if (contains(trunks, i)) trunks_[i]->activate_trunk();
}

void SharedEthernetAdapter::activate_orphaned_trunks(SeaTrunkSet trunks) {
    const auto& vswitch = os().system().virtual_ethernet();
    for (std::size_t i = 0; i < trunks_.size(); ++i) {
        auto& trunk = *trunks_[i];
        const auto served = [&](wire::VlanId vlan) {
            return vswitch.active_trunk(trunk.config().vswitch, vlan).has_value();
        };
        if (contains(trunks, i) && std::ranges::none_of(trunk.vlans(), served)) trunk.activate_trunk();
    }
}

// --- control packets ---

void SharedEthernetAdapter::send_control(const SeaPacket& packet) {
    wire::Frame frame;
    frame.destination = wire::MacAddress::broadcast();
    frame.type = wire::FrameType::kSeaControl;
    frame.data = packet.encode();
    frame.serial = default_trunk_->port_vlan_id().value();
    auto* way = control_;
    if (uses_simplified_channel()) {
        way = default_trunk_;
        frame.vlan = wire::kVlanIdSeaDiscovery;
    }
    if (way == nullptr) return;
    frame.source = way->mac();
    way->send(frame);
}

void SharedEthernetAdapter::on_control_frame(const aix::EthernetDevice& device, const wire::Frame& frame) {
    const bool is_simplified = frame.vlan == wire::kVlanIdSeaDiscovery;
    if (is_simplified) {
        if (!uses_simplified_channel() || &device != default_trunk_) return;
        if (frame.serial != default_trunk_->port_vlan_id().value()) return;  // Another pair of this switch.
    } else if (&device != control_) {
        return;
    }
    failover_.on_packet(SeaPacket::decode(frame.data));
}

// --- log book and error log ---

void SharedEthernetAdapter::report_state(SeaState state, std::string_view why) {
    const auto text = std::string(to_string(state)) + ": " + std::string(why);
    milestone("sea-state", text);
    if (state == SeaState::kPrimary) os().errlog().add(now(), aix::errors::kSeaPrimary, name(), std::string(why));
    if (state == SeaState::kBackup) os().errlog().add(now(), aix::errors::kSeaBackup, name(), std::string(why));
    if (state == SeaState::kLimbo) os().errlog().add(now(), aix::errors::kSeaLimbo, name(), std::string(why));
}

void SharedEthernetAdapter::report(std::string_view what) { milestone("sea", what); }

}  // namespace pvmsim::vios
