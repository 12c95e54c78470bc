// A managed system as its operator meets it: creating, defining, activating and ending partitions,
// and every refusal.
#include "hypervisor/managed_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace pvmsim::hypervisor {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr PartitionId kVios{1};
constexpr PartitionId kClient{5};
constexpr SlotNumber kEthernetSlot{10};
constexpr SlotNumber kScsiSlot{30};

struct Ping {
    static constexpr std::string_view kName = "ping";
};

/// An operating system that notes what happens to it, with one device that counts events.
class Software : public PartitionSoftware, public sim::Entity {
  public:
    Software(ManagedSystem& system, PartitionId id) : system_(system), id_(id) {}
    void on_boot() override {
        said.emplace_back("boot");
        if (boots) system_.report_running(id_);
    }
    void on_settled_start() override { said.emplace_back("settled"); }
    void on_shutdown() override {
        said.emplace_back("shutdown");
        if (stops) system_.report_stopped(id_);
    }
    void on_stopped(StopReason reason) override {
        said.push_back("stopped " + std::to_string(static_cast<int>(reason)));
        was_closed = !system_.crq().is_registered(queue) && system_.dispatcher().granted(id_) == CoreRate{};
    }
    void on_hang() override { said.emplace_back("hang"); }
    void on_resume() override { said.emplace_back("resume"); }
    void on_event(const sim::Event& event) override {
        if (event.is<Ping>()) ++pings;
        if (const auto* const arrived = event.as<CrqArrived>()) events.push_back(arrived->message.code);
    }
    void digest(sim::Digest&) const override {}

    std::vector<std::string> said;
    std::vector<int> events;
    int pings = 0;
    bool boots = true;
    bool stops = true;
    bool was_closed = false;
    CrqAdapterId queue;

  private:
    ManagedSystem& system_;
    PartitionId id_;
};

/// The log book: "path name text".
class LogBook : public sim::TraceSink {
  public:
    [[nodiscard]] bool wants_details() const override { return false; }
    void record(const sim::TraceRecord& record) override {
        lines.push_back(std::string{record.entity} + " " + std::string{record.name});
    }
    std::vector<std::string> lines;
};

SystemConfig power740() {
    SystemConfig config;
    config.name = "p740a";
    config.type_model = "8205-E6C";
    config.serial_num = "06ABCDE";
    config.cores = 4;
    config.memory_bytes = 32 * kGibibyte;
    config.slots = {
        {.location = "C2", .kind = AdapterKind::kEthernet, .ports = 2}, {.location = "C3"}, {.location = "C4"}};
    return config;
}

PartitionConfig client(PartitionId id = kClient) {
    PartitionConfig config{.lpar_id = id, .name = "app" + std::to_string(id.value())};
    config.profile.virtual_eth_adapters.push_back({.slot_num = kEthernetSlot, .port_vlan_id = wire::VlanId{100}});
    config.profile.virtual_scsi_adapters.push_back(
        {.slot_num = kScsiSlot, .remote_lpar_id = kVios, .remote_slot_num = kScsiSlot});
    return config;
}

PartitionConfig vios() {
    PartitionConfig config{.lpar_id = kVios, .name = "vios1", .lpar_env = PartitionEnvironment::kVioServer};
    config.profile.virtual_scsi_adapters.push_back({.slot_num = kScsiSlot,
                                                    .adapter_type = AdapterRole::kServer,
                                                    .remote_lpar_id = kClient,
                                                    .remote_slot_num = kScsiSlot});
    return config;
}

class ManagedSystemTest : public testing::Test {
  protected:
    ManagedSystemTest() {
        auto made = ManagedSystem::create(engine, power740());
        system = std::move(made).value();
        engine.trace().attach(log);
    }
    void define(PartitionConfig config) {
        const auto defined = system->define_partition(std::move(config));
        ASSERT_TRUE(defined) << defined.error().text;
    }
    ErrorCode refusal(PartitionConfig config) {
        const std::size_t before = system->partitions().size();
        const auto defined = system->define_partition(std::move(config));
        EXPECT_FALSE(defined);
        EXPECT_EQ(system->partitions().size(), before) << "a refused operation changes nothing";
        return defined ? ErrorCode::kNotFound : defined.error().code;
    }
    void check_state(PartitionId id, PartitionState want) { EXPECT_EQ(system->partition(id).state, want); }
    void wait(seconds span) { engine.run_until(engine.now() + span); }

