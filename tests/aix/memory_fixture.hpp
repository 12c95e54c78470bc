// Partitions with memory on one system, dedicated or out of a shared pool with one paging VIOS, for tests of what an
// operating system does with it.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "aix/memory/memory_stat.hpp"
#include "aix/os/operating_system.hpp"
#include "aix/workload/memory_load.hpp"
#include "aix/workload/workload.hpp"
#include "hypervisor/managed_system.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix::test {

inline constexpr hypervisor::PartitionId kPagingVios{90};

struct PageAnswered {
    static constexpr std::string_view kName = "page-answered";
    std::uint32_t tag;
};

/// Answers each request after a millisecond.
class PagingStub : public hypervisor::PagingServer, public sim::Entity {
  public:
    PagingStub(sim::Engine& engine, hypervisor::ManagedSystem& system)
        : engine_(engine), system_(system), entity_(engine.add(*this, "paging-stub")) {}
    [[nodiscard]] bool serves(hypervisor::PartitionId) const override { return true; }
    void submit(const hypervisor::PagingRequest& request) override {
        ++submitted;
        if (is_silent) return;
        engine_.schedule_in(std::chrono::milliseconds{1}, entity_, PageAnswered{request.tag});
    }
    [[nodiscard]] hypervisor::CoreRate spare_capacity() override { return spare; }
    void charge_deduplication(std::int64_t) override {}
    void on_event(const sim::Event& event) override {
        system_.paging_done(kPagingVios, event.as<PageAnswered>()->tag, !fails);
    }
    void digest(sim::Digest&) const override {}

    std::uint64_t submitted = 0;
    bool is_silent = false;  ///< takes requests and never answers
    bool fails = false;      ///< cannot read nor write
    hypervisor::CoreRate spare{};

  private:
    sim::Engine& engine_;
    hypervisor::ManagedSystem& system_;
    sim::EntityId entity_;
};

struct MemorySite {
    struct Lpar {
        std::uint64_t mib = 1024;
        bool is_shared = false;
        MemoryConfig config{.kernel_bytes = 64 * hypervisor::kMebibyte,
                            .os_text_bytes = 64 * hypervisor::kMebibyte,
                            .file_cache_bytes = 0};
        std::uint32_t mem_expansion_hundredths = 0;
        std::optional<MemoryLoadConfig> load{};
        std::uint64_t max_mib = 4096;
    };
    sim::Engine engine{7};
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::vector<std::unique_ptr<OperatingSystem>> systems;
    std::vector<std::unique_ptr<Workload>> workloads;
    std::unique_ptr<PagingStub> paging;

    /// No pool with pool_mib 0.
    explicit MemorySite(std::vector<Lpar> lpars, std::uint64_t pool_mib = 0, bool mem_dedup = false) {
        hypervisor::SystemConfig config{.name = "cec",
                                        .type_model = "8205-E6C",
                                        .cores = 16,
                                        .memory_bytes = 64 * hypervisor::kGibibyte,
                                        .mem_region_size_mib = 256,
                                        .active_mem_expansion_capable = true};
        if (pool_mib > 0)
            config.memory_pool = hypervisor::MemoryPoolConfig{.pool_mem_mib = pool_mib,
                                                              .max_pool_mem_mib = pool_mib,
                                                              .primary_paging_vios = kPagingVios,
                                                              .mem_dedup = mem_dedup};
        system = check(hypervisor::ManagedSystem::create(engine, config));
        if (pool_mib > 0) start_paging_vios();
        for (const auto& lpar : lpars) define(lpar);
    }
    template <class T>
    static T check(hypervisor::Result<T> result) {
        if (!result) throw std::runtime_error(result.error().text);
        if constexpr (!std::is_void_v<T>) return std::move(*result);
    }
    void start_paging_vios() {
        hypervisor::PartitionConfig vios{
            .lpar_id = kPagingVios, .name = "vios1", .lpar_env = hypervisor::PartitionEnvironment::kVioServer};
        check(system->define_partition(vios));
        paging = std::make_unique<PagingStub>(engine, *system);
        check(system->start_settled(kPagingVios));
        system->attach_paging_server(kPagingVios, *paging);
    }
    void define(const Lpar& lpar) {
        const auto number = static_cast<std::uint16_t>(systems.size() + 1);
        hypervisor::PartitionConfig config{.lpar_id = hypervisor::PartitionId{number},
                                           .name = "lpar" + std::to_string(number)};
        auto& profile = config.profile;
        profile.desired_mem_mib = lpar.mib;
        profile.max_mem_mib = std::max(lpar.max_mib, lpar.mib);
        profile.desired_procs = profile.max_procs = 4;
        profile.desired_proc_units = {100};
        profile.mem_expansion_hundredths = lpar.mem_expansion_hundredths;
        if (lpar.is_shared) {
            profile.virtual_eth_adapters.push_back({.slot_num = hypervisor::SlotNumber{2}});
            profile.mem_mode = hypervisor::MemoryMode::kShared;
            check(system->add_paging_device({.vios = kPagingVios,
                                             .name = "hdisk" + std::to_string(number),
                                             .unit = number,
                                             .size_mib = profile.max_mem_mib,
                                             .usable = true}));
        }
        check(system->define_partition(config));
        systems.push_back(std::make_unique<OperatingSystem>(engine, *system, config.lpar_id,
                                                            OperatingSystemConfig{.memory = lpar.config}));
        WorkloadConfig work{};
        work.memory = lpar.load;
        workloads.push_back(std::make_unique<Workload>(*systems.back(), work));
    }
    void start_all() {
        for (const auto& os : systems) check(system->start_settled(os->partition_id()));
    }
    void run_for(sim::Duration span) { engine.run_until(engine.now() + span); }
    Memory& memory(std::size_t index = 0) { return systems[index]->memory(); }
    MemoryLoad& load(std::size_t index = 0) { return *workloads[index]->memory_load(); }
    MemoryLoadResult result(std::size_t index = 0) { return load(index).result(engine.now()); }
    hypervisor::MemorySharing& sharing() { return system->memory_sharing(); }
};

inline constexpr std::uint64_t kMib = hypervisor::kMebibyte;

}  // namespace pvmsim::aix::test
