// A machine of 64 GB with a shared memory pool of 16 GB and two paging VIOSes, whose paging service answers at once or
// not at all. Partitions have no software.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hypervisor/managed_system.hpp"

namespace pvmsim::hypervisor {

/// Says that it serves whom the console gave a device that it reaches; keeps what it was asked.
class ScriptedPagingServer final : public PagingServer {
  public:
    ScriptedPagingServer(ManagedSystem& system, PartitionId vios) : system_(system), vios_(vios) {}

    [[nodiscard]] bool serves(PartitionId id) const override {
        const PagingSpace* const space = system_.paging_spaces().space_of(id);
        const PagingDevice* const device = space == nullptr ? nullptr : space->at(vios_);
        return device != nullptr && device->usable;
    }
    void submit(const PagingRequest& request) override { requests.push_back(request); }
    void forget_requests() override {
        requests.clear();
        ++forgotten;
    }
    [[nodiscard]] CoreRate spare_capacity() override { return {}; }
    void charge_deduplication(std::int64_t) override {}

    std::vector<PagingRequest> requests;
    std::uint32_t forgotten = 0;

  private:
    ManagedSystem& system_;
    PartitionId vios_;
};

inline constexpr PartitionId kVios1{1};
inline constexpr PartitionId kVios2{2};
inline constexpr PartitionId kApp{3};
inline constexpr std::uint64_t kGib = 1024;  ///< in MiB

inline MemoryPoolConfig pool_of_16() {
    return {.pool_mem_mib = 16 * kGib,
            .max_pool_mem_mib = 24 * kGib,
            .primary_paging_vios = kVios1,
            .secondary_paging_vios = kVios2};
}

inline SystemConfig sharing_machine() {
    SystemConfig config;
    config.name = "p740a";
    config.type_model = "8205-E6C";
    config.cores = 16;
    config.memory_bytes = 64 * kGibibyte;
    config.memory_pool = pool_of_16();
    return config;
}

inline PartitionConfig vios_config(PartitionId id) {
    PartitionConfig config{.lpar_id = id, .name = "vios" + std::to_string(id.value()), .profile = {}};
    config.lpar_env = PartitionEnvironment::kVioServer;
    return config;
}

/// Desired 12 GB, at most 16 GB, one virtual Ethernet and one virtual SCSI adapter.
inline PartitionConfig app_config(PartitionId id = kApp) {
    PartitionConfig config{.lpar_id = id, .name = "app" + std::to_string(id.value()), .profile = {}};
    config.profile.mem_mode = MemoryMode::kShared;
    config.profile.min_mem_mib = 1 * kGib;
    config.profile.desired_mem_mib = 12 * kGib;
    config.profile.max_mem_mib = 16 * kGib;
    config.profile.virtual_eth_adapters.push_back({.slot_num = SlotNumber{4}});
    config.profile.virtual_scsi_adapters.push_back(
        {.slot_num = SlotNumber{5}, .remote_lpar_id = kVios1, .remote_slot_num = SlotNumber{10}});
    return config;
}

class SharedMemoryTest : public testing::Test {
  protected:
    SharedMemoryTest() { build(sharing_machine()); }

    void build(const SystemConfig& config) {
        servers.clear();
        system.reset();
        system = std::move(ManagedSystem::create(engine, config)).value();
    }
    void define(PartitionConfig config) {
        const auto defined = system->define_partition(std::move(config));
        ASSERT_TRUE(defined) << defined.error().text;
    }
    void define_vioses() {
        define(vios_config(kVios1));
        define(vios_config(kVios2));
    }
    /// A disk of so many GB, reached through these VIOSes from the moment they are up.
    void add_device(std::uint64_t unit, std::uint64_t size_gib, const std::vector<PartitionId>& vioses) {
        for (const PartitionId vios : vioses) {
            const auto added = system->add_paging_device(
                {.vios = vios, .name = "hdisk" + std::to_string(unit), .unit = unit, .size_mib = size_gib * kGib});
            ASSERT_TRUE(added) << added.error().text;
        }
    }
    /// The VIOS is up, its paging service too, and reaches its devices.
    void start_vios(PartitionId vios) {
        const auto started = system->start_settled(vios);
        ASSERT_TRUE(started) << started.error().text;
        servers.push_back(std::make_unique<ScriptedPagingServer>(*system, vios));
        system->attach_paging_server(vios, *servers.back());
        reach_all(vios, true);
    }
    void reach_all(PartitionId vios, bool usable) {
        for (const PagingSpace& space : system->paging_spaces().all())
            if (space.at(vios) != nullptr) system->set_paging_device_usable(vios, space.unit, usable);
    }
    /// Both VIOSes, a redundant device of 16 GB, and the partition on it.
    void start_app() {
        define_vioses();
        add_device(7, 16, {kVios1, kVios2});
        start_vios(kVios1);
        start_vios(kVios2);
        define(app_config());
        const auto started = system->start_settled(kApp);
        ASSERT_TRUE(started) << started.error().text;
    }
    [[nodiscard]] std::uint64_t fingerprint() const {
        sim::Digest digest;
        system->digest(digest);
        if (system->has_memory_pool()) system->memory_sharing().digest(digest);
        digest.add(engine.fingerprint());
        return digest.value();
    }
    /// Refused with this code and exactly this text, and nothing is different.
    void refuse(const std::function<Result<void>()>& operation, ErrorCode code, const std::string& text) {
        const std::uint64_t before = fingerprint();
        const auto result = operation();
        ASSERT_FALSE(result) << "should say: " << text;
        EXPECT_EQ(result.error().code, code) << result.error().text;
        EXPECT_EQ(result.error().text, text);
        EXPECT_EQ(fingerprint(), before) << text;
    }
    void refuse_definition(const PartitionConfig& config, const std::string& text) {
        refuse(
            [&]() -> Result<void> {
                PVMSIM_TRY(system->define_partition(config));
                return {};
            },
            ErrorCode::kInvalidProfile, text);
    }
    void refuse_activation(PartitionId id, ErrorCode code, const std::string& text) {
        refuse([&] { return system->activate(id); }, code, text);
    }
    void run(sim::Duration span) { engine.run_until(engine.now() + span); }
    [[nodiscard]] const GivenResources& given(PartitionId id = kApp) const { return system->partition(id).given; }
    [[nodiscard]] const PagingSpace* space_of(PartitionId id) const { return system->paging_spaces().space_of(id); }

    sim::Engine engine{1};
    std::unique_ptr<ManagedSystem> system;
    std::vector<std::unique_ptr<ScriptedPagingServer>> servers;
};

}  // namespace pvmsim::hypervisor
