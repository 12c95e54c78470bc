// The client's side of the protocol (vfc_protocol.hpp): greeting, login, discovery, commands; what it does when server
// or link go. All of it follows what arrives on the CRQ; the client has no timers of its own.
#include "aix/fc/virtual_fc_client.hpp"

#include <algorithm>
#include <utility>

#include "aix/fc/text.hpp"
#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"

namespace pvmsim::aix {

using hypervisor::CrqHeader;
using hypervisor::CrqMessage;
using hypervisor::HcallStatus;
using vfc::Verb;

namespace {

wire::Wwpn active_wwpn(OperatingSystem& os, hypervisor::SlotNumber slot) {
    const auto& adapters = os.system().partition(os.partition_id()).profile.virtual_fc_adapters;
    const auto adapter = std::ranges::find(adapters, slot, &hypervisor::VirtualFcAdapter::slot_num);
    PVMSIM_ASSERT(adapter != adapters.end());
    PVMSIM_ASSERT(adapter->adapter_type == hypervisor::AdapterRole::kClient);
    PVMSIM_ASSERT(adapter->wwpns.has_value());
    return adapter->wwpns->first;
}

}  // namespace

std::string_view to_string(VfcClientPhase phase) {
    switch (phase) {
        case VfcClientPhase::kNoServer:
            return "no server";
        case VfcClientPhase::kInitializing:
            return "initializing";
        case VfcClientPhase::kLoggingIn:
            return "logging in";
        case VfcClientPhase::kLinkDown:
            return "link down";
        case VfcClientPhase::kRefused:
            return "refused";
        case VfcClientPhase::kLoggedIn:
            return "logged in";
    }
    PVMSIM_ASSERT(!"a phase without a name");
    return {};
}

VirtualFcClientAdapter::VirtualFcClientAdapter(OperatingSystem& os, std::string name, hypervisor::SlotNumber slot)
    : Device(os, std::move(name), fcs_attributes()),
      slot_(slot),
      crq_(os.system().crq()),
      wwpn_(active_wwpn(os, slot)) {
    attributes().set("num_cmd_elems", vfc::kClientCommandElements);
}

void VirtualFcClientAdapter::on_attribute_changed(std::string_view) {
    commands_max_ = std::min(static_cast<std::uint32_t>(attributes().integer("num_cmd_elems")), vfc::kCommandsMax);
}

void VirtualFcClientAdapter::on_configure() {
    on_attribute_changed("num_cmd_elems");
    lost_ = false;
    queue_ = crq_.find(os().partition_id(), slot_);
    const auto status = crq_.register_queue(queue_, entity(), vfc::kQueueEntries);
    PVMSIM_ASSERT(status == HcallStatus::kSuccess || status == HcallStatus::kClosed);
    if (status == HcallStatus::kClosed) return;
    phase_ = VfcClientPhase::kInitializing;
    (void)tell({.header = CrqHeader::kInitialization, .code = hypervisor::kCrqInitialize});
}

void VirtualFcClientAdapter::on_unconfigure() {
    forget_session();
    phase_ = VfcClientPhase::kNoServer;
    // The end of a partition has closed it already; a device that is taken away closes it here.
    if (crq_.is_registered(queue_)) crq_.free_queue(queue_);
}

void VirtualFcClientAdapter::forget_session() {
    address_ = wire::kNoFcId;
    discovering_ = false;
    found_ = {};
}

bool VirtualFcClientAdapter::tell(const CrqMessage& message) {
    return crq_.send(queue_, message) == HcallStatus::kSuccess;
}

void VirtualFcClientAdapter::on_event(const sim::Event& event) {
    const auto* arrived = event.as<hypervisor::CrqArrived>();
    if (arrived == nullptr) return;
    crq_.take(queue_);
    on_message(arrived->message);
}

void VirtualFcClientAdapter::on_message(const CrqMessage& message) {
    switch (message.header) {
        case CrqHeader::kCommandResponse:
            return on_said(message);
        case CrqHeader::kInitialization:
            return on_initialization(message.code);
        case CrqHeader::kTransportEvent:
            return server_lost();
    }
}

void VirtualFcClientAdapter::on_initialization(std::uint8_t code) {
    if (code == hypervisor::kCrqInitialize)
        (void)tell({.header = CrqHeader::kInitialization, .code = hypervisor::kCrqInitializationComplete});
    log_in();
}

void VirtualFcClientAdapter::log_in() {
    forget_session();
    phase_ = VfcClientPhase::kLoggingIn;
    (void)tell(vfc::encode(vfc::NpivLogin{.wwpn = wwpn_, .client_device = name()}));
}

void VirtualFcClientAdapter::on_said(const CrqMessage& message) {
    switch (vfc::verb_of(message)) {
        case Verb::kResponse: {
            const auto response = vfc::decode_response(message);
            if (user_ != nullptr) user_->on_response(response.tag, response.status);
            return;
        }
        case Verb::kLoginAnswer:
            return login_answered(vfc::decode_answer(message));
        case Verb::kTargetFound:
            return found_.targets.push_back(vfc::decode_target(message));
        case Verb::kUnitFound:
            return found_.units.push_back(vfc::decode_unit(message));
        case Verb::kDiscoveryDone:
            return discovery_done();
        case Verb::kLinkDown:
            return link_lost();
        case Verb::kLinkUp:
            return log_in();
        case Verb::kStateChange:
            if (ready() && user_ != nullptr) user_->on_state_change();
            return;
        case Verb::kNpivLogin:
        case Verb::kDiscoverTargets:
        case Verb::kCommand:
            PVMSIM_ASSERT(!"the server asks what only a client may ask");
    }
}

void VirtualFcClientAdapter::login_answered(const vfc::LoginAnswer& answer) {
    if (phase_ != VfcClientPhase::kLoggingIn) return;
    switch (answer.status) {
        case vfc::LoginStatus::kLinkDown:
            phase_ = VfcClientPhase::kLinkDown;
            return milestone("vfc-login", "server has no link");
        case vfc::LoginStatus::kRefused:
            phase_ = VfcClientPhase::kRefused;
            os().errlog().add(now(), errors::kLinkError, name(), "fabric login refused");
            return milestone("vfc-login", "login refused by the fabric");
        case vfc::LoginStatus::kLoggedIn:
            break;
    }
    phase_ = VfcClientPhase::kLoggedIn;
    address_ = answer.address;
    if (std::exchange(lost_, false)) milestone("vfc-login", "logged in again");
    if (user_ != nullptr) user_->on_ready();
}

void VirtualFcClientAdapter::server_lost() {
    if (phase_ == VfcClientPhase::kNoServer) return;
    phase_ = VfcClientPhase::kNoServer;
    lost_ = true;
    forget_session();
    os().errlog().add(now(), errors::kVirtualLinkDead, name(), "virtual I/O server gone");
    milestone("vfc-server", "server gone");
    if (user_ != nullptr) user_->on_server_lost();
}

void VirtualFcClientAdapter::link_lost() {
    const bool was_ready = ready();
    phase_ = VfcClientPhase::kLinkDown;
    forget_session();
    if (!was_ready) return;
    lost_ = true;
    os().errlog().add(now(), errors::kVirtualLinkDead, name(), "link down");
    milestone("vfc-link", "link lost at the server");
    if (user_ != nullptr) user_->on_link_lost();
}

void VirtualFcClientAdapter::discover() {
    if (!ready() || discovering_) return;
    found_ = {};
    // A full queue (the server hangs) takes no question: whoever needs the answer asks again.
    discovering_ = tell(vfc::say(Verb::kDiscoverTargets));
}

void VirtualFcClientAdapter::discovery_done() {
    if (!std::exchange(discovering_, false)) return;
    const auto found = std::exchange(found_, {});
    if (user_ != nullptr) user_->on_discovered(found);
}

bool VirtualFcClientAdapter::send(wire::FcId target, const wire::ScsiCommand& command) {
    return ready() && tell(vfc::encode(vfc::Command{target, command}));
}

void VirtualFcClientAdapter::digest(sim::Digest& digest) const {
    Device::digest(digest);
    digest.add(wwpn_);
    digest.add(phase_);
    digest.add(address_);
    digest.add(discovering_);
    digest.add(lost_);
    digest.add(commands_max_);
    digest.add(found_.targets.size());
    digest.add(found_.units.size());
}

}  // namespace pvmsim::aix