    LogBook log;
    sim::Engine engine{1};
    std::unique_ptr<ManagedSystem> system;
};

struct CreateCase {
    std::string name;
    std::function<void(SystemConfig&)> change;
    ErrorCode code;
    std::string text;
};

TEST(ManagedSystem, creation_is_refused_with_a_reason) {
    const std::vector<CreateCase> cases{
        {"model", [](SystemConfig& c) { c.type_model = "8205-E6D"; }, ErrorCode::kUnknownModel, "8205-E6C"},
        {"cores", [](SystemConfig& c) { c.cores = 17; }, ErrorCode::kBeyondModel, "at most 16"},
        {"memory", [](SystemConfig& c) { c.memory_bytes = 513 * kGibibyte; }, ErrorCode::kBeyondModel,
         "at most 512 GB"},
        {"memory of half a block", [](SystemConfig& c) { c.memory_bytes += kMebibyte; }, ErrorCode::kInvalidProfile,
         "256 MB"},
        {"LMB", [](SystemConfig& c) { c.mem_region_size_mib = 100; }, ErrorCode::kInvalidProfile, "100 MB"},
        {"serial", [](SystemConfig& c) { c.serial_num = "06abcde"; }, ErrorCode::kInvalidProfile, "06abcde"},
        {"name", [](SystemConfig& c) { c.name = ""; }, ErrorCode::kInvalidProfile, "name"},
        {"name in use", [](SystemConfig& c) { c.name = "other"; }, ErrorCode::kDuplicate, "other"},
        {"slot twice", [](SystemConfig& c) { c.slots[1].location = "C2"; }, ErrorCode::kDuplicate, "-P1-C2"},
        {"drc_index twice", [](SystemConfig& c) { c.slots[0].drc_index = c.slots[1].drc_index = DrcIndex{7}; },
         ErrorCode::kDuplicate, "00000007"},
    };
    sim::Engine engine{1};
    SystemConfig other = power740();
    other.name = "other";
    const auto first = ManagedSystem::create(engine, other);
    ASSERT_TRUE(first);
    for (const CreateCase& one : cases) {
        SystemConfig config = power740();
        one.change(config);
        const auto made = ManagedSystem::create(engine, config);
        ASSERT_FALSE(made) << one.name;
        EXPECT_EQ(made.error().code, one.code) << one.name;
        EXPECT_THAT(made.error().text, HasSubstr(one.text)) << one.name;
    }
}

TEST(ManagedSystem, what_is_not_said_comes_from_the_model) {
    sim::Engine engine{1};
    const auto made = ManagedSystem::create(engine, {.name = "p740b", .type_model = "8205-E6C"});
    ASSERT_TRUE(made);
    const SystemConfig& config = (*made)->config();
    EXPECT_EQ(config.cores, 16u);
    EXPECT_EQ(config.memory_bytes, 512 * kGibibyte);
    EXPECT_EQ(config.mem_region_size_mib, 256u);
    EXPECT_EQ(config.firmware_level, "AL740_156");
}

TEST_F(ManagedSystemTest, slots_are_found_by_index_and_location) {
    const PhysicalSlot* const slot = system->find_slot("C3");
    ASSERT_NE(slot, nullptr);
    EXPECT_EQ(slot->drc_name(), "U78AA.001.06ABCDE-P1-C3");
    EXPECT_EQ(system->find_slot("P1-C3"), slot);
    EXPECT_EQ(system->find_slot("U78AA.001.06ABCDE-P1-C3"), slot);
    EXPECT_EQ(system->find_slot(slot->config.drc_index), slot);
    EXPECT_EQ(system->find_slot("C9"), nullptr);
    EXPECT_EQ(system->virtual_location(PartitionId{3}, SlotNumber{10}), "U8205.E6C.06ABCDE-V3-C10");
}

