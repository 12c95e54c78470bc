// The session of a virtual SCSI server adapter: handshake, MADs, login and its delay, and the client's end.
//
// The login is answered when every backing disk is there; when only some are, after a grace time; never while there is
// none (behaviour 4.1: the VIOS delays the response while it has no LUNs). A ping is answered at interrupt level: by
// any server that runs at all. A client that sends more than its credits loses its session.
#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"
#include "vios/vscsi/events.hpp"
#include "vios/vscsi/host_adapter.hpp"

namespace pvmsim::vios {

namespace vscsi = aix::vscsi;
using hypervisor::CrqHeader;
using hypervisor::HcallStatus;
using Phase = VscsiHostPhase;

hypervisor::CrqTransport& VscsiHostAdapter::crq() { return os().system().crq(); }

std::string VscsiHostAdapter::client_name() {
    if (client_ == hypervisor::kNoPartition) return "unnamed client";
    return "client partition " + os().system().partition(client_).name;
}

/// Registers the queue; if the client is there already, the handshake is ours to start.
void VscsiHostAdapter::open_queue() {
    // A slot without a definition has nobody behind it: the adapter just stays closed.
    if (!crq().is_defined(os().partition_id(), slot_)) return;
    phase_ = Phase::kWaitingForClient;
    crq_id_ = crq().find(os().partition_id(), slot_);
    const HcallStatus registered = crq().register_queue(crq_id_, entity(), vscsi::kQueueEntriesMax);
    PVMSIM_ASSERT(registered == HcallStatus::kSuccess || registered == HcallStatus::kClosed);
    if (registered == HcallStatus::kSuccess) reply(vscsi::initialization(hypervisor::kCrqInitialize));
}

void VscsiHostAdapter::receive(const hypervisor::CrqMessage& message) {
    if (phase_ == Phase::kClosed) return;
    if (message.header == CrqHeader::kTransportEvent) {
        if (logged_in()) milestone("vscsi-client-gone", client_name() + " gone");
        return end_session();
    }
    if (message.header == CrqHeader::kInitialization) {
        end_session();
        phase_ = Phase::kNegotiating;
        if (message.code == hypervisor::kCrqInitialize)
            reply(vscsi::initialization(hypervisor::kCrqInitializationComplete));
        return;
    }
    switch (static_cast<vscsi::Format>(message.code)) {
        case vscsi::Format::kSrp:
            return on_srp(message);
        case vscsi::Format::kMad:
            return on_mad(message);
        case vscsi::Format::kPing:
            return reply(vscsi::ping(vscsi::Format::kPingResponse));
        case vscsi::Format::kPingResponse:
            return;
    }
}

void VscsiHostAdapter::on_mad(const hypervisor::CrqMessage& message) {
    auto status = vscsi::MadStatus::kSuccess;
    switch (static_cast<vscsi::MadType>(message.word)) {
        case vscsi::MadType::kAdapterInfo:
            client_ = hypervisor::PartitionId{static_cast<std::uint16_t>(message.data[1])};
            break;
        case vscsi::MadType::kCapabilities:
            break;
        case vscsi::MadType::kEnableFastFail:
            fast_fail_ = true;
            break;
        default:
            status = vscsi::MadStatus::kNotSupported;
    }
    reply(vscsi::mad_answer(message.word, status));
}

void VscsiHostAdapter::on_srp(const hypervisor::CrqMessage& message) {
    switch (static_cast<vscsi::SrpType>(message.word)) {
        case vscsi::SrpType::kCommand:
            return execute(vscsi::command_of(message));
        case vscsi::SrpType::kLoginRequest:
            return ask_login();
        case vscsi::SrpType::kLoginResponse:
        case vscsi::SrpType::kResponse:
            return;  // a client's business
    }
}

/// Commands in service belong to nobody from here on.
void VscsiHostAdapter::end_session() {
    ++session_;
    in_service_ = 0;
    phase_ = Phase::kWaitingForClient;
    client_ = hypervisor::kNoPartition;
    fast_fail_ = grace_over_ = false;
    engine().cancel(grace_timer_);
}

void VscsiHostAdapter::ask_login() {
    if (phase_ != Phase::kNegotiating) return;
    phase_ = Phase::kLoginPending;
    grace_timer_ = engine().schedule_in(kLoginGrace, entity(), VscsiLoginGraceOver{session_});
    try_login();
}

void VscsiHostAdapter::try_login() {
    if (phase_ != Phase::kLoginPending) return;
    std::size_t ready = 0;
    for (const auto* target : targets_) ready += target->ready() ? 1 : 0;
    if (ready == 0 || (ready < targets_.size() && !grace_over_)) return;
    engine().cancel(grace_timer_);
    phase_ = Phase::kLoggedIn;
    ++counters_.logins;
    engine().trace().detail(now(), engine().path_of(entity()), "vscsi-client-login",
                            {{"client", std::int64_t{client_.value()}}, {"units", static_cast<std::int64_t>(ready)}});
    reply(vscsi::login_response(vscsi::kRequestLimit));
}

/// The queue is closed, which the client hears as our deregistration, and opened again for its next try.
void VscsiHostAdapter::punish_violation() {
    ++counters_.violations;
    milestone("vscsi-violation", client_name() + " sent more commands than its credits: session closed");
    end_session();
    crq().free_queue(crq_id_);
    open_queue();
}

}  // namespace pvmsim::vios
