// Aggregation, failover to the backup adapter, and LACP; rules and what is left out: link_aggregation.hpp. Every change
// of a member ends in advance(), which alone decides which side carries the frames.
#include "aix/network/link_aggregation.hpp"

#include <algorithm>
#include <utility>

#include "aix/network/events.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr auto kSlowProtocols = wire::MacAddress::from_integer(0x0180'c200'0002);

/// The last byte of an IP address, or of the MAC address for what has none.
std::uint32_t low_byte(wire::Ipv4Address ip, wire::MacAddress mac) {
    return ip == wire::kNoIpv4 ? mac.octets[5] : ip.value() & 0xff;
}

}  // namespace

LinkAggregation::LinkAggregation(OperatingSystem& os, std::string name, std::vector<EthernetDevice*> members,
                                 EthernetDevice* backup)
    : EthernetDevice(os, std::move(name), etherchannel_attributes()), backup_(backup) {
    PVMSIM_ASSERT(!members.empty());
    PVMSIM_ASSERT(members.size() <= kMembersMax);
    std::string names;
    for (auto* device : members) {
        PVMSIM_ASSERT(!device->attached());
        device->attach(this);
        members_.push_back({device, false, {}});
        names += (names.empty() ? "" : ",") + device->name();
    }
    attributes().set("adapter_names", names);
    if (backup_ == nullptr) return;
    PVMSIM_ASSERT(!backup_->attached());
    backup_->attach(this);
    attributes().set("backup_adapter", backup_->name());
}

std::string_view LinkAggregation::description() const {
    return attributes().is("mode", "8023ad") ? "IEEE 802.3ad Link Aggregation" : "EtherChannel / Link Aggregation";
}

bool LinkAggregation::usable(const Member& member) const {
    return member.device->link_up() && (mode_ != Mode::k8023ad || member.joined);
}

std::size_t LinkAggregation::members_in_use() const {
    if (on_backup_) return up_ ? 1 : 0;
    return static_cast<std::size_t>(
        std::ranges::count_if(members_, [this](const Member& member) { return usable(member); }));
}

void LinkAggregation::take_attributes() {
    mode_ = attributes().is("mode", "8023ad")        ? Mode::k8023ad
            : attributes().is("mode", "round_robin") ? Mode::kRoundRobin
                                                     : Mode::kStandard;
    hash_mode_ = attributes().is("hash_mode", "src_port")       ? HashMode::kSource
                 : attributes().is("hash_mode", "src_dst_port") ? HashMode::kBoth
                                                                : HashMode::kDestination;
    lacp_interval_ = attributes().is("interval", "short") ? kLacpShort : kLacpLong;
}

void LinkAggregation::on_configure() {
    take_attributes();
    on_backup_ = false;
    next_ = 0;
    lacp_counters_ = {};
    if (mode_ == Mode::k8023ad) {
        lacp_timer_ = engine().schedule_in(lacp_interval_, entity(), LacpTimer{});
        for (auto& member : members_) {
            member.joined = os().settled_start() && member.device->link_up();
            member.last_heard = now();
            greet(member);
        }
    }
    const bool primaries = std::ranges::any_of(members_, [this](const Member& member) { return usable(member); });
    on_backup_ = !primaries && backup_ != nullptr && backup_->link_up();
    up_ = primaries || on_backup_;
}

void LinkAggregation::on_unconfigure() {
    engine().cancel(lacp_timer_);
    for (auto& member : members_) leave(member);
    up_ = false;
}

bool LinkAggregation::send(const wire::Frame& frame) {
    if (!up_) return false;
    if (on_backup_) return backup_->send(frame);
    const auto in_use = static_cast<std::uint32_t>(members_in_use());
    if (in_use == 0) return false;
    auto turn = hash(frame) % in_use;
    for (const auto& member : members_) {
        if (!usable(member)) continue;
        if (turn-- == 0) return member.device->send(frame);
    }
    return false;
}

std::uint32_t LinkAggregation::hash(const wire::Frame& frame) {
    if (mode_ == Mode::kRoundRobin) return next_++;
    const auto from = low_byte(frame.source_ip, frame.source);
    const auto to = low_byte(frame.destination_ip, frame.destination);
    if (hash_mode_ == HashMode::kSource) return from;
    return hash_mode_ == HashMode::kBoth ? (from + to) / 2 : to;
}

