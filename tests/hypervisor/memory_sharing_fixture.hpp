// A pool with two paging VIOSes that answer after a fixed time, and partitions that touch words of pages and wait for
// what is missing. The VIOSes keep what was written out, so that a page read without ever being written is noticed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hypervisor/memory/sharing/memory_sharing.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::hypervisor {

struct TestPagingAnswer {
    static constexpr std::string_view kName = "test-paging-answer";
    std::uint32_t tag;
    std::uint32_t succeeded;
};

/// Paging spaces that both VIOSes see.
using PagingSpace = std::set<std::pair<PartitionId, PageNumber>>;

class TestPagingVios final : public PagingServer, public sim::Entity {
  public:
    TestPagingVios(sim::Engine& engine, MemorySharing& sharing, PartitionId id, PagingSpace& space)
        : engine_(engine), sharing_(sharing), id_(id), space_(space) {
        entity_ = engine.add(*this, "vios" + std::to_string(id.value()));
    }
    [[nodiscard]] bool serves(PartitionId) const override { return is_serving; }
    void submit(const PagingRequest& request) override {
        EXPECT_TRUE(is_serving);
        ++(request.is_page_out ? page_outs : page_ins);
        page_outs_at_once_max = std::max(page_outs_at_once_max, page_outs - page_outs_done_);
        EXPECT_TRUE(under_way_.emplace(request.tag, request).second) << "a tag in use";
        engine_.schedule_in(latency, entity_, TestPagingAnswer{request.tag, fails ? 0u : 1u});
    }
    [[nodiscard]] CoreRate spare_capacity() override { return spare; }
    void charge_deduplication(std::int64_t cycles) override { charged_cycles += cycles; }

    void on_event(const sim::Event& event) override {
        const TestPagingAnswer answer = *event.as<TestPagingAnswer>();
        const PagingRequest request = under_way_.at(answer.tag);
        under_way_.erase(answer.tag);
        if (request.is_page_out) ++page_outs_done_;
        const bool succeeded = answer.succeeded != 0;
        const std::pair page{request.lpar_id, request.page};
        if (succeeded && request.is_page_out) space_.insert(page);
        if (succeeded && !request.is_page_out) {
            EXPECT_TRUE(space_.contains(page)) << "read before it was written";
        }
        sharing_.paging_done(id_, request.tag, succeeded);
    }
    void digest(sim::Digest& digest) const override { digest.add(page_ins); }

    /// It ends: what it had is never answered.
    void crash() {
        is_serving = false;
        engine_.forget_pending(entity_);
        under_way_.clear();
        page_outs_done_ = page_outs;
        sharing_.detach(id_);
    }
    void restart() {
        is_serving = true;
        sharing_.attach(id_, *this);
    }

    bool is_serving = true;
    bool fails = false;
    sim::Duration latency{500'000};
    CoreRate spare{};
    std::int64_t charged_cycles = 0;
    std::uint64_t page_ins = 0;
    std::uint64_t page_outs = 0;
    std::uint64_t page_outs_at_once_max = 0;

  private:
    sim::Engine& engine_;
    MemorySharing& sharing_;
    PartitionId id_;
    PagingSpace& space_;
    sim::EntityId entity_{};
    std::map<std::uint32_t, PagingRequest> under_way_;
    std::uint64_t page_outs_done_ = 0;
};

/// Software of a partition: remembers what it was told.
class TestMemoryClient final : public SharedMemoryClient {
  public:
    void on_page_restored(PageNumber page, sim::Duration waited) override {
        EXPECT_EQ(waiting.erase(page), 1u) << "not asked for";
        ++restored;
        waited_max = std::max(waited_max, waited);
        order.push_back(page);
    }
    void on_page_lost(PageNumber page) override {
        EXPECT_EQ(waiting.erase(page), 1u) << "not asked for";
        ++lost;
    }

    std::set<PageNumber> waiting;
    std::vector<PageNumber> order;
    std::uint64_t restored = 0;
    std::uint64_t lost = 0;
    sim::Duration waited_max{0};
};

class MemorySharingFixture {
  public:
    static constexpr PartitionId kFirstVios{1};
    static constexpr PartitionId kSecondVios{2};

    MemorySharingFixture() {
        vios[0] = std::make_unique<TestPagingVios>(engine, sharing, kFirstVios, space);
        vios[1] = std::make_unique<TestPagingVios>(engine, sharing, kSecondVios, space);
        sharing.attach(kFirstVios, *vios[0]);
        sharing.attach(kSecondVios, *vios[1]);
    }

    static MemoryPoolConfig pool_of(std::uint64_t mib) {
        MemoryPoolConfig config;
        config.pool_mem_mib = mib;
        config.max_pool_mem_mib = 4 * mib;
        config.primary_paging_vios = kFirstVios;
        config.secondary_paging_vios = kSecondVios;
        return config;
    }
    void configure(const MemoryPoolConfig& config) { ASSERT_TRUE(sharing.configure(config).has_value()); }
    TestMemoryClient& join(std::uint16_t id, std::uint64_t logical_mib, std::uint8_t weight = 128,
                           std::uint64_t io_entitled_mib = 4) {
        SharedMemoryProfile profile;
        profile.mem_weight = weight;
        sharing.join(PartitionId{id}, logical_mib, profile, io_entitled_mib);
        TestMemoryClient& client = clients[id];
        client = {};
        sharing.set_client(PartitionId{id}, &client);
        return client;
    }
    /// Touches all pages of words [first, end), writing those of `written`; what is missing is asked for.
    void touch(std::uint16_t id, std::uint32_t first, std::uint32_t end, std::uint64_t written = ~std::uint64_t{0}) {
        for (std::uint32_t word = first; word < end; ++word) {
            const std::uint64_t left = sharing.touch(PartitionId{id}, word, ~std::uint64_t{0}, written);
            for (std::uint32_t bit = 0; bit < kPagesInWord; ++bit)
                if ((left >> bit & 1) != 0) fault(id, word * kPagesInWord + bit, (written >> bit & 1) != 0);
        }
    }
    /// The same, a word at a time, each waiting for its pages.
    void touch_in_turn(std::uint16_t id, std::uint32_t first, std::uint32_t end,
                       std::uint64_t written = ~std::uint64_t{0}) {
        for (std::uint32_t word = first; word < end; ++word) {
            touch(id, word, word + 1, written);
            for (int tries = 0; tries < 1000 && !clients[id].waiting.empty(); ++tries) run(sim::Duration{1'000'000});
            ASSERT_TRUE(clients[id].waiting.empty()) << "word " << word;
        }
    }
    void fault(std::uint16_t id, PageNumber page, bool is_write = false) {
        if (clients[id].waiting.insert(page).second) sharing.fault(PartitionId{id}, page, is_write);
    }
    void run(sim::Duration span) { engine.run_until(engine.now() + span); }
    [[nodiscard]] SharedMemoryCounters of(std::uint16_t id) const { return sharing.counters(PartitionId{id}); }
    static std::uint32_t words_of_mib(std::uint64_t mib) { return static_cast<std::uint32_t>(mib * 4); }

    sim::Engine engine{7};
    PagingSpace space;
    MemorySharing sharing{engine, "test/memory"};
    std::array<std::unique_ptr<TestPagingVios>, 2> vios;
    std::map<std::uint16_t, TestMemoryClient> clients;
};

}  // namespace pvmsim::hypervisor
