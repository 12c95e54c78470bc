// A small SAN for tests of Fibre Channel: two fabrics of one switch each, an array with controllers A and B that have a
// port in each fabric, and one server whose partitions the test defines. Whoever is named a host sees all units.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aix/fc/fc_adapter.hpp"
#include "aix/fc/fscsi.hpp"
#include "aix/os/operating_system.hpp"
#include "fabric/san/san.hpp"
#include "fabric/storage/storage_array.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

inline constexpr sim::Duration kServiceTime = std::chrono::milliseconds(5);

/// Sends commands to an adapter and keeps the books of their answers.
class Prober : public DiskPathUser {
  public:
    struct Probe {
        sim::SimTime sent;
        sim::SimTime answered = sim::kEndOfTime;
        wire::ScsiStatus status = wire::ScsiStatus::kBusy;
        std::uint32_t answers = 0;
    };

    explicit Prober(sim::Engine& engine) : engine_(engine) {}

    /// The number of the probe. One that is refused at once counts as answered.
    std::size_t send(ScsiInitiator& initiator, UnitAddress unit, std::uint32_t timeout_s = 30) {
        const auto number = probes_.size();
        probes_.push_back({.sent = engine_.now()});
        submitting_ = true;
        const auto refusal = initiator.submit({.user = this,
                                               .request = static_cast<std::uint32_t>(number),
                                               .path = 7,
                                               .unit = unit,
                                               .block = 8 * number,
                                               .size_bytes = 4096,
                                               .timeout_s = timeout_s});
        submitting_ = false;
        if (refusal != wire::ScsiStatus::kGood) answer(number, refusal);
        return number;
    }

    void on_command_done(std::uint32_t request, std::uint32_t path, wire::ScsiStatus status) override {
        EXPECT_FALSE(submitting_) << "answered from within submit()";
        EXPECT_EQ(path, 7u);
        ASSERT_LT(request, probes_.size());
        answer(request, status);
        if (on_answer) on_answer(request);
    }

    [[nodiscard]] const Probe& operator[](std::size_t number) const { return probes_[number]; }
    [[nodiscard]] std::size_t size() const { return probes_.size(); }
    [[nodiscard]] std::size_t count(wire::ScsiStatus status) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            probes_, [&](const Probe& probe) { return probe.answers > 0 && probe.status == status; }));
    }
    [[nodiscard]] std::size_t unanswered() const {
        return static_cast<std::size_t>(std::ranges::count(probes_, 0u, &Probe::answers));
    }

    std::function<void(std::size_t)> on_answer;

  private:
    void answer(std::size_t number, wire::ScsiStatus status) {
        auto& probe = probes_[number];
        EXPECT_EQ(++probe.answers, 1u) << "probe " << number << " answered again";
        probe.status = status;
        probe.answered = engine_.now();
    }

    sim::Engine& engine_;
    std::vector<Probe> probes_;
    bool submitting_ = false;
};

/// Requests of a disk, for the way through MPIO.
class Reader : public DiskUser {
  public:
    explicit Reader(Disk& disk) : disk_(disk) {}
    void read() { disk_.submit({.user = this, .cookie = asked++, .size_bytes = 4096}); }
    void on_request_done(std::uint32_t, wire::ScsiStatus status, std::uint32_t) override {
        ++(status == wire::ScsiStatus::kGood ? good : bad);
    }
    std::uint32_t asked = 0, good = 0, bad = 0;

  private:
    Disk& disk_;
};

class FcSite : public testing::Test {
  protected:
    static constexpr std::uint64_t kArrayWwpns = 0x5005'0768'0140'0000;
    static constexpr std::uint64_t kHostWwpns = 0x1000'0000'c900'0000;

    FcSite() { build_system(); }

