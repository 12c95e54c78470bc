// The virtual SCSI server adapter against a client played by the test: MADs, credits, pings, the client's end.
// The client's side of the queue is scripted message by message, so each rule is seen alone.
#include "tests/aix/raw_crq_end.hpp"
#include "tests/vios/vscsi_site.hpp"

namespace pvmsim::vios {
namespace {

namespace vscsi = aix::vscsi;
using Words = std::vector<std::string>;

struct ServerUnderTest : aix::CrqPair {
    ServerUnderTest()
        : server_os(engine, *system, kServer, {}),
          client_os(engine, *system, kClient, {}),
          backing(server_os.add_device<BackingAdapter>("fcs0")),
          host(server_os.add_device<VscsiHostAdapter>("vhost0", kSlot)),
          client(client_os.add_device<aix::RawCrqEnd>("raw0", kSlot)) {
        engine.trace().attach(log);
        backing.units.push_back({{.target = 1, .lun = wire::LunNumber{0}}, {77}, 1 << 30});
        host.add_target("vtscsi0", {77});
        server_os.disks().set_disk_attributes({{"queue_depth", "256"}});
        EXPECT_TRUE(system->start_settled(kServer));
        EXPECT_TRUE(system->start_settled(kClient));
        run(10ms);
    }
    Words send(const vscsi::CrqMessage& message) {
        EXPECT_EQ(client.send(message), hypervisor::HcallStatus::kSuccess);
        run(20ms);
        return aix::words_of(client.take_arrived());
    }
    void log_in() {
        (void)send(vscsi::initialization(hypervisor::kCrqInitialize));
        (void)send(vscsi::mad_request(vscsi::MadType::kAdapterInfo, kClient));
        EXPECT_EQ(send(vscsi::srp(vscsi::SrpType::kLoginRequest)), Words{"srp 192"});
    }
    static vscsi::CrqMessage read(std::uint32_t tag) {
        return vscsi::command({.lun = vscsi::lun_of_unit(0), .size_bytes = 4096, .tag = tag});
    }

