// Owners that write down what their FC port tells them, and a small dual-switch fabric with an array.
// A command or its answer takes 10 us, a login 2 ms, a notice 5 ms.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fabric/san/san.hpp"
#include "fabric/storage/storage_array.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::fabric {

inline constexpr wire::Wwpn kHostName{0x10000000c9000001};
inline constexpr wire::Wwpn kOtherHostName{0x10000000c9000002};
inline constexpr wire::Wwpn kClientName{0xc0507602f9ac0000};
inline constexpr wire::Wwpn kTargetA{0x50050768000000a0};
inline constexpr wire::Wwpn kTargetB{0x50050768000000b0};

/// An initiator port's owner.
class Initiator : public FcPortOwner {
  public:
    void on_link(FcPort& port, bool up) override {
        links.push_back(up);
        if (up && login_at_link) port.login(port.wwpn());
    }
    void on_login(FcPort&, wire::Wwpn wwpn, wire::FcId address) override { logins.emplace_back(wwpn, address); }
    void on_state_change(FcPort&, wire::FcId to, wire::FcId changed) override { notices.emplace_back(to, changed); }
    void on_command(FcPort&, const FcpCommand&) override { ADD_FAILURE() << "an initiator gets no commands"; }
    void on_response(FcPort&, const FcpResponse& response) override { responses.push_back(response); }

    bool login_at_link = true;
    std::vector<bool> links;
    std::vector<std::pair<wire::Wwpn, wire::FcId>> logins;
    std::vector<std::pair<wire::FcId, wire::FcId>> notices;
    std::vector<FcpResponse> responses;
};

/// One fabric of two switches: hosts on the first, array port A on the first and B on the second.
class SanTest : public testing::Test {
  protected:
    explicit SanTest(SanFabricConfig settings = {.name = "red"}, StorageArrayConfig storage = {.name = "ds1"})
        : fabric(san.add_fabric(std::move(settings))), array(engine, std::move(storage)) {
        near = san.add_switch(fabric, "near");
        far = san.add_switch(fabric, "far");
        isl = san.connect(near, far);
        host = &san.add_port("host/fcs0", kHostName, false);
        other = &san.add_port("other/fcs0", kOtherHostName, false);
        a = &san.add_port("ds1/A-P0", kTargetA, true);
        b = &san.add_port("ds1/B-P0", kTargetB, true);
        host_cable = san.connect(*host, near);
        san.connect(*other, near);
        a_cable = san.connect(*a, near);
        san.connect(*b, far);
        array.add_port("A", *a);
        array.add_port("B", *b);
        host->attach(&host_owner);
        other->attach(&other_owner);
        both = array.add_lun({.name = "both", .size_bytes = 10, .hosts = {kHostName, kOtherHostName, kClientName}});
        only_other = array.add_lun({.name = "only_other", .size_bytes = 20, .hosts = {kOtherHostName}});
    }
    /// Everything on and logged in; the zone holds everybody but `kClientName`.
    void bring_up() {
        san.add_zone(fabric, "all", {kHostName, kOtherHostName, kTargetA, kTargetB});
        array.start();
        host->enable();
        other->enable();
        run(std::chrono::milliseconds(10));
        host_owner.notices.clear();
        other_owner.notices.clear();
    }
    void run(sim::Duration span) { engine.run_until(engine.now() + span); }

    /// Sends from the host's own login (or `from`) to a target and unit.
    FcSendOutcome send(FcPort& from, wire::Wwpn target, LunId lun = LunId{0},
                       wire::ScsiOperation operation = wire::ScsiOperation::kRead) {
        FcpCommand command{};
        command.source = from.address_of(from.wwpn());
        command.destination = address(target);
        command.command.lun = wire::LunNumber{std::uint64_t{lun.value()} << 48};
        command.command.tag = ++tag;
        command.command.operation = operation;
        return from.send(command);
    }
    [[nodiscard]] wire::FcId address(wire::Wwpn target) const {
        return target == kTargetA ? a->address_of(kTargetA) : b->address_of(kTargetB);
    }
    /// Sends, runs, and gives the status that came back.
    std::string status(FcPort& from, Initiator& owner, LunId lun, wire::ScsiOperation operation) {
        owner.responses.clear();
        if (send(from, kTargetA, lun, operation) != FcSendOutcome::kSent) return "not sent";
        run(std::chrono::milliseconds(20));
        if (owner.responses.size() != 1) return "lost";
        return std::string(to_string(owner.responses[0].response.status));
    }

    sim::Engine engine{1};
    San san{engine};
    SanFabricId fabric;
    FcSwitchId near{}, far{};
    FcCableId isl{}, host_cable{}, a_cable{};
    FcPort* host = nullptr;
    FcPort* other = nullptr;
    FcPort* a = nullptr;
    FcPort* b = nullptr;
    Initiator host_owner, other_owner;
    StorageArray array;
    LunId both{}, only_other{};
    std::uint32_t tag = 0;
};

}  // namespace pvmsim::fabric
