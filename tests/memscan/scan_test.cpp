// memscan: what merges within and across files, against a naive count; and files that vanish, shrink, grow or fail
// while they are read.
#include "apps/memscan/scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/memscan/fake_sources.hpp"

namespace pvmsim::memscan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool go_on(const ScanProgress&) { return true; }

std::expected<ScanResult, ScanFailure> scan_all(const Sources& sources, const std::vector<std::string>& arguments,
                                                ScanOptions options = {.threads = 2}) {
    return scan(sources, arguments, options, go_on);
}

/// What a person would count with a pencil: every page of every file in a set.
Totals counted(const std::vector<std::string>& files) {
    Totals totals;
    std::set<std::string> everywhere;
    for (const auto& bytes : files) {
        std::set<std::string> here;
        for (std::size_t at = 0; at < bytes.size(); at += hypervisor::kPageBytes) {
            auto one = bytes.substr(at, hypervisor::kPageBytes);
            one.resize(hypervisor::kPageBytes, '\0');
            ++totals.pages;
            totals.zero_pages += one == page(0);
            const bool known = everywhere.contains(one);
            if (!here.insert(one).second)
                ++totals.merged_within;
            else if (known)
                ++totals.merged_across;
        }
        everywhere.merge(here);
        ++totals.files;
    }
    return totals;
}

void expect_same(const Totals& found, const Totals& wanted) {
    EXPECT_EQ(found.files, wanted.files);
    EXPECT_EQ(found.pages, wanted.pages);
    EXPECT_EQ(found.zero_pages, wanted.zero_pages);
    EXPECT_EQ(found.merged_within, wanted.merged_within);
    EXPECT_EQ(found.merged_across, wanted.merged_across);
}

TEST(Memscan, pages_merge_within_a_file_and_across_files) {
    FakeSources sources;
    sources.files["a"].bytes = pages({0, 1, 2, 1, 0, 3});
    sources.files["b"].bytes = pages({1, 1, 4, 0});
    const auto result = scan_all(sources, {"a", "b"});
    ASSERT_TRUE(result.has_value());
    expect_same(result->by_argument[0],
                {.files = 1, .pages = 6, .zero_pages = 2, .merged_within = 2, .merged_across = 0});
    expect_same(result->by_argument[1],
                {.files = 1, .pages = 4, .zero_pages = 1, .merged_within = 1, .merged_across = 2});
    EXPECT_EQ(result->groups, 2u);  // contents 0 and 1
    EXPECT_EQ(result->missed_at_most, 0u);
    EXPECT_EQ(result->compression.pages, 10u);
    EXPECT_THAT(result->warnings, IsEmpty());
}

TEST(Memscan, a_last_partial_page_is_filled_with_zeros) {
    FakeSources sources;
    sources.files["whole"].bytes = std::string("tail") + std::string(hypervisor::kPageBytes - 4, '\0');
    sources.files["partial"].bytes = page(7) + "tail";
    const auto result = scan_all(sources, {"whole", "partial"});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->all.pages, 3u);
    EXPECT_EQ(result->all.merged_across, 1u);
}

TEST(Memscan, directories_are_walked_by_name_and_each_file_is_read_once) {
    FakeSources sources;
    sources.files["d/b/z"].bytes = page(1);
    sources.files["d/a"] = {.bytes = page(1), .inode = 7};
    sources.files["d/c"] = {.bytes = page(1), .inode = 7};  // a hard link
    sources.files["d/pipe"].kind = EntryKind::kSpecial;
    sources.files["d/link"].kind = EntryKind::kLink;
    sources.files["d/empty"];
    const auto list = list_files(sources, {"d", "d/b"});
    ASSERT_EQ(list.files.size(), 2u);
    EXPECT_EQ(list.files[0].path, "d/a");
    EXPECT_EQ(list.files[1].path, "d/b/z");
    EXPECT_EQ(list.left_out.same, 1u);
    EXPECT_EQ(list.left_out.special, 1u);
    EXPECT_EQ(list.left_out.links, 1u);
    EXPECT_EQ(list.left_out.empty, 1u);
    EXPECT_THAT(list.errors, IsEmpty());
    EXPECT_THAT(list.warnings, IsEmpty());
}