    aix::OperatingSystem server_os;
    aix::OperatingSystem client_os;
    LogBook log;
    BackingAdapter& backing;
    VscsiHostAdapter& host;
    aix::RawCrqEnd& client;
};

TEST(VscsiHost, answers_each_step_of_a_login) {
    ServerUnderTest site;
    EXPECT_EQ(site.send(vscsi::initialization(hypervisor::kCrqInitialize)), Words{"init 2"});
    EXPECT_EQ(site.send(vscsi::mad_request(vscsi::MadType::kAdapterInfo, aix::CrqPair::kClient)), Words{"mad 3"});
    EXPECT_EQ(site.send(vscsi::mad_request(vscsi::MadType::kCapabilities, aix::CrqPair::kClient)), Words{"mad 5"});
    EXPECT_EQ(site.send(site.read(1)), Words{}) << "a command before the login is nobody's";
    ASSERT_EQ(site.client.send(vscsi::mad_request(static_cast<vscsi::MadType>(0x77), aix::CrqPair::kClient)),
              hypervisor::HcallStatus::kSuccess);
    site.run(1ms);
    const auto unknown = site.client.take_arrived();
    ASSERT_EQ(unknown.size(), 1u);
    EXPECT_EQ(unknown[0].data[0], static_cast<std::uint64_t>(vscsi::MadStatus::kNotSupported));
    ASSERT_EQ(site.client.send(vscsi::srp(vscsi::SrpType::kLoginRequest)), hypervisor::HcallStatus::kSuccess);
    site.run(1ms);
    const auto login = site.client.take_arrived();
    ASSERT_EQ(login.size(), 1u);
    EXPECT_EQ(login[0].data[0], 510u) << "512 command elements, two of them reserved";
    EXPECT_EQ(site.host.client_partition(), aix::CrqPair::kClient);
}

TEST(VscsiHost, client_that_overdraws_its_credits_loses_its_session_and_may_log_in_again) {
    ServerUnderTest site;
    site.log_in();
    site.backing.mode = BackingAdapter::Mode::kSilent;
    for (std::uint32_t tag = 0; tag < vscsi::kRequestLimit; ++tag)
        ASSERT_EQ(site.client.send(site.read(tag)), hypervisor::HcallStatus::kSuccess);
    site.run(1ms);
    EXPECT_TRUE(site.host.logged_in());
    EXPECT_EQ(site.host.in_service(), vscsi::kRequestLimit);
    EXPECT_EQ(site.send(site.read(510)), (Words{"event 2", "init 1"}));
    EXPECT_EQ(site.host.counters().violations, 1u);
    EXPECT_EQ(site.log.count("client partition app1 sent more commands than its credits"), 1u);
    EXPECT_EQ(site.send(vscsi::initialization(hypervisor::kCrqInitializationComplete)), Words{});
    EXPECT_EQ(site.send(vscsi::srp(vscsi::SrpType::kLoginRequest)), Words{"srp 192"});
    EXPECT_EQ(site.host.in_service(), 0u) << "what the disk still has is nobody's";
}

TEST(VscsiHost, command_finished_after_its_client_left_is_not_answered_to_the_next) {
    ServerUnderTest site;
    site.log_in();
    site.backing.latency = 5s;
    EXPECT_EQ(site.send(site.read(1)), Words{});
    site.client.shut();
    site.run(1ms);
    EXPECT_EQ(site.host.phase(), VscsiHostPhase::kWaitingForClient);
    site.client.open();
    site.log_in();
    site.run(10s);
    EXPECT_TRUE(site.client.take_arrived().empty());
    site.backing.latency = 1ms;
    EXPECT_EQ(site.send(site.read(1)), Words{"srp 193"});
}

TEST(VscsiHost, commands_in_service_at_a_crash_leave_nothing_behind) {
    ServerUnderTest site;
    site.backing.mode = BackingAdapter::Mode::kSilent;
    // More commands in all than the adapter can name: forgotten ones must give their names back.
    for (int round = 0; round < 140; ++round) {
        site.log_in();
        for (std::uint32_t tag = 0; tag < vscsi::kRequestLimit; ++tag)
            ASSERT_EQ(site.client.send(site.read(tag)), hypervisor::HcallStatus::kSuccess);
        site.run(1ms);
        ASSERT_EQ(site.host.in_service(), vscsi::kRequestLimit);
        ASSERT_TRUE(site.system->crash(aix::CrqPair::kServer));
        ASSERT_TRUE(site.system->activate(aix::CrqPair::kServer));
        site.run(80s);
        (void)site.client.take_arrived();
    }
}

TEST(VscsiHost, ping_is_answered_in_every_phase_but_by_no_hung_server) {
    ServerUnderTest site;
    const auto ping = vscsi::ping(vscsi::Format::kPing);
    EXPECT_EQ(site.send(ping), Words{"ping-response"});
    site.log_in();
    EXPECT_EQ(site.send(ping), Words{"ping-response"});
    ASSERT_TRUE(site.system->hang(aix::CrqPair::kServer));
    EXPECT_EQ(site.send(ping), Words{});
    ASSERT_TRUE(site.system->resume(aix::CrqPair::kServer));
    site.run(1ms);
    EXPECT_EQ(aix::words_of(site.client.take_arrived()), Words{"ping-response"});
}

TEST(VscsiHost, inquiry_asks_the_backing_disk_identification_does_not) {
    ServerUnderTest site;
    site.log_in();
    const auto before = site.backing.commands;
    wire::ScsiCommand inquiry{.lun = vscsi::lun_of_unit(0), .operation = wire::ScsiOperation::kInquiry};
    inquiry.block = vscsi::kDeviceIdentificationPage;
    EXPECT_EQ(site.send(vscsi::command(inquiry)), Words{"srp 193"});
    EXPECT_EQ(site.backing.commands, before);
    inquiry.block = 0;
    EXPECT_EQ(site.send(vscsi::command(inquiry)), Words{"srp 193"});
    EXPECT_EQ(site.backing.commands, before + 1);
}

}  // namespace
}  // namespace pvmsim::vios
