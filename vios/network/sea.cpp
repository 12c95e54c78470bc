// Making, configuring and ending a Shared Ethernet Adapter, its events and log entries; what is modelled: sea.hpp. The
// rules of why_refused are V40 and behaviour 3.2.
#include "vios/network/sea.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"
#include "vios/network/events.hpp"

namespace pvmsim::vios {
namespace {

std::string names_of(const std::vector<aix::VirtualEthernetAdapterDevice*>& devices) {
    std::string names;
    for (const auto* device : devices) names += (names.empty() ? "" : ",") + device->name();
    return names;
}

}  // namespace

std::optional<std::string> why_refused(const SeaConfig& config) {
    if (config.real_adapter == nullptr) return "a SEA needs a real adapter";
    if (config.virt_adapters.empty()) return "a SEA needs at least one trunk adapter";
    if (config.virt_adapters.size() > kSeaTrunksMax)
        return "a SEA takes at most " + std::to_string(kSeaTrunksMax) + " trunk adapters, not " +
               std::to_string(config.virt_adapters.size());
    if (std::ranges::find(config.virt_adapters, config.pvid_adapter) == config.virt_adapters.end())
        return "the default adapter is not one of the SEA's trunk adapters";
    std::set<wire::VlanId> seen;
    for (const auto* trunk : config.virt_adapters) {
        if (!trunk->is_trunk()) return trunk->name() + " is not a trunk adapter";
        for (auto vlan : trunk->vlans())
            if (!seen.insert(vlan).second)
                return "VLAN " + std::to_string(vlan.value()) + " is on two trunk adapters of the SEA";
    }
    if (config.ctl_chan == nullptr) return std::nullopt;
    if (config.ctl_chan->is_trunk()) return config.ctl_chan->name() + " is a trunk adapter: no control channel";
    return std::nullopt;
}

SharedEthernetAdapter::SharedEthernetAdapter(aix::OperatingSystem& os, std::string name, const SeaConfig& config)
    : EthernetDevice(os, std::move(name), aix::sea_attributes()),
      real_(*config.real_adapter),
      trunks_(config.virt_adapters),
      default_trunk_(config.pvid_adapter),
      control_(config.ctl_chan),
      level_(config.level),
      failover_(engine(), entity(), *this, config.timing),
      processor_(IoProcessor::of(os)) {
    PVMSIM_ASSERT(!why_refused(config));
    const auto take = [this](aix::EthernetDevice& device) {
        PVMSIM_ASSERT(!device.attached());
        device.attach(this);
    };
    take(real_);
    for (auto* trunk : trunks_) take(*trunk);
    if (control_ != nullptr) take(*control_);
    attributes().set("real_adapter", real_.name());
    attributes().set("virt_adapters", names_of(trunks_));
    attributes().set("pvid_adapter", default_trunk_->name());
    attributes().set("pvid", std::to_string(default_trunk_->port_vlan_id().value()));
    if (control_ != nullptr) attributes().set("ctl_chan", control_->name());
    if (level_ < kViosLevelUnhealthy) attributes().set("health_time", "0");
    if (level_ >= kViosLevelUnhealthy && level_ < kViosLevelUnhealthyRepaired) attributes().set("health_time", "600");
}

void SharedEthernetAdapter::set_ping_interface(aix::NetworkInterface& interface) {
    PVMSIM_ASSERT(ping_interface_ == nullptr);
    ping_interface_ = &interface;
    interface.add_user(*this);
}

void SharedEthernetAdapter::on_configure() {
    take_attributes();
    take_trunk_vlans();
    real_side_ = {};
    virtual_side_ = {};
    accounting_.reset();
    ++counting_.statistics;
    counting_since_ = now();
    take_accounting();
    offload_ = {};
    closed_ = false;
    resetting_ = false;
    pings_excused_ = false;
    report_doubtful_settings();
    start_pinging();
    failover_.start(settings(), os().settled_start());
}

void SharedEthernetAdapter::on_unconfigure() {
    failover_.stop();
    forget_waiting();
    engine().cancel(ping_timer_);
    engine().cancel(reset_timer_);
}

void SharedEthernetAdapter::close() {
    failover_.leave();
    forget_waiting();
    engine().cancel(ping_timer_);
    closed_ = true;
}

void SharedEthernetAdapter::on_attribute_changed(std::string_view name) {
    if (!available() || closed_) return;
    take_attributes();
    take_accounting();
    if (name == "netaddr") {
        engine().cancel(ping_timer_);
        start_pinging();
        return failover_.on_health_changed();
    }
    failover_.change(settings());
    if (name != "ha_mode") return;
    report_doubtful_settings();
    failover_.ask_again();
}

void SharedEthernetAdapter::on_event(const sim::Event& event) {
    if (closed_) return;
    failover_.check_awake();
    if (event.is<SeaFrameDue>()) return bridge_due();
    if (event.is<SeaTrainDue>()) return trains_due();
    if (event.is<SeaTick>()) return failover_.on_tick();
    if (event.is<SeaSilence>()) return failover_.on_silence();
    if (event.is<SeaPhaseOver>()) return failover_.on_phase_over();
    if (event.is<SeaPingDue>()) return ping();
    PVMSIM_ASSERT(event.is<SeaResetOver>());
    resetting_ = false;
    pings_excused_ = false;
    failover_.on_health_changed();
}

void SharedEthernetAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    failover_.digest(digest);
    digest.add(closed_);
    for (const auto* side : {&real_side_, &virtual_side_}) {
        digest.add(side->received);
        digest.add(side->bridged);
        digest.add(side->consumed);
        digest.add(side->transmitted);
        digest.add(side->dropped);
        digest.add(side->filtered_vlan);
        digest.add(side->fragmented);
    }
    if (accounting_ != nullptr) accounting_->digest(digest);
    queues_.digest(digest);
    large_receive_.digest(digest);
    digest.add(offload_.icmp_errors);
    digest.add(offload_.trains_sent);
    digest.add(resetting_);
    digest.add(pings_excused_);
    digest.add(netaddr_.value_or(wire::kNoIpv4));
    digest.add(ping_serial_);
    digest.add(pings_missed_);
    digest.add(ping_awaited_);
    digest.add(ping_answered_);
}

}  // namespace pvmsim::vios
