// Aggregation and failover to the backup adapter; rules and what is left out: link_aggregation.hpp. Every change of a
// member ends in advance(), which alone decides which side carries the frames. LACP is in link_aggregation_lacp.cpp,
// the address to ping in link_aggregation_ping.cpp.
#include "aix/network/link_aggregation.hpp"

#include <algorithm>
#include <utility>

#include "aix/network/events.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

LinkAggregation::LinkAggregation(OperatingSystem& os, std::string name, std::vector<EthernetDevice*> members,
                                 EthernetDevice* backup)
    : EthernetDevice(os, std::move(name), etherchannel_attributes()), backup_(backup) {
    PVMSIM_ASSERT(!members.empty());
    PVMSIM_ASSERT(members.size() <= kMembersMax);
    std::string names;
    for (auto* device : members) {
        PVMSIM_ASSERT(!device->attached());
        device->attach(this);
        members_.push_back({.device = device, .last_heard = {}});
        names += (names.empty() ? "" : ",") + device->name();
    }
    attributes().set("adapter_names", names);
    if (backup_ == nullptr) return;
    PVMSIM_ASSERT(!backup_->attached());
    backup_->attach(this);
    attributes().set("backup_adapter", backup_->name());
}

void LinkAggregation::on_interface(NetworkInterface& interface) {
    interface_ = &interface;
    interface.add_user(*this);
}

void LinkAggregation::take_attributes() {
    hash_mode_ = parse_hash_mode(attributes().get("hash_mode")).value_or(HashMode::kDefault);
    lacp_interval_ = attributes().is("interval", "short") ? kLacpShort : kLacpLong;
}

void LinkAggregation::on_attribute_changed(std::string_view name) {
    if (!available()) return;
    take_attributes();
    if (name == "netaddr" || name == "num_retries" || name == "retry_time") start_pinging();
    if (name == "auto_recovery") advance();
}

void LinkAggregation::on_configure() {
    take_attributes();
    mode_ = attributes().is("mode", "8023ad")         ? Mode::k8023ad
            : attributes().is("mode", "round_robin")  ? Mode::kRoundRobin
            : attributes().is("mode", "netif_backup") ? Mode::kNetifBackup
                                                      : Mode::kStandard;
    forced_ = primary_distrusted_ = false;
    next_ = 0;
    failovers_ = recoveries_ = pings_sent_ = pings_lost_ = 0;
    lacp_counters_ = {};
    backup_counters_ = {};
    for (auto& member : members_) member.counters = {};
    if (mode_ == Mode::k8023ad) start_lacp();
    for (auto& member : members_) member.was_usable = usable(member);
    backup_was_up_ = backup_ != nullptr && backup_->link_up();
    on_backup_ = !primaries_usable() && backup_was_up_;
    up_ = primaries_usable() || on_backup_;
    start_pinging();
}

void LinkAggregation::on_unconfigure() {
    engine().cancel(lacp_timer_);
    for (auto& member : members_) leave(member);
    stop_pinging();
    up_ = false;
}

// --- frames ---

bool LinkAggregation::usable(const Member& member) const {
    if (!member.device->link_up()) return false;
    if (mode_ != Mode::k8023ad) return true;
    // After a settled start a partner's name is not known yet: as all links counted as joined, it is taken for the
    // same.
    return member.joined && (member.partner == partner_ || member.partner == 0);
}

bool LinkAggregation::primaries_usable() const {
    return std::ranges::any_of(members_, [this](const Member& member) { return usable(member); });
}

std::size_t LinkAggregation::members_in_use() const {
    if (on_backup_) return up_ ? 1 : 0;
    const auto count = std::ranges::count_if(members_, [this](const Member& member) { return usable(member); });
    return mode_ == Mode::kNetifBackup ? std::min<std::size_t>(1, static_cast<std::size_t>(count))
                                       : static_cast<std::size_t>(count);
}

/// The members in use count in the order of adapter_names, so one that returns takes its old place.
const LinkAggregation::Member* LinkAggregation::choose(std::uint32_t turn) const {
    const auto in_use = static_cast<std::uint32_t>(members_in_use());
    if (in_use == 0) return nullptr;
    turn %= in_use;
    for (const auto& member : members_) {
        if (!usable(member)) continue;
        if (turn-- == 0) return &member;
    }
    return nullptr;
}

std::uint32_t LinkAggregation::turn_of(const wire::Frame& frame) const {
    return mode_ == Mode::kRoundRobin ? next_ : aggregation_hash(hash_mode_, frame);
}

const EthernetDevice* LinkAggregation::carrier_of(const wire::Frame& frame) const {
    if (!up_) return nullptr;
    if (on_backup_) return backup_;
    const auto* member = choose(turn_of(frame));
    return member == nullptr ? nullptr : member->device;
}

bool LinkAggregation::send_counted(EthernetDevice& device, Counters& counters, const wire::Frame& frame) {
    const bool sent = device.send(frame);
    ++(sent ? counters.sent : counters.send_failures);
    return sent;
}

/// What all of its adapters can.
std::uint32_t LinkAggregation::mtu_max(bool is_tagged) const {
    auto mtu = backup_ != nullptr ? backup_->mtu_max(is_tagged) : wire::kVirtualMtuUntagged;
    for (const auto& member : members_) mtu = std::min(mtu, member.device->mtu_max(is_tagged));
    return mtu;
}

