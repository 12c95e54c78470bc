// Scanning real pages: exact counts where the table has room, the same with any number of threads and however the pages
// are cut, never more than the truth where it has not.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <set>

#include "hypervisor/memory/deduplication/byte_scanner.hpp"

namespace pvmsim::hypervisor {
namespace {

std::uint64_t all_collide(const std::byte*) { return 42; }

/// Sources in memory; each page is its letter at one place of zeros. Letter 0 is a zero page.
class Sources final : public PageReader {
  public:
    explicit Sources(std::vector<std::vector<unsigned char>> letters) : letters_(std::move(letters)) {
        for (const auto& source : letters_) {
            bytes_.emplace_back(source.size() * kPageBytes);
            for (std::size_t i = 0; i < source.size(); ++i) bytes_.back()[i * kPageBytes + 4000] = std::byte{source[i]};
        }
    }
    const std::byte* page(std::uint32_t source, std::uint64_t index, std::byte* buffer) override {
        if (is_gone || buffer == nullptr) return nullptr;
        const std::byte* from = bytes_.at(source).data() + index * kPageBytes;
        std::copy(from, from + kPageBytes, buffer);
        return buffer;
    }
    /// `cut`: pages in a call.
    ByteScanCounts scan(ByteScanner::Options options, std::size_t cut) {
        ByteScanner scanner(options, *this);
        for (std::uint32_t source = 0; source < bytes_.size(); ++source) {
            scanner.begin_source(source);
            std::span<const std::byte> rest = bytes_[source];
            while (!rest.empty()) {
                const std::size_t now = std::min(cut * kPageBytes, rest.size());
                scanner.add(rest.first(now));
                rest = rest.subspan(now);
            }
        }
        return scanner.counts();
    }
    [[nodiscard]] ByteScanCounts expected() const {
        ByteScanCounts counts;
        std::map<unsigned char, std::uint64_t> met;
        for (const auto& source : letters_) {
            std::set<unsigned char> here;
            for (const unsigned char letter : source) {
                ++counts.pages;
                counts.zero_pages += letter == 0;
                const std::uint64_t before = met[letter]++;
                counts.groups += before == 1;
                if (!here.insert(letter).second)
                    ++counts.duplicates_within;
                else if (before > 0)
                    ++counts.duplicates_across;
            }
        }
        counts.compared = counts.saved();
        return counts;
    }
    bool is_gone = false;

  private:
    std::vector<std::vector<unsigned char>> letters_;
    std::vector<std::vector<std::byte>> bytes_;
};

Sources any_sources() {
    const auto letters = rc::gen::container<std::vector<unsigned char>>(rc::gen::inRange<unsigned char>(0, 60));
    return Sources(*rc::gen::container<std::vector<std::vector<unsigned char>>>(4, letters));
}

RC_GTEST_PROP(byte_scanner, counts_are_exact_with_any_threads_and_cuts, ()) {
    Sources sources = any_sources();
    for (const unsigned threads : {1u, 2u, 3u}) {
        const auto cut = *rc::gen::inRange<std::size_t>(1, 40);
        RC_ASSERT(sources.scan({.table_bytes = 1u << 20, .threads = threads}, cut) == sources.expected());
    }
}

RC_GTEST_PROP(byte_scanner, too_small_a_table_misses_and_says_so_the_same_with_any_threads, ()) {
    Sources sources = any_sources();
    const ByteScanCounts want = sources.expected();
    const ByteScanCounts one = sources.scan({.table_bytes = 128, .threads = 1}, 7);
    RC_ASSERT(one.pages == want.pages);
    RC_ASSERT(one.zero_pages == want.zero_pages);
    RC_ASSERT(one.saved() <= want.saved());
    RC_ASSERT(one.saved() == want.saved() || one.evicted > 0);
    RC_ASSERT(sources.scan({.table_bytes = 128, .threads = 2}, 30) == one);
}

RC_GTEST_PROP(byte_scanner, colliding_signatures_never_count_what_differs, ()) {
    Sources sources = any_sources();
    const ByteScanCounts want = sources.expected();
    const ByteScanCounts got = sources.scan({.table_bytes = 4096, .threads = 2, .signature = all_collide}, 16);
    RC_ASSERT(got.zero_pages == want.zero_pages);
    RC_ASSERT(got.saved() <= want.saved());
    RC_ASSERT(got.saved() == want.saved() || got.evicted > 0);
}

TEST(byte_scanner, many_batches_are_the_same_with_two_threads) {
    std::vector<unsigned char> letters;
    for (int i = 0; i < 3000; ++i) letters.push_back(static_cast<unsigned char>(i * i % 251));
    Sources sources({letters, letters});
    const ByteScanCounts want = sources.expected();
    EXPECT_EQ(want.groups, 126u);
    EXPECT_EQ(sources.scan({.table_bytes = 1u << 20, .threads = 1}, 100'000), want);
    EXPECT_EQ(sources.scan({.table_bytes = 1u << 20, .threads = 2}, 100'000), want);
}

TEST(byte_scanner, pages_that_are_gone_count_as_different) {
    Sources sources({{1, 2, 3}, {1, 2, 3}});
    sources.is_gone = true;
    const ByteScanCounts counts = sources.scan({.table_bytes = 1u << 20}, 3);
    EXPECT_EQ(counts.saved(), 0u);
    EXPECT_EQ(counts.compared, 3u);
    EXPECT_EQ(counts.different, 3u);
}

TEST(worker_team, each_part_is_done_once_in_each_round) {
    WorkerTeam team(3);
    EXPECT_EQ(team.size(), 3u);
    std::array<int, 3> done{};
    for (int round = 0; round < 2000; ++round) team.run([&](unsigned part) { ++done[part]; });
    EXPECT_EQ(done, (std::array{2000, 2000, 2000}));
}

}  // namespace
}  // namespace pvmsim::hypervisor