TEST(Memscan, what_the_user_named_must_be_there_and_be_a_file) {
    FakeSources sources;
    sources.files["good"].bytes = page(1);
    sources.files["pipe"].kind = EntryKind::kSpecial;
    const auto refused = scan_all(sources, {"good", "missing", "pipe"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().errors,
                ElementsAre("missing: No such file or directory", "pipe: neither a regular file nor a directory"));
}

TEST(Memscan, a_named_file_that_vanishes_ends_the_scan_one_found_in_a_directory_does_not) {
    FakeSources sources;
    sources.files["d/a"].bytes = page(1);
    sources.files["d/b"] = {.bytes = page(1), .vanishes = true};
    sources.files["d/c"].bytes = page(1);
    const auto refused = scan_all(sources, {"d/a", "d/b"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().errors, ElementsAre("d/b: No such file or directory"));

    const auto result = scan_all(sources, {"d"});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->all.pages, 2u);
    EXPECT_EQ(result->left_out.unreadable, 1u);
    EXPECT_THAT(result->warnings, ElementsAre("d/b: No such file or directory"));
}

TEST(Memscan, a_file_that_shrinks_counts_as_far_as_it_was_read) {
    FakeSources sources;
    std::string many;
    for (std::uint64_t i = 0; i < 200; ++i) many += page(1000 + i % 150);
    sources.files["d/a"].bytes = many;
    sources.files["d/b"] = {.bytes = many, .ends_at = 100 * hypervisor::kPageBytes};
    sources.files["d/c"].bytes = page(5);
    const auto result = scan_all(sources, {"d"});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->all.pages, 200u + 64 + 1);  // whole stretches of 64 pages
    EXPECT_EQ(result->all.merged_within, 50u);
    EXPECT_EQ(result->all.merged_across, 64u);
    EXPECT_EQ(result->compression.pages, result->all.pages);
    EXPECT_EQ(result->left_out.changed, 1u);
    EXPECT_THAT(result->warnings, ElementsAre("d/b: became shorter while it was read"));

    const auto refused = scan_all(sources, {"d/a", "d/b"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().errors, ElementsAre("d/b: became shorter while it was read"));
}

TEST(Memscan, a_disk_error_is_told_and_nothing_after_it_is_read) {
    FakeSources sources;
    for (std::uint64_t i = 0; i < 300; ++i) sources.files["d/a"].bytes += page(i + 1);
    sources.files["d/a"].fails_at = 128 * hypervisor::kPageBytes;
    const auto result = scan_all(sources, {"d"});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->all.pages, 128u);
    EXPECT_THAT(result->warnings, ElementsAre("d/a: Input/output error"));
}

TEST(Memscan, a_file_that_grows_is_read_up_to_its_size_when_it_was_opened) {
    FakeSources sources;
    sources.files["log"] = {.bytes = pages({1, 2, 3, 4}), .bytes_at_open = 2 * hypervisor::kPageBytes};
    const auto result = scan_all(sources, {"log"});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->all.pages, 2u);
}

TEST(Memscan, empty_files_are_told_and_nothing_but_empty_files_is_an_error) {
    FakeSources sources;
    sources.files["empty"];
    sources.files["full"].bytes = page(1);
    const auto result = scan_all(sources, {"empty", "full"});
    ASSERT_TRUE(result.has_value());
    EXPECT_THAT(result->warnings, ElementsAre("empty: empty, no pages"));
    const auto refused = scan_all(sources, {"empty"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().errors, ElementsAre("nothing to scan: there is no page in what was named"));
}

TEST(Memscan, stops_when_told_to) {
    FakeSources sources;
    sources.files["a"].bytes = page(1);
    const auto stopped = scan(sources, {"a"}, {}, [](const ScanProgress&) { return false; });
    ASSERT_FALSE(stopped.has_value());
    EXPECT_TRUE(stopped.error().stopped);
}

TEST(Memscan, a_signature_table_beyond_the_memory_limit_is_refused) {
    FakeSources sources;
    sources.files["a"].bytes = page(1);
    const auto refused = scan_all(sources, {"a"}, {.memory_bytes = kMemoryBytesMin, .table_bytes = 17u << 20});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().errors,
                ElementsAre("the signature table takes 17 MB, more than a quarter of the memory "
                            "limit of 64 MB; allow at least 68 MB"));
}

