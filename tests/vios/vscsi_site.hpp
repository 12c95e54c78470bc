// A small site for virtual SCSI tests: one or two VIOSes that reach the same scripted backing disks, and one client.
//
// The backing disks answer after a scripted time, with a scripted outcome or not at all; everything between them and
// the client's hdisk is the real thing: server adapter, CRQ, client adapter, multipath on both sides.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "aix/storage/disk.hpp"
#include "aix/vscsi/client_adapter.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/trace/tracer.hpp"
#include "vios/vscsi/host_adapter.hpp"

namespace pvmsim::vios {

using namespace std::chrono_literals;  // tidy: allow(using-namespace) literals alone, for the tests that include it
using hypervisor::PartitionId;
using hypervisor::SlotNumber;
using wire::ScsiOperation;
using wire::ScsiStatus;

struct BackingAnswerDue {
    static constexpr std::string_view kName = "test-backing-answer";
    std::uint32_t number;
};
struct BackingLogin {
    static constexpr std::string_view kName = "test-backing-login";
};

/// Stands for a storage adapter of a VIOS with disks behind it.
class BackingAdapter : public aix::Device, public aix::ScsiInitiator {
  public:
    enum class Mode { kWorks, kDead, kSilent };

    BackingAdapter(aix::OperatingSystem& os, std::string name) : Device(os, std::move(name), aix::no_attributes()) {}

    std::vector<aix::DiscoveredUnit> units;
    Mode mode = Mode::kWorks;
    ScsiStatus dead_status = ScsiStatus::kTransportError;
    sim::Duration latency{1'000'000};
    sim::Duration login_time{2'000'000};
    std::uint64_t commands = 0;

    const std::string& initiator_name() const override { return name(); }
    ScsiStatus submit(const aix::PathCommand& command) override {
        ++commands;
        if (mode == Mode::kSilent) return ScsiStatus::kGood;
        under_way_[++number_] = command;
        engine().schedule_in(latency, entity(), BackingAnswerDue{number_});
        return ScsiStatus::kGood;
    }
    std::string_view description() const override { return "backing adapter of a test"; }
    void report() { os().disks().report_units(*this, units); }
    void on_event(const sim::Event& event) override {
        if (event.is<BackingLogin>()) return report();
        const auto* due = event.as<BackingAnswerDue>();
        ASSERT_NE(due, nullptr);
        const auto command = under_way_.extract(due->number).mapped();
        command.user->on_command_done(command.request, command.path,
                                      mode == Mode::kDead ? dead_status : ScsiStatus::kGood);
    }

  protected:
    void on_configure() override { engine().schedule_in(login_time, entity(), BackingLogin{}); }
    void on_unconfigure() override { under_way_.clear(); }

  private:
    std::uint32_t number_ = 0;
    std::map<std::uint32_t, aix::PathCommand> under_way_;
};

/// A client's application: asks a disk and remembers what came of each request.
class Application : public aix::DiskUser {
  public:
    struct Outcome {
        std::uint32_t answers = 0;
        ScsiStatus status = ScsiStatus::kGood;
        sim::SimTime sent{};
        sim::SimTime done{};
    };
    explicit Application(sim::Engine& engine) : engine_(engine) {}

    std::uint32_t ask(aix::Disk& disk, ScsiOperation operation = ScsiOperation::kRead,
                      std::uint32_t size_bytes = 4096) {
        const auto cookie = static_cast<std::uint32_t>(outcomes.size());
        outcomes.push_back({.sent = engine_.now()});
        disk.submit(
            {.user = this, .cookie = cookie, .operation = operation, .block = cookie, .size_bytes = size_bytes});
        return cookie;
    }
    void on_request_done(std::uint32_t cookie, ScsiStatus status, std::uint32_t) override {
        auto& outcome = outcomes.at(cookie);
        ++outcome.answers;
        outcome.status = status;
        outcome.done = engine_.now();
    }
    [[nodiscard]] std::size_t answered() const {
        std::size_t count = 0;
        for (const auto& outcome : outcomes) count += outcome.answers > 0 ? 1 : 0;
        return count;
    }

    std::vector<Outcome> outcomes;

  private:
    sim::Engine& engine_;
};

/// Collects milestones as "path name: text".
class LogBook : public sim::TraceSink {
  public:
    [[nodiscard]] bool wants_details() const override { return false; }
    void record(const sim::TraceRecord& record) override {
        lines.push_back(std::string(record.entity) + " " + std::string(record.name) + ": " + std::string(record.text));
    }
    [[nodiscard]] std::size_t count(std::string_view part) const {
        std::size_t found = 0;
        for (const auto& line : lines) found += line.find(part) != std::string::npos ? 1 : 0;
        return found;
    }
    std::vector<std::string> lines;
};

struct VscsiSiteOptions {
    std::uint32_t vios_count = 1;
    std::uint32_t disk_count = 1;
    std::string path_timeout = "0";
    std::string error_recovery = "delayed_fail";
    std::string health_check_interval = "0";
    std::string queue_depth = "3";
    std::uint64_t seed = 1;
};

class VscsiSite {
  public:
    static constexpr PartitionId kClient{3};