bool LinkAggregation::cuts_segments() const {
    return std::ranges::all_of(members_, [](const Member& member) { return member.device->cuts_segments(); }) &&
           (backup_ == nullptr || backup_->cuts_segments());
}

bool LinkAggregation::send(const wire::Frame& frame) {
    if (!up_) return false;
    if (on_backup_) return send_counted(*backup_, backup_counters_, frame);
    const auto* chosen = choose(turn_of(frame));
    if (mode_ == Mode::kRoundRobin) ++next_;
    if (chosen == nullptr) return false;
    auto& member = members_[static_cast<std::size_t>(chosen - members_.data())];
    return send_counted(*member.device, member.counters, frame);
}

LinkAggregation::Member* LinkAggregation::find(const EthernetDevice& device) {
    const auto found = std::ranges::find(members_, &device, &Member::device);
    return found == members_.end() ? nullptr : &*found;
}

void LinkAggregation::on_frame(EthernetDevice& device, const wire::Frame& frame) {
    if (!available()) return;
    auto* member = find(device);
    if (frame.type == wire::FrameType::kLacp) return member != nullptr ? hear_partner(*member, frame) : void();
    const bool is_in_use = member != nullptr ? !on_backup_ && usable(*member) : on_backup_;
    auto& counters = member != nullptr ? member->counters : backup_counters_;
    ++(is_in_use ? counters.received : counters.received_idle);
    if (is_in_use) return user_ != nullptr ? user_->on_frame(*this, frame) : void();
    if (member != nullptr) hear_probe(frame);
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
        if (!member.was_usable) greet(member);  // the others by advance()
    }
    advance();
}

// --- which side ---

LinkAggregation::Change LinkAggregation::wanted_change() const {
    const bool primaries = primaries_usable();
    const bool backup = backup_ != nullptr && backup_->link_up();
    if (!on_backup_) return backup && (!primaries || primary_distrusted_) ? Change::kFailover : Change::kNone;
    if (!primaries) return Change::kNone;
    if (!backup) return Change::kRecovery;
    if (forced_ || primary_distrusted_ || !attributes().is("auto_recovery", "yes")) return Change::kNone;
    return Change::kRecovery;
}

void LinkAggregation::advance() {
    select_partner();
    note_losses();
    const auto change = wanted_change();
    if (change != Change::kNone) return change_side(change);
    const bool was_up = std::exchange(up_, on_backup_ ? backup_->link_up() : primaries_usable());
    if (user_ != nullptr && was_up != up_) user_->on_link(*this, up_);
}

void LinkAggregation::note_losses() {
    for (auto& member : members_) {
        const bool was_usable = std::exchange(member.was_usable, usable(member));
        if (was_usable && !member.was_usable) ++member.counters.losses;
        // The partner hears of it before anything else goes out on the link.
        if (was_usable != member.was_usable && mode_ == Mode::k8023ad) greet(member);
    }
    if (backup_ == nullptr) return;
    const bool was_up = std::exchange(backup_was_up_, backup_->link_up());
    if (was_up && !backup_was_up_) ++backup_counters_.losses;
}

/// Only to a side that is up. Who stands here announces itself ("up", again): the outside learns the new way.
void LinkAggregation::change_side(Change change) {
    const bool fails_over = change == Change::kFailover;
    const std::string reason = !fails_over ? "back on the primary adapters"
                               : forced_   ? "by command: " + backup_->name() + " takes over"
                               : primary_distrusted_
                                   ? "no answer from netaddr: " + backup_->name() + " takes over"
                                   : "all primary adapters failed: " + backup_->name() + " takes over";
    on_backup_ = fails_over;
    if (!fails_over) primary_distrusted_ = false;
    forced_ = forced_ && fails_over;
    ++(fails_over ? failovers_ : recoveries_);
    os().errlog().add(now(), fails_over ? errors::kEtherChannelFailover : errors::kEtherChannelRecovery, name());
    milestone("etherchannel", reason);
    expect_pings_anew();
    up_ = true;
    if (user_ != nullptr) user_->on_link(*this, true);
}

std::optional<std::string> LinkAggregation::force_failover() {
    if (!available()) return name() + ": the device is not available";
    if (backup_ == nullptr) return name() + ": there is no backup adapter to fail over to";
    const bool other_side_up = on_backup_ ? primaries_usable() : backup_->link_up();
    if (!other_side_up) return name() + ": the idle channel is not up";
    forced_ = !on_backup_;
    change_side(on_backup_ ? Change::kRecovery : Change::kFailover);
    return std::nullopt;
}

void LinkAggregation::digest(sim::Digest& digest) const {
    Device::digest(digest);
    for (const auto& member : members_) {
        digest.add(member.joined);
        digest.add(member.is_joining);
        digest.add(member.last_heard);
        digest.add(member.partner);
    }
    digest.add(up_);
    digest.add(on_backup_);
    digest.add(forced_);
    digest.add(primary_distrusted_);
    digest.add(next_);
    digest.add(lacp_counters_.received);
    digest.add(lacp_counters_.transmitted);
    digest.add(ping_serial_);
    digest.add(ping_awaited_);
    digest.add(pings_missed_);
    digest.add(probes_answered_);
    digest.add(probe_awaited_);
}

}  // namespace pvmsim::aix
