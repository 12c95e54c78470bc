// A VIOS that is too small slows its clients, one of the right size does not (issue: processor virtualization; sizing
// rules of behaviour 7). One VIOS bridges a stream of frames and serves virtual SCSI, both for one client.
#include "aix/network/physical_ethernet_adapter.hpp"
#include "fabric/lan/lan.hpp"
#include "tests/vios/vscsi_site.hpp"
#include "vios/network/sea.hpp"
#include "vios/processor/io_costs.hpp"

namespace pvmsim::vios {
namespace {

struct PumpDue {
    static constexpr std::string_view kName = "test-pump";
};

constexpr wire::Ipv4Address kServer{0x0a01'0001};
constexpr std::uint32_t kFrameBytes = 1500;

struct SizingOptions {
    std::int32_t vios_hundredths = 10;
    std::string thread = "1";
    sim::Duration frame_interval{50us};
    sim::Duration disk_interval{250us};
};

/// The client sends a request of 1500 bytes and a read of 4 KiB at their intervals.
class SizingSite : public sim::Entity, public aix::InterfaceUser {
  public:
    static constexpr PartitionId kVios{1};
    static constexpr PartitionId kClient{2};

    explicit SizingSite(const SizingOptions& options) : options_(options), engine(1), lan(engine), disk_load(engine) {
        engine.trace().attach(log);
        system = std::move(*hypervisor::ManagedSystem::create(engine, {.name = "cec", .type_model = "8205-E6C"}));
        build_vios();
        build_client();
        EXPECT_TRUE(system->start_settled(kVios));
        EXPECT_TRUE(system->start_settled(kClient));
        lan.settle();
        engine.run_until(sim::kStartOfRun + 100ms);
        entity_ = engine.add(*this, "pump");
    }

    /// Loads for `span`, then waits until everything is done.
    void load(sim::Duration span) {
        end_ = engine.now() + span;
        next_frame_ = next_read_ = engine.now();
        engine.schedule_in(sim::Duration{0}, entity_, PumpDue{});
        engine.run_until(end_ + 5s);
    }
    void on_event(const sim::Event&) override {
        if (engine.now() >= end_) return;
        if (engine.now() == next_frame_) {
            interface->send(wire::FrameType::kRequest, kServer, ++sent, kFrameBytes);
            next_frame_ += options_.frame_interval;
        }
        if (engine.now() == next_read_) {
            disk_load.ask(*client->disks().disks().at(0));
            next_read_ += options_.disk_interval;
        }
        engine.schedule_at(std::min(next_frame_, next_read_), entity_, PumpDue{});
    }
    void on_answer(const wire::Frame& frame) override { answered += frame.type == wire::FrameType::kResponse; }
    void digest(sim::Digest&) const override {}

    [[nodiscard]] sim::Duration read_time_max() const {
        sim::Duration longest{0};
        for (const auto& read : disk_load.outcomes) longest = std::max(longest, read.done - read.sent);
        return longest;
    }
    [[nodiscard]] const IoProcessorCounters& counters() const { return IoProcessor::find(*vios)->counters(); }
    [[nodiscard]] double core_s() const { return sim::to_seconds(IoProcessor::find(*vios)->core_time()); }
    [[nodiscard]] double consumed_s() const {
        return system->dispatcher().consumed(engine.now(), kVios).total.core_seconds();
    }

  private:
    void define(PartitionId id, const std::string& name, hypervisor::PartitionProfile profile) {
        hypervisor::PartitionConfig config{.lpar_id = id, .name = name, .profile = std::move(profile)};
        if (id == kVios) config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        const auto defined = system->define_partition(std::move(config));
        ASSERT_TRUE(defined.has_value()) << defined.error().text;
    }
    void build_vios() {
        hypervisor::PartitionProfile profile;
        profile.desired_proc_units = {options_.vios_hundredths};
        profile.sharing_mode = hypervisor::SharingMode::kCapped;
        profile.virtual_eth_adapters = {{.slot_num = SlotNumber{11},
                                         .ieee_virtual_eth = true,
                                         .port_vlan_id = wire::VlanId{1},
                                         .addl_vlan_ids = {},
                                         .trunk_priority = 1}};
        profile.virtual_scsi_adapters = {{.slot_num = SlotNumber{20},
                                          .adapter_type = hypervisor::AdapterRole::kServer,
                                          .remote_lpar_id = kClient,
                                          .remote_slot_num = SlotNumber{20}}};
        define(kVios, "vios1", std::move(profile));
        vios = std::make_unique<aix::OperatingSystem>(engine, *system, kVios, aix::OperatingSystemConfig{});
        const auto ethernet_switch = lan.add_switch({.name = "sw1", .vlans = {}});
        lan.add_host({.name = "server", .addresses = {{wire::VlanId{1}, kServer}}}, ethernet_switch);
        auto& port = lan.add_nic_port("cec/C1-T1", wire::MacAddress::from_integer(0x0009'6b00'0001u));
        lan.connect(port, ethernet_switch, {.trunk = true, .allowed_vlans = {}, .portfast = true});
        auto& real = vios->add_device<aix::PhysicalEthernetAdapter>("ent0", port);
        auto& trunk = vios->add_device<aix::VirtualEthernetAdapterDevice>("ent1", SlotNumber{11});
        sea = &vios->add_device<SharedEthernetAdapter>("ent2", SeaConfig{.real_adapter = &real,
                                                                         .virt_adapters = {&trunk},
                                                                         .pvid_adapter = &trunk,
                                                                         .ctl_chan = nullptr,
                                                                         .timing = {}});
        sea->attributes().set("thread", options_.thread);
        vios->disks().set_disk_attributes({{"queue_depth", "64"}});
        auto& backing = vios->add_device<BackingAdapter>("fcs0");
        const auto identity = aix::identity_of("array.lun0");
        backing.units.push_back({{.target = 0x50, .lun = wire::LunNumber{0}}, identity, 10ull << 30});
        vios->add_device<VscsiHostAdapter>("vhost0", SlotNumber{20}).add_target("vtscsi0", identity);
    }
    void build_client() {
        hypervisor::PartitionProfile profile;
        profile.virtual_eth_adapters = {
            {.slot_num = SlotNumber{2}, .port_vlan_id = wire::VlanId{1}, .addl_vlan_ids = {}}};
        profile.virtual_scsi_adapters = {{.slot_num = SlotNumber{20},
                                          .adapter_type = hypervisor::AdapterRole::kClient,
                                          .remote_lpar_id = kVios,
                                          .remote_slot_num = SlotNumber{20}}};
        define(kClient, "app1", std::move(profile));
        client = std::make_unique<aix::OperatingSystem>(engine, *system, kClient, aix::OperatingSystemConfig{});
        client->disks().set_disk_attributes({{"queue_depth", "64"}});
        auto& adapter = client->add_device<aix::VirtualEthernetAdapterDevice>("ent0", SlotNumber{2});
        interface =
            &client->add_device<aix::NetworkInterface>("en0", adapter, wire::kUntagged, wire::Ipv4Address{0x0a01'0064});
        interface->add_user(*this);
        client->add_device<aix::VscsiClientAdapter>("vscsi0", SlotNumber{20});
    }

    SizingOptions options_;
    sim::EntityId entity_ = sim::kNoEntity;
    sim::SimTime end_;
    sim::SimTime next_frame_;
    sim::SimTime next_read_;

  public:
    sim::Engine engine;
    LogBook log;
    fabric::Lan lan;
    Application disk_load;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::unique_ptr<aix::OperatingSystem> vios;
    std::unique_ptr<aix::OperatingSystem> client;
    SharedEthernetAdapter* sea = nullptr;
    aix::NetworkInterface* interface = nullptr;
    std::uint32_t sent = 0;
    std::uint32_t answered = 0;
};

TEST(ViosSizing, vios_of_a_whole_unit_serves_at_the_disks_speed_and_consumes_what_its_io_costs) {
    SizingSite site({.vios_hundredths = 100});
    site.load(1s);
    EXPECT_EQ(site.answered, site.sent);
    EXPECT_EQ(site.read_time_max(), 1ms + 32us) << "the published latency and no more";
    EXPECT_EQ(site.counters().works_late, 0u);
    EXPECT_EQ(site.counters().frames_dropped, 0u);
    EXPECT_EQ(site.log.count("io-processor"), 0u);

    const auto frames = static_cast<double>(site.sea->real_side().bridged + site.sea->virtual_side().bridged);
    const double cycles = frames * static_cast<double>(sea_frame_cycles({}, kFrameBytes)) +
                          4000.0 * static_cast<double>(vscsi_cycles(4096, VscsiBacking::kPhysicalVolume));
    EXPECT_NEAR(frames, 40'000, 10);
    EXPECT_NEAR(site.core_s(), cycles / 6.475e9, 1e-5) << "a few frames of ARP are smaller";
    EXPECT_NEAR(site.consumed_s(), site.core_s(), 1e-7);
}

TEST(ViosSizing, vios_of_a_tenth_slows_its_clients_disks_and_drops_frames) {
    SizingSite site({.vios_hundredths = 10});
    site.load(1s);
    EXPECT_LT(site.answered, site.sent - 1000);
    EXPECT_GT(site.counters().frames_dropped, 1000u);
    EXPECT_EQ(site.counters().frames_dropped, site.sea->real_side().dropped + site.sea->virtual_side().dropped);
    EXPECT_GT(site.read_time_max(), 50ms);
    EXPECT_EQ(site.disk_load.answered(), site.disk_load.outcomes.size()) << "slow, but nothing is lost";
    EXPECT_NEAR(site.consumed_s(), site.core_s(), 1e-7);
    EXPECT_LT(site.counters().backlog_max, 100ms);
    EXPECT_EQ(site.log.count("vios1/iocpu0 io-processor: work for virtual I/O waits"), 1u) << "said once";
}

TEST(ViosSizing, frames_that_wait_keep_their_order) {
    SizingSite site({.vios_hundredths = 10});
    struct Listener : aix::InterfaceUser {
        std::uint32_t last = 0;
        std::uint32_t overtakings = 0;
        void on_answer(const wire::Frame& frame) override {
            if (frame.type != wire::FrameType::kResponse) return;
            overtakings += frame.serial < last;
            last = frame.serial;
        }
    } listener;
    site.interface->add_user(listener);
    site.load(500ms);
    EXPECT_GT(site.counters().works_late, 1000u);
    EXPECT_EQ(listener.overtakings, 0u);
}

TEST(ViosSizing, without_threads_the_same_frames_cost_a_sixth_less) {
    SizingSite threaded({.vios_hundredths = 100, .disk_interval = 10s});
    SizingSite interrupt({.vios_hundredths = 100, .thread = "0", .disk_interval = 10s});
    threaded.load(500ms);
    interrupt.load(500ms);
    EXPECT_NEAR(interrupt.core_s() / threaded.core_s(), 9.3 / 11.2, 0.002);
}

TEST(ViosSizing, sea_of_a_vios_that_goes_off_forgets_the_frames_that_waited) {
    SizingSite site({.vios_hundredths = 10});
    site.load(1ms);
    for (std::uint32_t i = 0; i < 2000; ++i) site.interface->send(wire::FrameType::kRequest, kServer, i, kFrameBytes);
    site.engine.run_until(site.engine.now() + 1ms);
    const auto answered = site.answered;
    EXPECT_GT(site.counters().works_late, 0u);
    ASSERT_TRUE(site.system->power_off(SizingSite::kVios));
    site.engine.run_until(site.engine.now() + 1s);
    EXPECT_EQ(site.answered, answered);
}

}  // namespace
}  // namespace pvmsim::vios