    explicit VscsiSite(const VscsiSiteOptions& options) : engine(options.seed), application(engine) {
        engine.trace().attach(log);
        auto created = hypervisor::ManagedSystem::create(engine, {.name = "p740a", .type_model = "8205-E6C"});
        system = std::move(created).value();
        for (std::uint32_t number = 1; number <= options.vios_count; ++number) build_vios(number, options);
        build_client(options);
        for (const auto& vios : vioses) EXPECT_TRUE(system->start_settled(vios->partition_id()));
        EXPECT_TRUE(system->start_settled(kClient));
        engine.run_until(sim::kStartOfRun + 100ms);
    }

    void run(sim::Duration span) { engine.run_until(engine.now() + span); }
    [[nodiscard]] aix::Disk& disk(std::size_t number = 0) { return *client->disks().disks().at(number); }
    [[nodiscard]] PartitionId vios(std::size_t number = 0) const { return vioses.at(number)->partition_id(); }

    sim::Engine engine;
    LogBook log;
    Application application;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::vector<std::unique_ptr<aix::OperatingSystem>> vioses;
    std::vector<BackingAdapter*> backings;
    std::vector<VscsiHostAdapter*> hosts;
    std::unique_ptr<aix::OperatingSystem> client;
    std::vector<aix::VscsiClientAdapter*> adapters;

  private:
    static SlotNumber slot_of(std::uint32_t number) { return SlotNumber{static_cast<std::uint16_t>(10 * number)}; }

    void define(PartitionId id, std::string name, std::vector<hypervisor::VirtualScsiAdapter> virtual_scsi_adapters) {
        hypervisor::PartitionConfig config{.lpar_id = id, .name = std::move(name), .profile = {}};
        if (id != kClient) config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        config.profile.virtual_scsi_adapters = std::move(virtual_scsi_adapters);
        const auto defined = system->define_partition(std::move(config));
        ASSERT_TRUE(defined.has_value()) << defined.error().text;
    }

    void build_vios(std::uint32_t number, const VscsiSiteOptions& options) {
        const PartitionId id{static_cast<std::uint16_t>(number)};
        define(id, "vios" + std::to_string(number),
               {{.slot_num = slot_of(number),
                 .adapter_type = hypervisor::AdapterRole::kServer,
                 .remote_lpar_id = kClient,
                 .remote_slot_num = slot_of(number)}});
        auto os = std::make_unique<aix::OperatingSystem>(engine, *system, id, aix::OperatingSystemConfig{});
        os->disks().set_disk_attributes({{"queue_depth", options.queue_depth}});
        backings.push_back(&os->add_device<BackingAdapter>("fcs0"));
        hosts.push_back(&os->add_device<VscsiHostAdapter>("vhost0", slot_of(number)));
        for (std::uint32_t disk = 0; disk < options.disk_count; ++disk) {
            const auto identity = aix::identity_of("array.lun" + std::to_string(disk));
            backings.back()->units.push_back({{.target = 0x50, .lun = wire::LunNumber{disk}}, identity, 10ull << 30});
            hosts.back()->add_target("vtscsi" + std::to_string(disk), identity);
        }
        vioses.push_back(std::move(os));
    }

    void build_client(const VscsiSiteOptions& options) {
        std::vector<hypervisor::VirtualScsiAdapter> slots;
        for (std::uint32_t number = 1; number <= options.vios_count; ++number)
            slots.push_back({.slot_num = slot_of(number),
                             .adapter_type = hypervisor::AdapterRole::kClient,
                             .remote_lpar_id = PartitionId{static_cast<std::uint16_t>(number)},
                             .remote_slot_num = slot_of(number)});
        define(kClient, "app1", std::move(slots));
        client = std::make_unique<aix::OperatingSystem>(engine, *system, kClient, aix::OperatingSystemConfig{});
        client->disks().set_disk_attributes(
            {{"queue_depth", options.queue_depth}, {"hcheck_interval", options.health_check_interval}});
        for (std::uint32_t number = 1; number <= options.vios_count; ++number) {
            auto& adapter =
                client->add_device<aix::VscsiClientAdapter>("vscsi" + std::to_string(number - 1), slot_of(number));
            adapter.attributes().set("vscsi_path_to", options.path_timeout);
            adapter.attributes().set("vscsi_err_recov", options.error_recovery);
            adapters.push_back(&adapter);
        }
    }
};

}  // namespace pvmsim::vios
