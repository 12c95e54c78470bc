// The address to ping of an aggregation (netaddr, num_retries, retry_time; behaviour 3.5): the only thing that notices
// a failure behind a virtual adapter, whose link never goes down. It needs the interface that stands on the
// aggregation.
//
// A ping every retry_time over the side in use; num_retries lost in a row, and the other side takes over, if it is up.
// When the target itself is dead both sides fail in turn, which the real one's error log entries for either side
// attest. The way back is [PARAM] our choice, as no source tells: while pings over the primary channel had failed, an
// ARP probe (RFC 5227: no sender address, so no table outside changes; the backup adapter's MAC address) goes over the
// idle primary channel every retry_time; num_retries answers in a row and it is trusted again.
#include "aix/network/events.hpp"
#include "aix/network/link_aggregation.hpp"
#include "aix/os/operating_system.hpp"

namespace pvmsim::aix {
namespace {

/// Tells these pings from others of the same interface.
constexpr std::uint32_t kSerialTag = 0xe000'0000;
constexpr std::uint32_t kSerialMask = 0x00ff'ffff;
constexpr std::uint32_t kPingBytes = 64;

}  // namespace

void LinkAggregation::start_pinging() {
    stop_pinging();
    netaddr_ = backup_ == nullptr ? std::nullopt : wire::parse_ipv4(attributes().get("netaddr"));
    if (!netaddr_ || interface_ == nullptr) return;
    const std::chrono::seconds retry_time{attributes().integer("retry_time")};
    ping_timer_ = engine().schedule_in(retry_time, entity(), AggregationPingDue{});
}

void LinkAggregation::stop_pinging() {
    engine().cancel(ping_timer_);
    netaddr_.reset();
    expect_pings_anew();
}

void LinkAggregation::expect_pings_anew() {
    ping_serial_valid_ = ping_serial_ + 1;
    ping_awaited_ = false;
    pings_missed_ = 0;
    probes_answered_ = 0;
    probe_awaited_ = false;
}

void LinkAggregation::ping() {
    const std::chrono::seconds retry_time{attributes().integer("retry_time")};
    ping_timer_ = engine().schedule_in(retry_time, entity(), AggregationPingDue{});
    if (!up_ || !interface_->available()) return expect_pings_anew();
    if (ping_awaited_) {
        ++pings_missed_;
        ++pings_lost_;
    }
    if (pings_missed_ >= static_cast<std::uint64_t>(attributes().integer("num_retries"))) on_pings_lost();
    ping_awaited_ = true;
    ++pings_sent_;
    interface_->send(wire::FrameType::kEchoRequest, *netaddr_, kSerialTag | (++ping_serial_ & kSerialMask), kPingBytes);
    if (on_backup_ && primary_distrusted_ && attributes().is("auto_recovery", "yes")) probe_idle_channel();
}

void LinkAggregation::on_pings_lost() {
    const bool other_side_up = on_backup_ ? primaries_usable() : backup_->link_up();
    if (!other_side_up) return;
    os().errlog().add(now(), on_backup_ ? errors::kPingFailedBackup : errors::kPingFailedPrimary, name(),
                      attributes().get("netaddr"));
    primary_distrusted_ = !on_backup_;
    change_side(on_backup_ ? Change::kRecovery : Change::kFailover);
}

void LinkAggregation::on_answer(const wire::Frame& frame) {
    if (!available() || !netaddr_ || frame.type != wire::FrameType::kEchoReply || frame.source_ip != *netaddr_) return;
    if ((frame.serial & ~kSerialMask) != kSerialTag) return;
    const auto age = (ping_serial_ - frame.serial) & kSerialMask;
    if (age > ping_serial_ - ping_serial_valid_) return;  // To a ping before the sides changed.
    ping_awaited_ = false;
    pings_missed_ = 0;
}

void LinkAggregation::probe_idle_channel() {
    if (probe_awaited_) probes_answered_ = 0;
    probe_awaited_ = true;
    wire::Frame probe;
    probe.destination = wire::MacAddress::broadcast();
    probe.source = backup_->mac();
    probe.vlan = interface_->vlan();
    probe.type = wire::FrameType::kArpRequest;
    probe.destination_ip = *netaddr_;
    for (auto& one : members_) {
        if (usable(one)) return void(send_counted(*one.device, one.counters, probe));
    }
}

void LinkAggregation::hear_probe(const wire::Frame& frame) {
    if (!on_backup_ || !primary_distrusted_ || !probe_awaited_ || !netaddr_) return;
    if (frame.type != wire::FrameType::kArpReply || frame.source_ip != *netaddr_) return;
    if (frame.destination != backup_->mac()) return;
    probe_awaited_ = false;
    if (++probes_answered_ < static_cast<std::uint64_t>(attributes().integer("num_retries"))) return;
    primary_distrusted_ = false;
    advance();
}

}  // namespace pvmsim::aix