TEST_F(ManagedSystemTest, definition_fills_in_addresses_that_no_other_adapter_has) {
    PartitionConfig first = client();
    first.profile.virtual_fc_adapters.push_back(
        {.slot_num = SlotNumber{70}, .remote_lpar_id = kVios, .remote_slot_num = SlotNumber{70}});
    define(first);
    first.lpar_id = PartitionId{6};
    first.name = "app6";
    define(first);
    const PartitionProfile& one = system->find_partition("app5")->profile;
    const PartitionProfile& two = system->find_partition("app6")->profile;
    EXPECT_NE(one.virtual_eth_adapters[0].mac_addr, two.virtual_eth_adapters[0].mac_addr);
    ASSERT_TRUE(one.virtual_fc_adapters[0].wwpns);
    EXPECT_EQ(two.virtual_fc_adapters[0].wwpns->first.value(), one.virtual_fc_adapters[0].wwpns->first.value() + 2);
}

TEST_F(ManagedSystemTest, definition_is_refused_with_its_code) {
    define(client());
    EXPECT_EQ(refusal(client()), ErrorCode::kDuplicate);
    PartitionConfig same_name = client(PartitionId{6});
    same_name.name = "app5";
    EXPECT_EQ(refusal(same_name), ErrorCode::kDuplicate);
    EXPECT_EQ(refusal(client(PartitionId{0})), ErrorCode::kInvalidProfile);
    EXPECT_EQ(refusal(client(PartitionId{1001})), ErrorCode::kInvalidProfile);
    PartitionConfig broken = client(PartitionId{6});
    broken.profile.desired_mem_mib = 1000;
    EXPECT_EQ(refusal(broken), ErrorCode::kInvalidProfile);
    PartitionConfig far_slot = client(PartitionId{6});
    far_slot.profile.io_slots = {{DrcIndex{0x21010002}}};
    EXPECT_EQ(refusal(far_slot), ErrorCode::kSlotUnavailable);
    PartitionConfig same_mac = client(PartitionId{6});
    same_mac.profile.virtual_eth_adapters[0].mac_addr =
        system->partition(kClient).profile.virtual_eth_adapters[0].mac_addr;
    EXPECT_EQ(refusal(same_mac), ErrorCode::kDuplicate);
}

TEST_F(ManagedSystemTest, wwpns_of_one_adapter_are_refused_to_another_even_in_part) {
    const auto with_pair = [](std::uint16_t id, std::uint64_t first, std::uint64_t second) {
        PartitionConfig config = client(PartitionId{id});
        config.profile.virtual_fc_adapters.push_back({.slot_num = SlotNumber{70},
                                                      .remote_lpar_id = kVios,
                                                      .remote_slot_num = SlotNumber{70},
                                                      .wwpns = wire::WwpnPair{wire::Wwpn{first}, wire::Wwpn{second}}});
        return config;
    };
    define(with_pair(6, 0xc050760431670010, 0xc050760431670011));
    EXPECT_EQ(refusal(with_pair(7, 0xc050760431670010, 0xc050760431670011)), ErrorCode::kDuplicate);
    EXPECT_EQ(refusal(with_pair(7, 0xc050760431670011, 0xc050760431670012)), ErrorCode::kDuplicate);
    define(with_pair(7, 0xc050760431670012, 0xc050760431670013));
}

