// A machine of 32 LMBs of 256 MB, 2 of them the hypervisor's, for tests of memory that changes while partitions run;
// and an operating system that can be told how many LMBs it will give up.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hypervisor/managed_system.hpp"

namespace pvmsim::hypervisor {

/// The log book: "path name: text".
class MemoryLog : public sim::TraceSink {
  public:
    [[nodiscard]] bool wants_details() const override { return false; }
    void record(const sim::TraceRecord& record) override {
        lines.push_back(std::string{record.entity} + " " + std::string{record.name} + ": " + std::string{record.text});
    }
    std::vector<std::string> lines;
};

class MemoryOs : public PartitionSoftware {
  public:
    void on_boot() override {}
    void on_settled_start() override {}
    void on_shutdown() override {}
    void on_stopped(StopReason /*reason*/) override {}
    void on_hang() override {}
    void on_resume() override {}
    bool release_memory_block() override {
        if (when_asked) when_asked();
        if (!freeable) return true;
        if (*freeable == 0) return false;
        --*freeable;
        return true;
    }
    void on_memory_changed(std::uint64_t total_mib) override {
        told.push_back(total_mib);
        if (when_told) when_told();
    }
    std::optional<int> freeable;  ///< LMBs; nullopt: any number
    std::vector<std::uint64_t> told;
    std::function<void()> when_asked;
    std::function<void()> when_told;
};

inline SystemConfig machine_of_32_blocks() {
    SystemConfig config;
    config.name = "p740a";
    config.type_model = "8205-E6C";
    config.cores = 16;
    config.memory_bytes = 8 * kGibibyte;
    config.mem_region_size_mib = 256;
    config.hypervisor_memory = {.base_mib = 512, .installed_per_mille = 0, .virtual_slot_kib = 0};
    return config;
}

struct Mib {
    std::uint64_t min = 512;
    std::uint64_t desired = 1024;
    std::uint64_t max = 4096;  ///< its page table is one LMB up to 16 GB
};

inline PartitionConfig partition_with(std::uint16_t id, Mib memory) {
    PartitionConfig config{.lpar_id = PartitionId{id}, .name = "lpar" + std::to_string(id)};
    config.profile.min_mem_mib = memory.min;
    config.profile.desired_mem_mib = memory.desired;
    config.profile.max_mem_mib = memory.max;
    return config;
}

class MemoryChangeTest : public testing::Test {
  protected:
    explicit MemoryChangeTest(SystemConfig config = machine_of_32_blocks())
        : system(std::move(ManagedSystem::create(engine, std::move(config))).value()) {
        engine.trace().attach(log);
    }

    void start(std::uint16_t id, Mib memory = {}) {
        ASSERT_TRUE(system->define_partition(partition_with(id, memory)));
        system->install_software(PartitionId{id}, os[id]);
        const auto started = system->start_settled(PartitionId{id});
        ASSERT_TRUE(started) << started.error().text;
        log.lines.clear();
    }
    void change(std::uint16_t id, MemoryAction action, std::uint64_t mib) {
        const auto done = system->change_memory(PartitionId{id}, {.action = action, .mib = mib});
        ASSERT_TRUE(done) << done.error().text;
    }
    void add(std::uint16_t id, std::uint64_t mib) { change(id, MemoryAction::kAdd, mib); }
    void remove(std::uint16_t id, std::uint64_t mib) { change(id, MemoryAction::kRemove, mib); }
    void set(std::uint16_t id, std::uint64_t mib) { change(id, MemoryAction::kSet, mib); }
    struct Move {
        std::uint16_t from = 0;
        std::uint16_t to = 0;
    };
    void move(Move who, std::uint64_t mib) {
        const auto done = system->move_memory(PartitionId{who.from}, PartitionId{who.to}, mib);
        ASSERT_TRUE(done) << done.error().text;
    }
    void run_ms(int milliseconds) { engine.run_until(engine.now() + std::chrono::milliseconds{milliseconds}); }
    [[nodiscard]] std::uint64_t memory_of(std::uint16_t id) const {
        const std::uint64_t given = system->partition(PartitionId{id}).given.memory_mib;
        EXPECT_EQ(given, system->memory().given_mib(PartitionId{id}));
        return given;
    }
    [[nodiscard]] const MemoryOperation& operation(std::uint16_t id) const {
        return *system->memory_operation(PartitionId{id});
    }
    [[nodiscard]] std::vector<std::uint32_t> blocks_of(std::uint16_t id) const {
        std::vector<std::uint32_t> numbers;
        for (const Lmb block : system->memory().table().of(LmbOwner::memory(PartitionId{id})))
            numbers.push_back(block.value());
        return numbers;
    }
    [[nodiscard]] std::uint64_t fingerprint() const {
        sim::Digest digest;
        system->digest(digest);
        return digest.value();
    }
    /// Refused with this code and text; nothing is different, nothing is under way.
    void refuse(const std::function<Result<void>()>& wanted, ErrorCode code, const std::string& text) {
        const std::uint64_t before = fingerprint();
        const std::size_t said = log.lines.size();
        const std::size_t pending = engine.pending();
        const auto result = wanted();
        ASSERT_FALSE(result) << "should say: " << text;
        EXPECT_EQ(result.error().code, code) << result.error().text;
        EXPECT_THAT(result.error().text, testing::HasSubstr(text));
        EXPECT_EQ(fingerprint(), before) << text;
        EXPECT_EQ(log.lines.size(), said) << text;
        EXPECT_EQ(engine.pending(), pending) << text;
    }
    void refuse_change(std::uint16_t id, MemoryAction action, std::uint64_t mib, ErrorCode code,
                       const std::string& text) {
        refuse([&] { return system->change_memory(PartitionId{id}, {.action = action, .mib = mib}); }, code, text);
    }
    void refuse_move(Move who, std::uint64_t mib, ErrorCode code, const std::string& text) {
        refuse([&] { return system->move_memory(PartitionId{who.from}, PartitionId{who.to}, mib); }, code, text);
    }

    MemoryLog log;
    sim::Engine engine{1};
    std::map<std::uint16_t, MemoryOs> os;
    std::unique_ptr<ManagedSystem> system;
};

}  // namespace pvmsim::hypervisor
