// A small site for tests of paging VIOSes: two VIOSes that reach the same scripted disk, a shared memory pool of 256
// MB, and a partition with 512 MB of logical memory whose pages the test touches itself.
#pragma once

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/vios/vscsi_site.hpp"
#include "vios/paging/paging_space_server.hpp"

namespace pvmsim::vios {

using hypervisor::PageNumber;

/// A scripted storage adapter that remembers what it was asked.
class PagingBacking : public BackingAdapter {
  public:
    using BackingAdapter::BackingAdapter;
    std::vector<aix::PathCommand> asked;

    ScsiStatus submit(const aix::PathCommand& command) override {
        asked.push_back(command);
        return BackingAdapter::submit(command);
    }
    [[nodiscard]] std::size_t count(ScsiOperation operation) const {
        return static_cast<std::size_t>(std::ranges::count(asked, operation, &aix::PathCommand::operation));
    }
};

/// Stands for the operating system of the partition in shared memory.
class PageUser : public hypervisor::SharedMemoryClient {
  public:
    void on_page_restored(PageNumber page, sim::Duration waited) override { restored[page].push_back(waited); }
    void on_page_lost(PageNumber page) override { lost.push_back(page); }

    std::map<PageNumber, std::vector<sim::Duration>> restored;
    std::vector<PageNumber> lost;
};

class PagingSite {
  public:
    static constexpr PartitionId kApp{3};
    static constexpr std::uint64_t kPoolMib = 256;
    static constexpr PageNumber kPoolPages = kPoolMib * hypervisor::kPagesInMib;
    static constexpr PageNumber kBeyond = 1024;  ///< pages touched beyond the pool

    explicit PagingSite(std::uint32_t vios_count = 2, std::uint64_t disk_mib = 1024,
                        sim::Duration paging_latency = 20us)
        : engine(1) {
        engine.trace().attach(log);
        hypervisor::SystemConfig config{.name = "p740a", .type_model = "8205-E6C"};
        config.memory_pool = hypervisor::MemoryPoolConfig{
            .pool_mem_mib = kPoolMib,
            .max_pool_mem_mib = kPoolMib,
            .primary_paging_vios = PartitionId{1},
            .secondary_paging_vios = vios_count > 1 ? PartitionId{2} : hypervisor::kNoPartition,
            .paging_latency = paging_latency};
        system = std::move(hypervisor::ManagedSystem::create(engine, config)).value();
        for (std::uint32_t number = 1; number <= vios_count; ++number) build_vios(number, disk_mib);
        hypervisor::PartitionConfig app{.lpar_id = kApp, .name = "app1", .profile = {}};
        app.profile.mem_mode = hypervisor::MemoryMode::kShared;
        app.profile.min_mem_mib = app.profile.desired_mem_mib = app.profile.max_mem_mib = 512;
        EXPECT_TRUE(system->define_partition(app));
    }

    void start() {
        for (const auto& vios : vioses) ASSERT_TRUE(system->start_settled(vios->partition_id()));
        const auto started = system->start_settled(kApp);
        ASSERT_TRUE(started) << started.error().text;
        sharing().set_client(kApp, &user);
        run(100ms);
    }
    void run(sim::Duration span) { engine.run_until(engine.now() + span); }
    [[nodiscard]] hypervisor::MemorySharing& sharing() { return system->memory_sharing(); }

    /// Writes these pages; those that are not at hand are waited for.
    std::uint32_t write(PageNumber first, PageNumber count) {
        std::uint32_t faults = 0;
        for (PageNumber word = first / 64; word < (first + count) / 64; ++word) {
            std::uint64_t missing = sharing().touch(kApp, word, ~0ull, ~0ull);
            for (; missing != 0; missing &= missing - 1, ++faults)
                sharing().fault(kApp, word * 64 + static_cast<PageNumber>(std::countr_zero(missing)), true);
        }
        return faults;
    }
    /// The pool is full and some pages of the partition are in paging space.
    void fill() {
        write(0, kPoolPages + kBeyond);
        run(10s);
        ASSERT_GT(sharing().counters(kApp).expropriated, kBeyond / 2);
        ASSERT_EQ(sharing().pool_counters().waiting, 0);
        user.restored.clear();
        for (auto* backing : backings) backing->asked.clear();
    }
    /// Asks for so many pages that are in paging space.
    std::vector<PageNumber> fault_stolen(std::size_t wanted) {
        std::vector<PageNumber> pages;
        for (PageNumber page = 0; page < kPoolPages + kBeyond && pages.size() < wanted; ++page) {
            if (sharing().touch(kApp, page / 64, 1ull << page % 64, 0) == 0) continue;
            sharing().fault(kApp, page, false);
            pages.push_back(page);
        }
        return pages;
    }
    /// The same, of pages that nobody has asked for yet.
    std::vector<PageNumber> fault_new(std::size_t wanted, const std::vector<PageNumber>& before) {
        std::vector<PageNumber> pages;
        for (PageNumber page = 0; page < kPoolPages + kBeyond && pages.size() < wanted; ++page) {
            if (std::ranges::find(before, page) != before.end()) continue;
            if (sharing().touch(kApp, page / 64, 1ull << page % 64, 0) == 0) continue;
            sharing().fault(kApp, page, false);
            pages.push_back(page);
        }
        return pages;
    }
    [[nodiscard]] std::size_t restored_once(const std::vector<PageNumber>& pages) const {
        std::size_t done = 0;
        for (const PageNumber page : pages) {
            const auto found = user.restored.find(page);
            if (found != user.restored.end() && found->second.size() == 1) ++done;
        }
        return done;
    }
    [[nodiscard]] PartitionId vios(std::size_t number) const { return vioses.at(number)->partition_id(); }

    sim::Engine engine;
    LogBook log;
    PageUser user;
    std::unique_ptr<hypervisor::ManagedSystem> system;
    std::vector<std::unique_ptr<aix::OperatingSystem>> vioses;
    std::vector<PagingBacking*> backings;
    std::vector<PagingSpaceServer*> servers;

  private:
    void build_vios(std::uint32_t number, std::uint64_t disk_mib) {
        const PartitionId id{static_cast<std::uint16_t>(number)};
        hypervisor::PartitionConfig config{.lpar_id = id, .name = "vios" + std::to_string(number), .profile = {}};
        config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        EXPECT_TRUE(system->define_partition(std::move(config)));
        auto os = std::make_unique<aix::OperatingSystem>(engine, *system, id, aix::OperatingSystemConfig{});
        os->disks().set_disk_attributes({{"queue_depth", "20"}, {"hcheck_interval", "5"}});
        backings.push_back(&os->add_device<PagingBacking>("fcs0"));
        backings.back()->units.push_back(
            {{.target = 0x50, .lun = wire::LunNumber{1}}, aix::identity_of("array.page1"), disk_mib << 20});
        servers.push_back(&PagingSpaceServer::of(*os));
        const auto added = servers.back()->add_device("array.page1", 1024ull << 20);
        EXPECT_TRUE(added) << added.error().text;
        vioses.push_back(std::move(os));
    }
};

}  // namespace pvmsim::vios