TEST_F(ManagedSystemTest, wwpns_run_out_after_32000_pairs) {
    PartitionConfig many = client(PartitionId{6});
    many.profile.max_virtual_slots = 65'536;
    const auto add_adapter = [](PartitionConfig& config, std::uint16_t slot) {
        config.profile.virtual_fc_adapters.push_back(
            {.slot_num = SlotNumber{slot}, .remote_lpar_id = kVios, .remote_slot_num = SlotNumber{slot}});
    };
    for (std::uint16_t i = 0; i < 32'000; ++i) add_adapter(many, static_cast<std::uint16_t>(100 + i));
    define(many);
    PartitionConfig one_more = client(PartitionId{7});
    add_adapter(one_more, 70);
    EXPECT_EQ(refusal(one_more), ErrorCode::kWwpnsExhausted);  // V56
    define(client(PartitionId{7}));
}

TEST(ManagedSystem, express_edition_takes_three_partitions) {
    sim::Engine engine{1};
    SystemConfig config = power740();
    config.edition = Edition::kExpress;
    const auto system = ManagedSystem::create(engine, config);
    for (std::uint16_t id = 2; id <= 4; ++id) EXPECT_TRUE((*system)->define_partition(client(PartitionId{id})));
    const auto fourth = (*system)->define_partition(client(PartitionId{5}));
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().code, ErrorCode::kTooManyPartitions);
}

TEST_F(ManagedSystemTest, standard_editions_take_twenty_partitions_a_core) {
    for (std::uint16_t id = 2; id <= 81; ++id) define(client(PartitionId{id}));
    EXPECT_EQ(refusal(client(PartitionId{82})), ErrorCode::kTooManyPartitions);
}

TEST_F(ManagedSystemTest, activation_goes_through_firmware_and_boot) {
    define(client());
    Software software(*system, kClient);
    system->install_software(kClient, software);
    ASSERT_TRUE(system->activate(kClient));
    check_state(kClient, PartitionState::kStarting);
    wait(seconds{14});
    EXPECT_THAT(software.said, IsEmpty());
    wait(seconds{1});
    EXPECT_THAT(software.said, ElementsAre("boot"));
    check_state(kClient, PartitionState::kRunning);
    EXPECT_TRUE(system->virtual_ethernet().is_defined(kClient, kEthernetSlot));
    EXPECT_TRUE(system->crq().is_defined(kClient, kScsiSlot));
    EXPECT_THAT(log.lines, ElementsAre("p740a/app5 lpar-activate", "p740a/app5 lpar-running"));
    EXPECT_EQ(system->activate(kClient).error().code, ErrorCode::kWrongState);
    EXPECT_EQ(system->activate(PartitionId{99}).error().code, ErrorCode::kNotFound);
}

TEST_F(ManagedSystemTest, power_off_during_firmware_means_no_boot) {
    define(client());
    Software software(*system, kClient);
    system->install_software(kClient, software);
    ASSERT_TRUE(system->activate(kClient));
    wait(seconds{5});
    ASSERT_TRUE(system->power_off(kClient));
    ASSERT_TRUE(system->activate(kClient));
    wait(seconds{12});
    EXPECT_THAT(software.said, ElementsAre("stopped 1")) << "the first activation's firmware would be done by now";
    wait(seconds{3});
    EXPECT_THAT(software.said, ElementsAre("stopped 1", "boot"));
}

TEST_F(ManagedSystemTest, resources_lie_between_minimum_and_desired) {
    PartitionConfig big = client(PartitionId{6});
    big.profile.desired_proc_units = {380};
    big.profile.max_proc_units = {400};
    big.profile.desired_procs = big.profile.max_procs = 4;
    define(big);
    define(client());  // wants 0.50, at least 0.10
    ASSERT_TRUE(system->start_settled(PartitionId{6}));
    ASSERT_TRUE(system->start_settled(kClient));
    EXPECT_EQ(system->partition(kClient).given.proc_units, ProcUnits{20});
    EXPECT_EQ(system->partition(kClient).given.procs, 1u);
    PartitionConfig third = client(PartitionId{7});
    define(third);
    const auto refused = system->start_settled(PartitionId{7});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kNotEnoughProcessors);
    EXPECT_THAT(refused.error().text, HasSubstr("min_proc_units 0.10 is more than the 0.00"));
    check_state(PartitionId{7}, PartitionState::kNotActivated);
    EXPECT_FALSE(system->crq().is_defined(PartitionId{7}, kScsiSlot)) << "a refused activation changes nothing";
    ASSERT_TRUE(system->power_off(PartitionId{6}));
    EXPECT_TRUE(system->start_settled(PartitionId{7}));
    EXPECT_EQ(system->partition(PartitionId{7}).given.proc_units, ProcUnits{50});
}

