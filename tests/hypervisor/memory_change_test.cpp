// Memory of running partitions changes LMB by LMB: how long it takes, what is reached when it cannot go on, who learns
// of it, and every refusal, after which nothing is different.
#include "tests/hypervisor/memory_change_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(MemoryChangeTest, added_blocks_come_one_by_one_a_fifth_of_a_second_each) {
    start(3);
    ASSERT_EQ(system->memory_operation(PartitionId{3}), nullptr);
    add(3, 1024);
    EXPECT_EQ(memory_of(3), 1024u);
    run_ms(199);
    EXPECT_EQ(memory_of(3), 1024u);
    run_ms(1);
    EXPECT_EQ(memory_of(3), 1280u);
    EXPECT_FALSE(operation(3).is_finished);
    EXPECT_EQ(operation(3).blocks_done, 1u);
    run_ms(600);
    EXPECT_EQ(memory_of(3), 2048u);
    EXPECT_TRUE(operation(3).is_finished);
    EXPECT_FALSE(operation(3).is_partial());
    EXPECT_EQ(operation(3).ended - operation(3).started, milliseconds{800});
    EXPECT_THAT(os[3].told, ElementsAre(1280, 1536, 1792, 2048));
    EXPECT_THAT(log.lines, ElementsAre("p740a/lpar3 lpar-memory-change: 4 LMBs (1024 MB) of memory to add",
                                       "p740a/lpar3 lpar-memory: Memory: added 4 of 4 LMBs (1024 of 1024 MB); now 2048 "
                                       "MB"));
}

