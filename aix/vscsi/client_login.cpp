// The way to a working adapter: initialization handshake, MADs one at a time, SRP login, and what units there are.
//
// An answer counts only in the phase that waits for it: a server that hung may answer questions of a session that is
// over. Whoever registers second starts the handshake, the other side completes it. Source: behaviour 4.1 (PAPR).
#include <string>

#include "aix/os/operating_system.hpp"
#include "aix/vscsi/client_adapter.hpp"
#include "aix/vscsi/events.hpp"

namespace pvmsim::aix {

using hypervisor::CrqHeader;
using hypervisor::HcallStatus;
using Phase = VscsiClientPhase;

void VscsiClientAdapter::receive(const hypervisor::CrqMessage& message) {
    if (phase_ == Phase::kClosed) return;
    if (message.header == CrqHeader::kInitialization) return on_initialization(message.code);
    if (message.header == CrqHeader::kTransportEvent)
        return lose_server(message.code == hypervisor::kCrqPartnerDeregistered ? "closed its adapter" : "gone");
    switch (static_cast<vscsi::Format>(message.code)) {
        case vscsi::Format::kSrp:
            return on_srp(message);
        case vscsi::Format::kMad:
            return on_mad_answer(message);
        case vscsi::Format::kPing:
            (void)crq().send(crq_id_, vscsi::ping(vscsi::Format::kPingResponse));
            return;
        case vscsi::Format::kPingResponse:
            return on_served();
    }
}

void VscsiClientAdapter::on_initialization(std::uint8_t code) {
    // A server that starts over without news of its end has forgotten the session all the same.
    if (phase_ != Phase::kWaitingForServer) lose_server("started over");
    server_ = crq().owner_of(crq().partner_of(crq_id_));
    if (code == hypervisor::kCrqInitialize)
        (void)crq().send(crq_id_, vscsi::initialization(hypervisor::kCrqInitializationComplete));
    enter(Phase::kAdapterInfo);
}

void VscsiClientAdapter::enter(Phase phase) {
    phase_ = phase;
    send_login_step();
}

/// The message of the present phase. A server that hangs may have no room for it; then it is sent again later.
void VscsiClientAdapter::send_login_step() {
    using vscsi::MadType;
    const auto self = os().partition_id();
    hypervisor::CrqMessage message;
    switch (phase_) {
        case Phase::kWaitingForServer:
            message = vscsi::initialization(hypervisor::kCrqInitialize);
            break;
        case Phase::kAdapterInfo:
            message = vscsi::mad_request(MadType::kAdapterInfo, self);
            break;
        case Phase::kCapabilities:
            message = vscsi::mad_request(MadType::kCapabilities, self);
            break;
        case Phase::kEnableFastFail:
            message = vscsi::mad_request(MadType::kEnableFastFail, self);
            break;
        case Phase::kLogin:
            message = vscsi::srp(vscsi::SrpType::kLoginRequest);
            break;
        case Phase::kReportLuns:
        case Phase::kInquiry: {
            const bool reports = phase_ == Phase::kReportLuns;
            wire::ScsiCommand command;
            command.tag = std::uint32_t{discovery_serial_} << 16 | kDiscoverySlot;
            command.operation = reports ? wire::ScsiOperation::kReportLuns : wire::ScsiOperation::kInquiry;
            command.lun = reports ? wire::LunNumber{0} : vscsi::lun_of_unit(unit_inquired_);
            command.block = reports ? 0 : vscsi::kDeviceIdentificationPage;
            message = vscsi::command(command);
            break;
        }
        case Phase::kClosed:
        case Phase::kReady:
            return;
    }
    if (crq().send(crq_id_, message) == HcallStatus::kDropped)
        login_retry_ = engine().schedule_in(kLoginRetryDelay, entity(), VscsiLoginRetry{});
}

void VscsiClientAdapter::on_mad_answer(const hypervisor::CrqMessage& message) {
    // A server that does not know a MAD says so; the login goes on without what it would have brought.
    switch (static_cast<vscsi::MadType>(message.word)) {
        case vscsi::MadType::kAdapterInfo:
            if (phase_ == Phase::kAdapterInfo) enter(Phase::kCapabilities);
            return;
        case vscsi::MadType::kCapabilities:
            if (phase_ == Phase::kCapabilities) enter(holds_when_alone() ? Phase::kLogin : Phase::kEnableFastFail);
            return;
        case vscsi::MadType::kEnableFastFail:
            if (phase_ == Phase::kEnableFastFail) enter(Phase::kLogin);
            return;
    }
}

void VscsiClientAdapter::on_srp(const hypervisor::CrqMessage& message) {
    switch (static_cast<vscsi::SrpType>(message.word)) {
        case vscsi::SrpType::kResponse: {
            const auto response = vscsi::response_of(message);
            if ((response.tag & 0xffff) == kDiscoverySlot) return on_discovery_answer(message, response);
            return on_answer(response);
        }
        case vscsi::SrpType::kLoginResponse:
            if (phase_ != Phase::kLogin) return;
            give_credits(static_cast<std::uint32_t>(message.data[0]));
            return rescan();
        case vscsi::SrpType::kLoginRequest:
        case vscsi::SrpType::kCommand:
            return;  // a server's business
    }
}

/// Slots beyond those of the last session are new; those it has more than this server allows are set aside.
void VscsiClientAdapter::give_credits(std::uint32_t request_limit) {
    const std::uint32_t credits = request_limit < vscsi::kRequestLimit ? request_limit : vscsi::kRequestLimit;
    if (slots_.size() < credits) slots_.resize(credits);
    free_slots_.clear();
    for (std::uint32_t index = credits; index-- > 0;) free_slots_.push_back(index);
}

void VscsiClientAdapter::rescan() {
    if (phase_ != Phase::kLogin && phase_ != Phase::kReady) return;
    ++discovery_serial_;
    units_found_.clear();
    enter(Phase::kReportLuns);
}

void VscsiClientAdapter::on_discovery_answer(const hypervisor::CrqMessage& message,
                                             const wire::ScsiResponse& response) {
    if (response.tag >> 16 != discovery_serial_) return;
    on_served();
    if (phase_ == Phase::kReportLuns) {
        units_reported_ = vscsi::units_of(message);
        unit_inquired_ = 0;
        inquire_next();
    } else if (phase_ == Phase::kInquiry) {
        if (response.status == wire::ScsiStatus::kGood)
            units_found_.push_back(vscsi::identified_unit(message, vscsi::lun_of_unit(unit_inquired_)));
        ++unit_inquired_;
        inquire_next();
    }
}

void VscsiClientAdapter::inquire_next() {
    while (unit_inquired_ < vscsi::kUnitsMax && !units_reported_.contains(unit_inquired_)) ++unit_inquired_;
    if (unit_inquired_ == vscsi::kUnitsMax) return finish_discovery();
    ++discovery_serial_;
    enter(Phase::kInquiry);
}

void VscsiClientAdapter::finish_discovery() {
    phase_ = Phase::kReady;
    ++counters_.logins;
    const auto count = units_found_.size();
    if (!quiet_login_)
        milestone("vscsi-ready",
                  server_name() + " serves " + std::to_string(count) + (count == 1 ? " disk" : " disks"));
    quiet_login_ = false;
    os().disks().report_units(*this, units_found_);
}

}  // namespace pvmsim::aix