TEST_F(ManagedSystemTest, dedicated_processors_are_whole_and_leave_the_pool) {
    PartitionConfig dedicated = client(PartitionId{6});
    dedicated.profile.proc_mode = ProcessorMode::kDedicated;
    dedicated.profile.sharing_mode = SharingMode::kShareIdleProcs;
    dedicated.profile.desired_procs = dedicated.profile.max_procs = 4;
    define(client());
    define(dedicated);
    ASSERT_TRUE(system->start_settled(kClient));
    ASSERT_TRUE(system->start_settled(PartitionId{6}));
    EXPECT_EQ(system->partition(PartitionId{6}).given.procs, 3u) << "0.50 of the fourth is taken";
    EXPECT_EQ(system->dispatcher().pool_idle(), CoreRate::cores(1));
}

TEST_F(ManagedSystemTest, memory_is_given_in_blocks_and_comes_back) {
    const std::uint64_t before = system->memory().available_mib();
    PartitionConfig big = client(PartitionId{6});
    big.profile.desired_mem_mib = 64 * 1024;
    big.profile.max_mem_mib = 64 * 1024;
    define(big);
    ASSERT_TRUE(system->start_settled(PartitionId{6}));
    const std::uint64_t given = system->partition(PartitionId{6}).given.memory_mib;
    EXPECT_EQ(given % system->memory().lmb_mib(), 0u);
    EXPECT_LT(given, 32 * 1024u);
    EXPECT_LT(system->memory().available_mib(), system->memory().lmb_mib());
    define(client());
    EXPECT_EQ(system->activate(kClient).error().code, ErrorCode::kNotEnoughMemory);
    ASSERT_TRUE(system->power_off(PartitionId{6}));
    EXPECT_EQ(system->memory().available_mib(), before);
    EXPECT_TRUE(system->activate(kClient));
}

TEST_F(ManagedSystemTest, required_slot_of_a_running_partition_stops_activation_and_a_desired_one_does_not) {
    const DrcIndex shared_slot = system->find_slot("C2")->config.drc_index;
    const DrcIndex free_slot = system->find_slot("C3")->config.drc_index;
    PartitionConfig first = vios();
    first.profile.io_slots = {{shared_slot, true}};
    define(first);
    PartitionConfig requires_it = client();
    requires_it.profile.io_slots = {{shared_slot, true}};
    define(requires_it);
    PartitionConfig desires_it = client(PartitionId{6});
    desires_it.profile.io_slots = {{shared_slot, false}, {free_slot, true}};
    define(desires_it);
    ASSERT_TRUE(system->start_settled(kVios));
    const auto refused = system->activate(kClient);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kSlotUnavailable);
    EXPECT_THAT(refused.error().text, testing::AllOf(HasSubstr("-P1-C2"), HasSubstr("vios1")));
    ASSERT_TRUE(system->activate(PartitionId{6}));
    EXPECT_THAT(system->partition(PartitionId{6}).given.io_slots, ElementsAre(free_slot));
    ASSERT_TRUE(system->crash(kVios));
    EXPECT_EQ(system->find_slot("C2")->owner, kVios) << "a crashed partition keeps its slots";
    ASSERT_TRUE(system->power_off(kVios));
    EXPECT_EQ(system->find_slot("C2")->owner, kNoPartition);
    EXPECT_TRUE(system->activate(kClient));
}

TEST_F(ManagedSystemTest, crashed_partition_is_activated_with_what_it_still_holds) {
    PartitionConfig config = vios();
    config.profile.io_slots = {{system->find_slot("C2")->config.drc_index, true}};
    config.profile.min_mem_mib = config.profile.desired_mem_mib = config.profile.max_mem_mib = 24 * 1024;
    config.profile.min_procs = config.profile.desired_procs = config.profile.max_procs = 3;
    config.profile.min_proc_units = config.profile.desired_proc_units = config.profile.max_proc_units = {300};
    define(config);
    ASSERT_TRUE(system->start_settled(kVios));
    ASSERT_TRUE(system->crash(kVios));
    const auto again = system->activate(kVios);
    EXPECT_TRUE(again) << again.error().text;
}