TEST(Memscan, a_small_signature_table_finds_less_than_there_is) {
    FakeSources sources;
    for (std::uint64_t round = 0; round < 2; ++round)
        for (std::uint64_t i = 0; i < 4000; ++i) sources.files["a"].bytes += page(i + 1);
    const auto result = scan_all(sources, {"a"}, {.threads = 1, .table_bytes = hypervisor::kPageBytes});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->all.merged_within, 4000u);  // the full table sees them all
    EXPECT_LT(result->table_merged, 400u);        // 512 entries cannot
}

/// More than the batches kept in memory: pages are compared with what is read again from the file.
TEST(Memscan, answers_do_not_depend_on_threads_or_memory) {
    FakeSources sources;
    auto& bytes = sources.files["dump"].bytes;
    constexpr std::uint64_t kPages = 5 * 4096 + 17;
    bytes.reserve(kPages * hypervisor::kPageBytes);
    for (std::uint64_t i = 0; i < kPages; ++i) bytes += page(i % 16'000 * (i % 3));
    const auto wanted = counted({bytes});
    for (const unsigned threads : {1u, 2u, 5u})
        for (const std::uint64_t memory : {kMemoryBytesMin, 16 * kMemoryBytesMin}) {
            const auto result = scan_all(sources, {"dump"}, {.threads = threads, .memory_bytes = memory, .sample = 7});
            ASSERT_TRUE(result.has_value());
            expect_same(result->all, wanted);
            EXPECT_EQ(result->missed_at_most, 0u);
            EXPECT_EQ(result->not_compared, 0u);
            EXPECT_NEAR(static_cast<double>(result->compression.pages), kPages / 7.0, 300.0);
            static std::uint64_t sampled = result->compression.pages;
            EXPECT_EQ(result->compression.pages, sampled);
        }
}

TEST(Memscan, agrees_with_a_naive_count_over_the_project_s_own_files) {
    const auto files = file_system();
    auto list = list_files(*files, {"hypervisor", "scenarios", "docs"});
    ASSERT_GT(list.files.size(), 50u);
    std::vector<std::string> contents;
    for (const auto& file : list.files) {
        std::ifstream in(file.path, std::ios::binary);
        contents.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    const auto result = scan_all(*files, {"hypervisor", "scenarios", "docs"});
    ASSERT_TRUE(result.has_value());
    expect_same(result->all, counted(contents));
}

/// Files, directories, links, a pipe that nobody writes to: on the real file system.
TEST(Memscan, special_files_are_refused_without_waiting) {
    EXPECT_FALSE(file_system()->open("/dev/null").has_value());
    const auto device = file_system()->look_at("/dev/null");
    ASSERT_TRUE(device.has_value());
    EXPECT_EQ(device->kind, EntryKind::kSpecial);
    EXPECT_FALSE(file_system()->open(::testing::TempDir()).has_value());
    EXPECT_FALSE(file_system()->list("hypervisor/CMakeLists.txt").has_value());
}

RC_GTEST_PROP(MemscanProperty, agrees_with_a_naive_count_whatever_the_files, ()) {
    const auto contents = *rc::gen::container<std::vector<std::vector<std::uint64_t>>>(
        rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 12)));
    FakeSources sources;
    std::vector<std::string> arguments, bytes;
    for (std::size_t i = 0; i < contents.size(); ++i) {
        arguments.push_back("f" + std::to_string(i));
        auto one = pages(contents[i]);
        if (!one.empty() && *rc::gen::arbitrary<bool>()) one.resize(one.size() - 100);
        sources.files[arguments.back()].bytes = one;
        if (!one.empty()) bytes.push_back(std::move(one));
    }
    RC_PRE(!bytes.empty());
    const auto result = scan_all(sources, arguments, {.threads = 1});
    RC_ASSERT(result.has_value());
    const auto wanted = counted(bytes);
    RC_ASSERT(result->all.pages == wanted.pages);
    RC_ASSERT(result->all.zero_pages == wanted.zero_pages);
    RC_ASSERT(result->all.merged_within == wanted.merged_within);
    RC_ASSERT(result->all.merged_across == wanted.merged_across);
}

}  // namespace
}  // namespace pvmsim::memscan