LinkAggregation::Member* LinkAggregation::find(const EthernetDevice& device) {
    const auto found = std::ranges::find(members_, &device, &Member::device);
    return found == members_.end() ? nullptr : &*found;
}

void LinkAggregation::on_frame(EthernetDevice& device, const wire::Frame& frame) {
    if (!available()) return;
    auto* member = find(device);
    if (frame.type == wire::FrameType::kLacp) return member != nullptr ? hear_partner(*member) : void();
    const bool is_in_use = member != nullptr ? !on_backup_ && usable(*member) : on_backup_;
    if (is_in_use && user_ != nullptr) user_->on_frame(*this, frame);
}

void LinkAggregation::on_link(EthernetDevice& device, bool up) {
    if (!available()) return;
    if (auto* member = find(device); member != nullptr && mode_ == Mode::k8023ad) up ? greet(*member) : leave(*member);
    advance();
}

void LinkAggregation::reset_link() {
    if (on_backup_) return backup_->reset_link();
    for (auto& member : members_) {
        member.device->reset_link();
        if (mode_ != Mode::k8023ad) continue;
        leave(member);
        greet(member);
    }
    advance();
}

// --- LACP ---

void LinkAggregation::greet(Member& member) {
    if (!member.device->link_up()) return;
    wire::Frame frame;
    frame.destination = kSlowProtocols;
    frame.source = member.device->mac();
    frame.type = wire::FrameType::kLacp;
    if (member.device->send(frame)) ++lacp_counters_.transmitted;
}

void LinkAggregation::hear_partner(Member& member) {
    if (mode_ != Mode::k8023ad) return;
    ++lacp_counters_.received;
    member.last_heard = now();
    if (member.joined || member.is_joining) return;
    const auto index = static_cast<std::uint32_t>(&member - members_.data());
    member.is_joining = true;
    member.join_timer = engine().schedule_in(kLacpJoinWait, entity(), LacpAttach{index});
}

void LinkAggregation::leave(Member& member) {
    engine().cancel(member.join_timer);
    member.is_joining = false;
    member.joined = false;
}

void LinkAggregation::look_for_silent_partners() {
    lacp_timer_ = engine().schedule_in(lacp_interval_, entity(), LacpTimer{});
    for (auto& member : members_) {
        if (member.joined && now() - member.last_heard >= kLacpIntervalsMax * lacp_interval_) {
            leave(member);
            milestone("lacp-partner-lost", member.device->name() + ": no word from the switch, out of the aggregate");
        }
        greet(member);
    }
    advance();
}

void LinkAggregation::on_event(const sim::Event& event) {
    if (event.is<LacpTimer>()) return look_for_silent_partners();
    const auto* attach = event.as<LacpAttach>();
    PVMSIM_ASSERT(attach != nullptr);
    auto& member = members_.at(attach->member);
    member.is_joining = false;
    member.joined = member.device->link_up();
    advance();
}

// --- which side ---

void LinkAggregation::advance() {
    const bool primaries = std::ranges::any_of(members_, [this](const Member& member) { return usable(member); });
    const bool backup = backup_ != nullptr && backup_->link_up();
    const bool returns = on_backup_ && primaries && (attributes().is("auto_recovery", "yes") || !backup);
    const bool fails_over = !on_backup_ && !primaries && backup;
    if (returns || fails_over) {
        on_backup_ = fails_over;
        os().errlog().add(now(), fails_over ? errors::kEtherChannelFailover : errors::kEtherChannelRecovery, name());
        milestone("etherchannel", fails_over ? "all primary adapters failed: " + backup_->name() + " takes over"
                                             : "back on the primary adapters");
    }
    const bool was_up = std::exchange(up_, on_backup_ ? backup : primaries);
    if (user_ != nullptr && (was_up != up_ || (up_ && (returns || fails_over)))) user_->on_link(*this, up_);
}

void LinkAggregation::digest(sim::Digest& digest) const {
    Device::digest(digest);
    for (const auto& member : members_) {
        digest.add(member.joined);
        digest.add(member.is_joining);
        digest.add(member.last_heard);
    }
    digest.add(up_);
    digest.add(on_backup_);
    digest.add(next_);
    digest.add(lacp_counters_.received);
    digest.add(lacp_counters_.transmitted);
}

}  // namespace pvmsim::aix