    /// `npiv` false: the switches refuse further logins.
    void build_san(std::vector<wire::Wwpn> hosts, bool npiv = true, bool zoned = true) {
        for (std::size_t index = 0; index < 2; ++index) {
            const std::string letter(1, static_cast<char>('a' + index));
            fabrics[index] =
                san.add_fabric({.name = "fabric_" + letter, .npiv = npiv, .default_zone_all_access = false});
            switches[index] = san.add_switch(fabrics[index], "fcsw_" + letter);
        }
        for (std::uint32_t controller = 0; controller < 2; ++controller) {
            for (std::uint32_t index = 0; index < 2; ++index) {
                const auto wwpn = target_wwpn(controller, index);
                const std::string letter(1, static_cast<char>('A' + controller));
                auto& port = san.add_port("ds1/" + letter + "-P" + std::to_string(index), wwpn, true);
                san.connect(port, switches[index]);
                array.add_port(letter, port);
            }
        }
        for (const char* lun : {"lun0", "lun1"})
            array.add_lun({.name = lun, .size_bytes = 10ull << 30, .hosts = hosts});
        if (zoned)
            for (const auto host : hosts) zone(host);
        array.start();
    }

    /// A zone of one host with both ports of the array, in each fabric.
    void zone(wire::Wwpn host) {
        for (std::uint32_t index = 0; index < 2; ++index)
            san.add_zone(fabrics[index], "z_" + wire::to_string(host) + std::to_string(index),
                         {host, target_wwpn(0, index), target_wwpn(1, index)});
    }

    [[nodiscard]] static wire::Wwpn target_wwpn(std::uint32_t controller, std::uint32_t fabric_index) {
        return wire::Wwpn{kArrayWwpns + 0x10 * controller + fabric_index};
    }
    [[nodiscard]] static wire::Wwpn host_wwpn(std::uint32_t number) { return wire::Wwpn{kHostWwpns + number}; }
    [[nodiscard]] static UnitAddress unit(std::uint32_t controller, std::uint32_t fabric_index, std::uint64_t lun = 0) {
        return {.target = target_wwpn(controller, fabric_index).value(), .lun = wire::LunNumber{lun << 48}};
    }

    fabric::FcPort& add_host_port(std::uint32_t number, std::size_t fabric_index) {
        auto& port = san.add_port("p740/C" + std::to_string(number + 1) + "-T1", host_wwpn(number), false);
        host_cables.push_back(san.connect(port, switches[fabric_index]));
        return port;
    }

    OperatingSystem& add_partition(hypervisor::PartitionConfig config, OperatingSystemConfig os_config = {}) {
        const auto id = config.lpar_id;
        const auto defined = system->define_partition(std::move(config));
        EXPECT_TRUE(defined.has_value()) << (defined ? "" : defined.error().text);
        systems.push_back(std::make_unique<OperatingSystem>(engine, *system, id, os_config));
        return *systems.back();
    }

    void start(OperatingSystem& os) {
        const auto started = system->start_settled(os.partition_id());
        ASSERT_TRUE(started.has_value()) << started.error().text;
    }

    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }
    void run_to(sim::Duration at) { engine.run_until(sim::kStartOfRun + at); }

    template <class T, class Code>
    static void expect_done(const sim::Result<T, Code>& result) {
        EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().text);
    }

    static void set(Device& device, std::string_view name, std::string_view value) {
        device.attributes().set(name, value);
    }

    sim::Engine engine{7};
    fabric::San san{engine};
    fabric::StorageArray array{engine, {.name = "ds1", .controllers = 2, .service_time = kServiceTime}};
    std::array<fabric::SanFabricId, 2> fabrics;
    std::array<fabric::FcSwitchId, 2> switches;
    std::vector<fabric::FcCableId> host_cables;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::vector<std::unique_ptr<OperatingSystem>> systems;
    Prober prober{engine};

  private:
    void build_system() {
        auto created =
            hypervisor::ManagedSystem::create(engine, {.name = "p740", .type_model = "8205-E6C", .slots = {}});
        if (!created) throw std::runtime_error(created.error().text);
        system = std::move(*created);
    }
};

}  // namespace pvmsim::aix
