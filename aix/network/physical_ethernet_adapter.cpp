// The driver of a physical Ethernet port; rules and what is left out: physical_ethernet_adapter.hpp. A reset that finds
// its carrier again at once is no link loss for who stands on the adapter: the interrupt finds nothing changed.
#include "aix/network/physical_ethernet_adapter.hpp"

#include <utility>

#include "aix/network/events.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "fabric/wire/message_part.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

PhysicalEthernetAdapter::PhysicalEthernetAdapter(OperatingSystem& os, std::string name, fabric::NicPort& port)
    : EthernetDevice(os, std::move(name), ethernet_attributes()), port_(port) {
    port_.attach(this);
    os.system().adopt_entity(os.partition_id(), port_.entity());
}

void PhysicalEthernetAdapter::on_configure() {
    counters_ = {};
    frame_bytes_max_ = mtu_max(false) + wire::kEthernetHeaderBytes;
    tally_ = {.since = now()};
    port_.enable();
    link_ = port_.carrier();
}

void PhysicalEthernetAdapter::switch_off() {
    port_.disable();
    link_ = false;
}

std::uint32_t PhysicalEthernetAdapter::mtu_max(bool) const {
    return attributes().is("jumbo_frames", "yes") ? wire::kJumboMtu : wire::kStandardMtu;
}

bool PhysicalEthernetAdapter::cuts_segments() const { return attributes().is("large_send", "yes"); }

void PhysicalEthernetAdapter::on_attribute_changed(std::string_view) {
    frame_bytes_max_ = mtu_max(false) + wire::kEthernetHeaderBytes;
}

/// A train is cut here; anything else is too long for the wire.
bool PhysicalEthernetAdapter::send_large(const wire::Frame& frame) {
    const auto segment_bytes = wire::carries_message(frame) ? wire::MessagePart::decode(frame.data).segment_bytes : 0;
    if (segment_bytes == 0 || segment_bytes > frame_bytes_max_ || !cuts_segments()) {
        ++counters_.too_long;
        return false;
    }
    ++counters_.trains_sent;
    bool sent = true;
    wire::cut(frame, {.frame_bytes_max = segment_bytes}, [&](const wire::Frame& piece) { sent = send(piece) && sent; });
    return sent;
}

bool PhysicalEthernetAdapter::send(const wire::Frame& frame) {
    if (frame.size_bytes > frame_bytes_max_) return send_large(frame);
    const bool sent = port_.send(frame);
    ++(sent ? counters_.transmitted : counters_.transmit_errors);
    if (sent)
        tally_.transmitted.count(frame);
    else
        ++tally_.transmit_errors;
    return sent;
}

void PhysicalEthernetAdapter::reset_link() {
    if (!port_.enabled()) return;
    ++counters_.resets;
    port_.reset();
}

void PhysicalEthernetAdapter::on_frame(fabric::NicPort&, const wire::Frame& frame) {
    if (frame.size_bytes > frame_bytes_max_) {
        ++counters_.too_long;
        return;
    }
    ++counters_.received;
    tally_.received.count(frame);
    if (user_ != nullptr) user_->on_frame(*this, frame);
}

void PhysicalEthernetAdapter::on_carrier(fabric::NicPort&, bool) {
    engine().schedule_in(sim::Duration::zero(), entity(), LinkInterrupt{});
}

void PhysicalEthernetAdapter::on_event(const sim::Event& event) {
    PVMSIM_ASSERT(event.is<LinkInterrupt>());
    if (!port_.enabled() || std::exchange(link_, port_.carrier()) == port_.carrier()) return;
    if (user_ != nullptr) user_->on_link(*this, link_);
}

void PhysicalEthernetAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(link_);
    digest.add(counters_.transmitted);
    digest.add(counters_.received);
    digest.add(counters_.transmit_errors);
    digest.add(counters_.resets);
    digest.add(counters_.too_long);
}

}  // namespace pvmsim::aix
