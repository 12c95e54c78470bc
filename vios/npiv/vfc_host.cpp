// Mapping, the client's session, forwarding (rules: vfc_host.hpp, aix/fc/vfc_protocol.hpp). Commands and their answers
// take no detour; everything that must not get lost goes through the outbox, in order.
#include "vios/npiv/vfc_host.hpp"

#include <algorithm>
#include <utility>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "vios/npiv/events.hpp"
#include "vios/npiv/npiv_port.hpp"
#include "vios/processor/io_costs.hpp"

namespace pvmsim::vios {

namespace vfc = aix::vfc;
using hypervisor::CrqHeader;
using hypervisor::CrqMessage;
using hypervisor::HcallStatus;
using vfc::LoginStatus;
using vfc::Verb;

VfcHostAdapter::VfcHostAdapter(aix::OperatingSystem& os, std::string name, hypervisor::SlotNumber slot)
    : Device(os, std::move(name), aix::no_attributes()),
      processor_(IoProcessor::of(os)),
      slot_(slot),
      crq_(os.system().crq()) {
    const auto& adapters = os.system().partition(os.partition_id()).profile.virtual_fc_adapters;
    const auto adapter = std::ranges::find(adapters, slot, &hypervisor::VirtualFcAdapter::slot_num);
    PVMSIM_ASSERT(adapter != adapters.end());
    PVMSIM_ASSERT(adapter->adapter_type == hypervisor::AdapterRole::kServer);
    client_partition_ = adapter->remote_lpar_id;
    client_slot_ = adapter->remote_slot_num;
}

NpivResult<void> VfcHostAdapter::map_to(aix::FcAdapter& port) {
    if (&port == port_) return {};
    if (npiv_port_facts(os(), port).ports_available == 0)
        return sim::fail(NpivErrorCode::kPortFull, port.name() + " has " + std::to_string(kNpivPortsMax) +
                                                       " virtual adapters mapped, its maximum");
    if (os().running() && !port.npiv_capable())
        return sim::fail(NpivErrorCode::kNotNpivCapable,
                         port.name() + " does not support NPIV, or its switch does not");
    unmap();
    port_ = &port;
    if (available() && wanted_) log_in();
    return {};
}

void VfcHostAdapter::unmap() {
    if (port_ == nullptr) return;
    const bool was_logged_in = logged_in();
    log_out();
    port_ = nullptr;
    if (was_logged_in)
        say(vfc::say(Verb::kLinkDown));
    else
        answer_login(LoginStatus::kLinkDown);
}

void VfcHostAdapter::on_configure() {
    queue_ = crq_.find(os().partition_id(), slot_);
    const auto status = crq_.register_queue(queue_, entity(), vfc::kQueueEntries);
    PVMSIM_ASSERT(status == HcallStatus::kSuccess || status == HcallStatus::kClosed);
    if (status == HcallStatus::kSuccess)
        say({.header = CrqHeader::kInitialization, .code = hypervisor::kCrqInitialize});
}

void VfcHostAdapter::on_unconfigure() { close(); }

void VfcHostAdapter::close() {
    client_lost();
    // The end of a partition has closed it already.
    if (crq_.is_registered(queue_)) crq_.free_queue(queue_);
}

/// Forgets the client's session and logs it out.
void VfcHostAdapter::client_lost() {
    log_out();
    wanted_ = answer_pending_ = false;
    client_ = {};
    outbox_.clear();
    engine().cancel(outbox_timer_);
    outbox_timer_set_ = false;
    waiting_.clear();
    engine().cancel(waiting_timer_);
}

void VfcHostAdapter::log_out() {
    if (std::exchange(registered_, false)) port_->remove_login(*this);
    address_ = wire::kNoFcId;
    ports_logged_in_ = 0;
    engine().cancel(discovery_);
    discovering_ = false;
}

void VfcHostAdapter::on_event(const sim::Event& event) {
    if (const auto* arrived = event.as<hypervisor::CrqArrived>()) {
        crq_.take(queue_);
        on_message(arrived->message);
    } else if (event.is<VfcDiscoveryDue>()) {
        discovery_done();
    } else if (event.is<VfcOutboxDue>()) {
        outbox_timer_set_ = false;
        flush();
    } else if (event.is<VfcCommandDue>()) {
        forward_due();
    }
}

void VfcHostAdapter::on_message(const CrqMessage& message) {
    switch (message.header) {
        case CrqHeader::kCommandResponse:
            return on_asked(message);
        case CrqHeader::kInitialization:
            if (message.code == hypervisor::kCrqInitialize)
                say({.header = CrqHeader::kInitialization, .code = hypervisor::kCrqInitializationComplete});
            return;
        case CrqHeader::kTransportEvent:
            if (wanted_) milestone("vfc-client", "client gone");
            return client_lost();
    }
}

void VfcHostAdapter::on_asked(const CrqMessage& message) {
    switch (vfc::verb_of(message)) {
        case Verb::kCommand:
            return forward(message);
        case Verb::kNpivLogin:
            client_ = vfc::decode_login(message);
            wanted_ = answer_pending_ = true;
            return log_in();
        case Verb::kDiscoverTargets:
            // Without a login the client hears of the lost link soon, if it has not already.
            if (!logged_in() || std::exchange(discovering_, true)) return;
            discovery_ = engine().schedule_in(aix::FcAdapter::kDiscoveryTime, entity(), VfcDiscoveryDue{});
            return;
        case Verb::kLoginAnswer:
        case Verb::kTargetFound:
        case Verb::kUnitFound:
        case Verb::kDiscoveryDone:
        case Verb::kResponse:
        case Verb::kLinkDown:
        case Verb::kLinkUp:
        case Verb::kStateChange:
            PVMSIM_ASSERT(!"the client says what only a server may say");
    }
}

/// The client's name gets onto the port, or is there already; answers the client as soon as there is something to
/// answer.
void VfcHostAdapter::log_in() {
    if (port_ == nullptr) return answer_login(LoginStatus::kLinkDown);
    if (logged_in()) return answer_login(LoginStatus::kLoggedIn);
    if (!std::exchange(registered_, true)) port_->add_login(*this, client_.wwpn);
    if (!port_->link()) return answer_login(LoginStatus::kLinkDown);
    if (!port_->accepted()) return answer_login(LoginStatus::kRefused);
}

void VfcHostAdapter::answer_login(LoginStatus status) {
    if (!std::exchange(answer_pending_, false)) return;
    say(vfc::encode(vfc::LoginAnswer{.status = status, .address = address_}));
}

void VfcHostAdapter::on_fc_login(wire::FcId address) {
    address_ = address;
    if (!logged_in()) {
        os().errlog().add(now(), aix::errors::kVfcHost, name(), "fabric login refused");
        milestone("vfc-login", "the fabric refused the client's login");
        return answer_login(LoginStatus::kRefused);
    }
    if (answer_pending_) return answer_login(LoginStatus::kLoggedIn);
    say(vfc::say(Verb::kLinkUp));
}

void VfcHostAdapter::on_fc_link_lost() {
    const bool was_logged_in = logged_in();
    address_ = wire::kNoFcId;
    ports_logged_in_ = 0;
    engine().cancel(discovery_);
    discovering_ = false;
    if (answer_pending_) return answer_login(LoginStatus::kLinkDown);
    if (was_logged_in) os().errlog().add(now(), aix::errors::kVfcHost, name(), "link down");
    say(vfc::say(Verb::kLinkDown));
}

void VfcHostAdapter::on_fc_state_change(wire::FcId) {
    if (logged_in()) say(vfc::say(Verb::kStateChange));
}

void VfcHostAdapter::discovery_done() {
    discovering_ = false;
    if (!logged_in()) return;
    const auto found = port_->discover_as(address_);
    ports_logged_in_ = static_cast<std::uint32_t>(found.targets.size());
    for (const auto& target : found.targets) outbox_.push_back(vfc::encode(target));
    for (const auto& unit : found.units) outbox_.push_back(vfc::encode(unit));
    say(vfc::say(Verb::kDiscoveryDone));
}

void VfcHostAdapter::forward(const CrqMessage& message) {
    const auto wait = processor_.charge_for_wait(npiv_cycles(vfc::decode_command(message).scsi.size_bytes));
    if (wait.count() == 0 && waiting_.empty()) return send_to_port(message);
    const auto due = waiting_.empty() ? now() + wait : std::max(now() + wait, waiting_.back().due);
    waiting_.push_back({due, message});
    if (waiting_.size() == 1) waiting_timer_ = engine().schedule_at(due, entity(), VfcCommandDue{});
}

void VfcHostAdapter::forward_due() {
    while (!waiting_.empty() && waiting_.front().due <= now()) {
        const auto message = waiting_.front().message;
        waiting_.pop_front();
        send_to_port(message);
    }
    if (!waiting_.empty()) waiting_timer_ = engine().schedule_at(waiting_.front().due, entity(), VfcCommandDue{});
}

void VfcHostAdapter::send_to_port(const CrqMessage& message) {
    const auto command = vfc::decode_command(message);
    if (logged_in() && port_->send_as(address_, command.target, command.scsi) == fabric::FcSendOutcome::kSent) return;
    (void)crq_.send(
        queue_, vfc::encode(wire::ScsiResponse{.tag = command.scsi.tag, .status = wire::ScsiStatus::kTransportError}));
}

void VfcHostAdapter::on_fc_response(const fabric::FcpResponse& response) {
    // A client that hangs for long loses what does not fit into its queue; its own timers find out.
    if (crq_.send(queue_, vfc::encode(response.response)) == HcallStatus::kDropped) ++responses_dropped_;
}

void VfcHostAdapter::say(const CrqMessage& message) {
    outbox_.push_back(message);
    if (!outbox_timer_set_) flush();
}

void VfcHostAdapter::flush() {
    auto pause = sim::Duration{0};
    for (std::uint32_t count = 0; !outbox_.empty() && pause.count() == 0; ++count) {
        if (count == kOutboxBatch) {
            pause = kOutboxPause;
            break;
        }
        const auto status = crq_.send(queue_, outbox_.front());
        if (status == HcallStatus::kDropped)
            pause = kOutboxRetry;
        else
            outbox_.pop_front();  // Nobody listens to what a closed queue refuses.
    }
    if (pause.count() == 0) return;
    outbox_timer_set_ = true;
    outbox_timer_ = engine().schedule_in(pause, entity(), VfcOutboxDue{});
}

void VfcHostAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(port_ != nullptr);
    if (port_ != nullptr) digest.add(port_->entity());
    digest.add(wanted_);
    digest.add(answer_pending_);
    digest.add(registered_);
    digest.add(client_.wwpn);
    digest.add(address_);
    digest.add(ports_logged_in_);
    digest.add(discovering_);
    digest.add(outbox_.size());
    digest.add(outbox_timer_set_);
    digest.add(responses_dropped_);
    for (const auto& command : waiting_) digest.add(command.due);
}

}  // namespace pvmsim::vios
