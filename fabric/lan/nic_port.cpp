// A station's end of the cable.
// It knows its driver's wish (enabled) and the LAN's word (carrier); the cable is the LAN's.
#include "fabric/lan/nic_port.hpp"

#include <utility>

#include "fabric/lan/lan.hpp"

namespace pvmsim::fabric {

NicPort::NicPort(sim::Engine& engine, Lan& lan, NicPortId id, std::string path, wire::MacAddress mac)
    : engine_(engine), lan_(lan), id_(id), path_(std::move(path)), mac_(mac) {
    entity_ = engine_.add(*this, path_);
}

void NicPort::enable() {
    if (enabled_) return;
    enabled_ = true;
    lan_.station_changed(id_);
}

void NicPort::disable() {
    if (!enabled_) return;
    enabled_ = false;
    carrier_ = false;  // The owner knows: it turned the port off.
    lan_.station_changed(id_);
}

void NicPort::reset() {
    disable();
    enable();
}

bool NicPort::send(const wire::Frame& frame) {
    if (!carrier_) return false;
    lan_.transmit(id_, frame);
    return true;
}

void NicPort::on_event(const sim::Event& event) {
    const auto* arrival = event.as<FrameAtStation>();
    PVMSIM_ASSERT(arrival != nullptr);
    if (carrier_ && owner_ != nullptr) owner_->on_frame(*this, arrival->frame);
}

void NicPort::digest(sim::Digest& digest) const {
    digest.add(mac_.to_integer());
    digest.add(enabled_);
    digest.add(carrier_);
}

void NicPort::set_carrier(bool up) {
    if (carrier_ == up) return;
    carrier_ = up;
    if (owner_ != nullptr && enabled_) owner_->on_carrier(*this, up);
}

}  // namespace pvmsim::fabric