/// Two running partitions joined by a virtual SCSI pair, each with its software as a device.
class RunningPairTest : public ManagedSystemTest {
  protected:
    RunningPairTest() {
        define(vios());
        define(client());
        for (auto& [id, software] : {std::pair{kVios, &server}, {kClient, &user}}) {
            system->install_software(id, *software);
            system->adopt_entity(id, engine.add(*software, "p740a/device" + std::to_string(id.value())));
            EXPECT_TRUE(system->start_settled(id));
            open(id, *software);
            software->said.clear();
        }
    }
    void open(PartitionId id, Software& software) {
        software.queue = system->crq().find(id, kScsiSlot);
        system->crq().register_queue(software.queue, system->partition(id).entities.front(), 16);
        system->dispatcher().set_demand(engine.now(), id, CoreRate::cores(1));
    }
    void ping(PartitionId id, seconds in) { engine.schedule_in(in, system->partition(id).entities.front(), Ping{}); }

    Software server{*system, kVios};
    Software user{*system, kClient};
};

TEST_F(RunningPairTest, crash_closes_everything_and_tells_the_partner) {
    ping(kVios, seconds{1});
    ASSERT_TRUE(system->crash(kVios));
    check_state(kVios, PartitionState::kError);
    EXPECT_THAT(server.said, ElementsAre("stopped 2"));
    EXPECT_TRUE(server.was_closed);
    wait(seconds{2});
    EXPECT_EQ(server.pings, 0) << "events of a dead partition are forgotten";
    EXPECT_THAT(user.events, ElementsAre(kCrqPartnerFailed));
    EXPECT_EQ(system->crash(kVios).error().code, ErrorCode::kWrongState);
    EXPECT_EQ(system->shutdown(kVios).error().code, ErrorCode::kWrongState);
    ASSERT_TRUE(system->activate(kVios)) << "an Error partition may be activated again";
    wait(seconds{15});
    EXPECT_THAT(server.said, ElementsAre("stopped 2", "boot"));
    check_state(kVios, PartitionState::kRunning);
    open(kVios, server);
    EXPECT_EQ(system->crq().partner_of(server.queue), user.queue);
    EXPECT_EQ(system->crq().send(server.queue, {.code = 77}), HcallStatus::kSuccess);
    wait(seconds{1});
    EXPECT_THAT(user.events, ElementsAre(kCrqPartnerFailed, 77));
}

TEST_F(RunningPairTest, crash_closes_virtual_ethernet) {
    const LogicalLanId adapter = system->virtual_ethernet().find(kClient, kEthernetSlot);
    const sim::EntityId driver = system->partition(kClient).entities.front();
    EXPECT_EQ(system->virtual_ethernet().register_adapter(adapter, driver), HcallStatus::kSuccess);
    EXPECT_EQ(system->virtual_ethernet().stations_on("ETHERNET0", wire::VlanId{100}).size(), 1u);
    ASSERT_TRUE(system->crash(kClient));
    EXPECT_THAT(system->virtual_ethernet().stations_on("ETHERNET0", wire::VlanId{100}), IsEmpty());
}

TEST_F(RunningPairTest, power_off_frees_everything) {
    ASSERT_TRUE(system->power_off(kVios));
    check_state(kVios, PartitionState::kNotActivated);
    EXPECT_THAT(server.said, ElementsAre("stopped 1"));
    EXPECT_EQ(system->partition(kVios).given.memory_mib, 0u);
    EXPECT_FALSE(system->crq().is_defined(kVios, kScsiSlot));
    wait(seconds{1});
    EXPECT_THAT(user.events, ElementsAre(kCrqPartnerFailed));
    EXPECT_EQ(system->power_off(kVios).error().code, ErrorCode::kWrongState);
    EXPECT_THAT(log.lines, ElementsAre("p740a/vios1 lpar-power-off"));
}