TEST_F(MemoryChangeTest, removal_ends_where_the_operating_system_frees_no_more) {
    start(3, {.desired = 4096});
    os[3].freeable = 3;
    const std::uint64_t free_before = system->memory().available_mib();
    remove(3, 2048);
    run_ms(10'000);
    EXPECT_EQ(memory_of(3), 4096u - 768);
    EXPECT_EQ(system->memory().available_mib(), free_before + 768);
    EXPECT_TRUE(operation(3).is_partial());
    EXPECT_EQ(operation(3).blocks_asked, 8u);
    EXPECT_EQ(operation(3).blocks_done, 3u);
    EXPECT_EQ(operation(3).refused, "the operating system of lpar3 frees no more");
    EXPECT_EQ(operation(3).ended - operation(3).started, milliseconds{800}) << "the fourth was tried";
    EXPECT_EQ(log.lines.back(),
              "p740a/lpar3 lpar-memory: Memory: removed 3 of 8 LMBs (768 of 2048 MB): the operating system of lpar3 "
              "frees no more; now 3328 MB");
    EXPECT_THAT(os[3].told, ElementsAre(3840, 3584, 3328));
    EXPECT_THAT(blocks_of(3), ElementsAre(3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)) << "the last ones went";
}

TEST_F(MemoryChangeTest, addition_ends_where_another_partition_took_the_blocks_meanwhile) {
    start(3);
    ASSERT_TRUE(system->define_partition(partition_with(4, {.min = 512, .desired = 6144, .max = 6144})));
    add(3, 3072);
    run_ms(450);
    ASSERT_TRUE(system->start_settled(PartitionId{4}));
    run_ms(10'000);
    EXPECT_EQ(memory_of(3), 1536u);
    EXPECT_EQ(operation(3).text(), "added 2 of 12 LMBs (512 of 3072 MB): no LMB is free any more");
    EXPECT_EQ(system->memory().available_mib(), 0u);
}

TEST_F(MemoryChangeTest, set_adds_or_removes_up_to_what_is_wanted) {
    start(3);
    set(3, 1024);
    EXPECT_EQ(system->memory_operation(PartitionId{3}), nullptr) << "as it is already";
    EXPECT_EQ(engine.pending(), 0u);
    EXPECT_THAT(log.lines, IsEmpty());
    set(3, 1536);
    run_ms(400);
    EXPECT_EQ(memory_of(3), 1536u);
    EXPECT_EQ(operation(3).action, MemoryAction::kAdd);
    set(3, 512);
    run_ms(800);
    EXPECT_EQ(memory_of(3), 512u);
    EXPECT_EQ(operation(3).action, MemoryAction::kRemove);
    EXPECT_EQ(operation(3).text(), "removed 4 of 4 LMBs (1024 of 1024 MB)");
}

TEST_F(MemoryChangeTest, moved_blocks_are_the_same_ones_and_take_twice_the_time) {
    start(3);
    start(4);
    ASSERT_THAT(blocks_of(3), ElementsAre(3, 4, 5, 6));
    ASSERT_THAT(blocks_of(4), ElementsAre(8, 9, 10, 11));
    log.lines.clear();
    move({.from = 3, .to = 4}, 512);
    run_ms(399);
    EXPECT_EQ(memory_of(3), 1024u);
    run_ms(1);
    EXPECT_EQ(memory_of(3), 768u);
    EXPECT_EQ(memory_of(4), 1280u);
    run_ms(400);
    EXPECT_THAT(blocks_of(3), ElementsAre(3, 4));
    EXPECT_THAT(blocks_of(4), ElementsAre(8, 9, 10, 11, 6, 5));
    EXPECT_EQ(operation(3).partner, PartitionId{4});
    EXPECT_EQ(operation(3).action, MemoryAction::kRemove);
    EXPECT_EQ(operation(4).partner, PartitionId{3});
    EXPECT_EQ(operation(4).action, MemoryAction::kAdd);
    EXPECT_THAT(os[3].told, ElementsAre(768, 512));
    EXPECT_THAT(os[4].told, ElementsAre(1280, 1536));
    EXPECT_THAT(log.lines,
                ElementsAre("p740a/lpar3 lpar-memory-change: 2 LMBs (512 MB) of memory to move to lpar4",
                            "p740a/lpar4 lpar-memory-change: 2 LMBs (512 MB) of memory to come from lpar3",
                            "p740a/lpar3 lpar-memory: Memory: moved away 2 of 2 LMBs (512 of 512 MB); now 512 MB",
                            "p740a/lpar4 lpar-memory: Memory: received 2 of 2 LMBs (512 of 512 MB); now 1536 MB"));
}

TEST_F(MemoryChangeTest, move_works_when_no_block_is_free) {
    start(3);
    start(4, {.desired = 6144, .max = 6144});
    ASSERT_EQ(system->memory().available_mib(), 0u);
    move({.from = 4, .to = 3}, 1024);
    run_ms(1600);
    EXPECT_EQ(memory_of(3), 2048u);
    EXPECT_EQ(system->memory().available_mib(), 0u);
}

TEST_F(MemoryChangeTest, move_ends_for_both_when_either_cannot_go_on) {
    struct Case {
        const char* what;
        std::function<void()> trouble;
        const char* refused;
    };
    start(3, {.min = 256, .desired = 3072});
    start(4);
    const auto call = [&](Result<void> (ManagedSystem::*power)(PartitionId), std::uint16_t id) {
        return [this, power, id] { ASSERT_TRUE((system.get()->*power)(PartitionId{id})); };
    };
    for (const Case& given : {Case{"giver pins", [&] { os[3].freeable = 0; },
                                   "the operating system of lpar3 frees no "
                                   "more"},
                              Case{"taker hangs", call(&ManagedSystem::hang, 4), "lpar4 does not respond"},
                              Case{"giver hangs", call(&ManagedSystem::hang, 3), "lpar3 does not respond"},
                              Case{"taker stops", call(&ManagedSystem::shutdown, 4), "lpar4 is Shutting Down"},
                              Case{"taker crashes", call(&ManagedSystem::crash, 4), "lpar4 ended"},
                              Case{"giver crashes", call(&ManagedSystem::crash, 3), "lpar3 ended"},
                              Case{"giver goes", call(&ManagedSystem::power_off, 3), "lpar3 ended"}}) {
        move({.from = 3, .to = 4}, 512);
        run_ms(500);
        given.trouble();
        run_ms(2000);
        EXPECT_EQ(engine.pending(), 0u) << given.what;
        for (const std::uint16_t id : {std::uint16_t{3}, std::uint16_t{4}}) {
            EXPECT_TRUE(operation(id).is_partial()) << given.what;
            EXPECT_EQ(operation(id).blocks_done, 1u) << given.what;
            EXPECT_EQ(operation(id).refused, given.refused) << given.what;
            os[id].freeable = std::nullopt;
            if (system->partition(PartitionId{id}).state != PartitionState::kNotActivated) {
                ASSERT_TRUE(system->power_off(PartitionId{id}));
            }
            ASSERT_TRUE(system->start_settled(PartitionId{id}));
        }
    }
}

TEST_F(MemoryChangeTest, ends_with_its_partition_and_gives_all_of_it_back) {
    start(3);
    const std::uint64_t free_before = system->memory().available_mib();
    add(3, 1024);
    run_ms(300);
    ASSERT_TRUE(system->crash(PartitionId{3}));
    EXPECT_TRUE(operation(3).is_partial());
    EXPECT_EQ(operation(3).ended, engine.now());
    run_ms(2000);
    EXPECT_EQ(memory_of(3), 1280u) << "a crashed partition keeps what it holds";
    ASSERT_TRUE(system->power_off(PartitionId{3}));
    EXPECT_EQ(system->memory().available_mib(), free_before + 1024 + 256);
    ASSERT_TRUE(system->start_settled(PartitionId{3}));
    EXPECT_EQ(memory_of(3), 1024u) << "the profile was not changed";
    EXPECT_EQ(system->memory().available_mib(), free_before);
}

TEST_F(MemoryChangeTest, operating_system_that_dies_of_the_change_ends_it) {
    start(3, {.min = 256});
    start(4, {.min = 256});
    os[3].when_asked = [&] { ASSERT_TRUE(system->crash(PartitionId{3})); };
    remove(3, 512);
    run_ms(2000);
    EXPECT_EQ(operation(3).text(), "removed 0 of 2 LMBs (0 of 512 MB): lpar3 ended");
    EXPECT_EQ(memory_of(3), 1024u);
    os[4].when_told = [&] { ASSERT_TRUE(system->power_off(PartitionId{4})); };
    add(4, 512);
    run_ms(2000);
    EXPECT_EQ(operation(4).text(), "added 1 of 2 LMBs (256 of 512 MB): lpar4 ended");
    EXPECT_EQ(system->memory().given_mib(PartitionId{4}), 0u);
    EXPECT_EQ(engine.pending(), 0u);
}

TEST_F(MemoryChangeTest, partition_without_software_gives_up_what_is_asked) {
    ASSERT_TRUE(system->define_partition(partition_with(3, {})));
    ASSERT_TRUE(system->start_settled(PartitionId{3}));
    remove(3, 512);
    run_ms(400);
    EXPECT_EQ(memory_of(3), 512u);
}

TEST_F(MemoryChangeTest, refusals_at_once_change_nothing) {
    start(3);
    start(4, {.desired = 5120, .max = 8192});
    ASSERT_EQ(system->memory().available_mib(), 1024u);
    constexpr ErrorCode kInvalid = ErrorCode::kInvalidChange;
    constexpr MemoryAction kAdd = MemoryAction::kAdd;
    constexpr MemoryAction kRemove = MemoryAction::kRemove;
    constexpr MemoryAction kSet = MemoryAction::kSet;
    const std::string range = "is outside of min_mem and max_mem of profile normal; 512 to 4096";
    refuse_change(99, kAdd, 256, ErrorCode::kNotFound, "lpar_id 99");
    refuse_change(3, kAdd, 0, kInvalid, "partition lpar3: 0 MB is not a multiple of the 256 MB logical memory block");
    refuse_change(3, kAdd, 300, kInvalid, "300 MB is not a multiple of the 256 MB");
    refuse_change(3, kAdd, ~std::uint64_t{0} / 256 * 256, kInvalid, "are more than the 8192 MB of p740a");
    refuse_change(3, kAdd, 3328, kInvalid, "4352 MB of memory " + range);
    refuse_change(3, kSet, 4352, kInvalid, "4352 MB of memory " + range);
    refuse_change(3, kRemove, 768, kInvalid, "256 MB of memory " + range);
    refuse_change(3, kRemove, 2048, kInvalid, "0 MB of memory " + range);
    refuse_change(3, kAdd, 1280, ErrorCode::kNotEnoughMemory,
                  "partition lpar3: 1280 MB more are not available; at most 1024");
    refuse_move({.from = 3, .to = 3}, 256, kInvalid, "its memory cannot move to itself");
    refuse_move({.from = 3, .to = 99}, 256, ErrorCode::kNotFound, "lpar_id 99");
    refuse_move({.from = 3, .to = 4}, 100, kInvalid, "100 MB is not a multiple");
    refuse_move({.from = 3, .to = 4}, 768, kInvalid, "partition lpar3: 256 MB of memory " + range);
    refuse_move({.from = 3, .to = 4}, 4096, kInvalid, "partition lpar3: 0 MB of memory " + range);
    refuse_move({.from = 4, .to = 3}, 3328, kInvalid, "partition lpar3: 4352 MB of memory " + range);
    add(3, 1024);
}

TEST_F(MemoryChangeTest, needs_partitions_that_run_respond_and_are_not_in_one_already) {
    start(3);
    start(4);
    ASSERT_TRUE(system->define_partition(partition_with(5, {})));
    constexpr ErrorCode kWrong = ErrorCode::kWrongState;
    constexpr MemoryAction kAdd = MemoryAction::kAdd;
    refuse_change(5, kAdd, 256, kWrong,
                  "partition lpar5: cannot change its memory: its state is Not Activated; it must be Running");
    refuse_move({.from = 3, .to = 5}, 256, kWrong, "partition lpar5");
    ASSERT_TRUE(system->hang(PartitionId{4}));
    refuse_change(4, kAdd, 256, kWrong, "Running and it does not respond");
    refuse_move({.from = 4, .to = 3}, 256, kWrong, "partition lpar4");
    ASSERT_TRUE(system->resume(PartitionId{4}));
    move({.from = 3, .to = 4}, 512);
    run_ms(400);
    refuse_change(3, kAdd, 256, kWrong, "a change is under way, moved away 1 of 2 LMBs (256 of 512 MB); wait");
    refuse_change(4, kAdd, 256, kWrong, "a change is under way, received 1 of 2 LMBs");
    refuse_move({.from = 4, .to = 3}, 256, kWrong, "a change is under way");
    run_ms(400);
    add(4, 256);
}

TEST_F(MemoryChangeTest, several_partitions_at_once_end_the_same_way_every_time) {
    const auto course = [] {
        sim::Engine other{1};
        const auto machine = std::move(ManagedSystem::create(other, machine_of_32_blocks())).value();
        for (std::uint16_t id = 1; id <= 4; ++id) {
            EXPECT_TRUE(machine->define_partition(partition_with(id, {})));
            EXPECT_TRUE(machine->start_settled(PartitionId{id}));
        }
        EXPECT_TRUE(machine->change_memory(PartitionId{1}, {.action = MemoryAction::kAdd, .mib = 1024}));
        EXPECT_TRUE(machine->change_memory(PartitionId{2}, {.action = MemoryAction::kRemove, .mib = 512}));
        EXPECT_TRUE(machine->move_memory(PartitionId{3}, PartitionId{4}, 512));
        other.run_until(sim::kStartOfRun + std::chrono::seconds{3});
        // One and two take turns: what the second gives up is the lowest that the first finds.
        const auto held = machine->memory().table().of(LmbOwner::memory(PartitionId{1}));
        std::vector<std::uint32_t> numbers;
        for (const Lmb block : held) numbers.push_back(block.value());
        EXPECT_THAT(numbers, ElementsAre(3, 4, 5, 6, 22, 11, 10, 23));
        return other.fingerprint();
    };
    EXPECT_EQ(course(), course());
}

/// LMBs of 16 MB, and partitions small enough to meet their growth limit (V27).
class SmallBlocks : public MemoryChangeTest {
  protected:
    SmallBlocks() : MemoryChangeTest(config()) {}
    static SystemConfig config() {
        SystemConfig config = machine_of_32_blocks();
        config.memory_bytes = 24 * kGibibyte;
        config.mem_region_size_mib = 16;
        return config;
    }
};

TEST_F(SmallBlocks, take_their_part_of_the_time) {
    start(3);
    add(3, 64);
    run_ms(50);
    EXPECT_EQ(memory_of(3), 1024u + 64);
    EXPECT_EQ(operation(3).ended - operation(3).started, milliseconds{50});
}

TEST_F(SmallBlocks, growth_is_limited_by_what_the_partition_was_activated_with) {
    start(3, {.min = 16, .desired = 128, .max = 4096});
    start(4, {.min = 16, .desired = 256, .max = 20'480});
    const auto limit = [](std::uint64_t target, std::uint64_t most) {
        return std::to_string(target) + " MB of memory is more than it can grow to by what it was activated with; " +
               std::to_string(most) + " MB at most until it is activated with more";
    };
    refuse_change(3, MemoryAction::kAdd, 2048 - 128 + 16, ErrorCode::kInvalidChange, limit(2064, 2048));
    refuse_change(4, MemoryAction::kSet, 16 * 1024 + 16, ErrorCode::kInvalidChange, limit(16'400, 16'384));
    set(3, 2048);
    run_ms(1600);
    EXPECT_EQ(memory_of(3), 2048u);
    refuse_move({.from = 4, .to = 3}, 16, ErrorCode::kInvalidChange, limit(2064, 2048));
    remove(3, 1920);
    run_ms(1600);
    refuse_change(3, MemoryAction::kAdd, 1936, ErrorCode::kInvalidChange, limit(2064, 2048));
    set(4, 16 * 1024);
    run_ms(20'000);
    EXPECT_EQ(memory_of(4), 16 * 1024u);
}

}  // namespace
}  // namespace pvmsim::hypervisor