TEST_F(RunningPairTest, shutdown_waits_for_the_operating_system) {
    user.stops = false;
    ASSERT_TRUE(system->shutdown(kClient));
    check_state(kClient, PartitionState::kShuttingDown);
    EXPECT_EQ(system->shutdown(kClient).error().code, ErrorCode::kWrongState);
    wait(seconds{5});
    check_state(kClient, PartitionState::kShuttingDown);
    system->report_stopped(kClient);
    check_state(kClient, PartitionState::kNotActivated);
    EXPECT_THAT(user.said, ElementsAre("shutdown", "stopped 0"));
    EXPECT_THAT(log.lines, ElementsAre("p740a/app5 lpar-shutdown", "p740a/app5 lpar-shut-down"));
}

TEST_F(RunningPairTest, hang_holds_events_and_resume_delivers_them) {
    ASSERT_TRUE(system->hang(kVios));
    ping(kVios, seconds{1});
    system->crq().send(user.queue, {.code = 5});
    wait(seconds{10});
    EXPECT_EQ(server.pings, 0);
    EXPECT_THAT(server.events, IsEmpty());
    EXPECT_THAT(user.events, IsEmpty()) << "its partner learns nothing: the queue stays open";
    check_state(kVios, PartitionState::kRunning);
    EXPECT_TRUE(system->partition(kVios).hung);
    EXPECT_EQ(system->hang(kVios).error().code, ErrorCode::kWrongState);
    EXPECT_EQ(system->shutdown(kVios).error().code, ErrorCode::kWrongState);
    ASSERT_TRUE(system->resume(kVios));
    wait(seconds{0});
    EXPECT_EQ(server.pings, 1);
    EXPECT_THAT(server.events, ElementsAre(5));
    EXPECT_THAT(server.said, ElementsAre("hang", "resume"));
    EXPECT_EQ(system->resume(kVios).error().code, ErrorCode::kWrongState);
}

TEST_F(RunningPairTest, hung_partition_can_be_powered_off_and_its_events_are_gone) {
    ASSERT_TRUE(system->hang(kVios));
    ping(kVios, seconds{1});
    wait(seconds{2});
    ASSERT_TRUE(system->power_off(kVios));
    EXPECT_FALSE(system->partition(kVios).hung);
    ASSERT_TRUE(system->activate(kVios));
    wait(seconds{20});
    EXPECT_EQ(server.pings, 0);
    EXPECT_THAT(server.said, ElementsAre("hang", "stopped 1", "boot"));
    ping(kVios, seconds{1});
    wait(seconds{1});
    EXPECT_EQ(server.pings, 1) << "the hold ended with the partition";
}

TEST_F(RunningPairTest, consumption_ends_with_the_partition) {
    wait(seconds{10});
    ASSERT_TRUE(system->crash(kClient));
    wait(seconds{10});
    EXPECT_DOUBLE_EQ(system->dispatcher().consumed(engine.now(), kClient).total.core_seconds(), 10.0);
    EXPECT_DOUBLE_EQ(system->dispatcher().consumed(engine.now(), kVios).total.core_seconds(), 20.0);
}

TEST(ManagedSystem, same_course_of_events_gives_the_same_fingerprint) {
    const auto fingerprint = [](std::string_view edition_of_the_end) {
        sim::Engine engine{7};
        auto system = std::move(ManagedSystem::create(engine, power740())).value();
        EXPECT_TRUE(system->define_partition(vios()));
        EXPECT_TRUE(system->define_partition(client()));
        EXPECT_TRUE(system->start_settled(kVios));
        EXPECT_TRUE(system->activate(kClient));
        engine.run_until(sim::kStartOfRun + seconds{20});
        EXPECT_TRUE(edition_of_the_end == "crash" ? system->crash(kClient) : system->power_off(kClient));
        return engine.fingerprint();
    };
    EXPECT_EQ(fingerprint("crash"), fingerprint("crash"));
    EXPECT_NE(fingerprint("crash"), fingerprint("power off"));
}

}  // namespace
}  // namespace pvmsim::hypervisor
