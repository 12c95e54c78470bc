// The promises about deduplication: scanning a million real pages of 4 KiB, half of them duplicates, at 0.35 of the
// sequential read bandwidth with one thread, 1.25 times that with two, 8 times a tree that compares contents; a hundred
// million pages of fifty million identities in at most 22 ns a page; the contents of 8 TB in 1 GB.
//
// Sketch first. Bytes: each page is read once to be signed, each duplicate's twin once to be compared: 4 + 2 GB, so
// 0.67 of the bandwidth if nothing else took time. Identities: 2 ns to compute one, a cache line of the table from
// anywhere in 1.6 GB, and for half of the pages two lines more for the page it names; with some ten lines on their way
// at once 8 ns each: 15 to 20 ns. Contents: two bits a page are 512 MB for 8 TB, whatever is written.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "bench/promise.hpp"
#include "hypervisor/memory/content/pool_contents.hpp"
#include "hypervisor/memory/deduplication/byte_scanner.hpp"
#include "hypervisor/memory/deduplication/deduplicator.hpp"

namespace {

using namespace pvmsim::bench;
using namespace pvmsim::hypervisor;

/// Anonymous memory, in large pages where there are some.
class Buffer {
  public:
    explicit Buffer(std::size_t bytes) : bytes_(bytes) {
        void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) std::abort();
        (void)::madvise(memory, bytes, MADV_HUGEPAGE);
        data_ = static_cast<std::byte*>(memory);
    }
    ~Buffer() { ::munmap(data_, bytes_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    [[nodiscard]] std::byte* page(std::size_t n) const { return data_ + n * kPageBytes; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, bytes_}; }

  private:
    std::size_t bytes_;
    std::byte* data_;
};

/// Each content on exactly two pages, in random order.
struct Pages {
    explicit Pages(std::size_t count) : buffer(count * kPageBytes) {
        Draw draw;
        std::vector<std::uint32_t> contents(count);
        for (std::size_t i = 0; i < count; ++i) contents[i] = static_cast<std::uint32_t>(i / 2);
        for (std::size_t i = count - 1; i > 0; --i)
            std::swap(contents[i], contents[static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(i) + 1))]);
        for (std::size_t i = 0; i < count; ++i) fill(buffer.page(i), contents[i]);
    }
    /// Contents differ in their middle first: half of a page must be compared to tell.
    static void fill(std::byte* page, std::uint32_t content) {
        std::uint64_t word = 0x1234'5678;
        for (std::size_t at = 0; at < kPageBytes; at += sizeof word) {
            if (at == kPageBytes / 2) word ^= content * 0x9e37'79b9'7f4a'7c15u;
            word = word * 6364136223846793005u + 1442695040888963407u;
            std::memcpy(page + at, &word, sizeof word);
        }
    }
    Buffer buffer;
};

class BufferReader final : public PageReader {
  public:
    explicit BufferReader(const Buffer& buffer) : buffer_(buffer) {}
    const std::byte* page(std::uint32_t, std::uint64_t index, std::byte*) override { return buffer_.page(index); }

  private:
    const Buffer& buffer_;
};

constexpr std::size_t kRealPages = 1'000'000;
constexpr int kRepeats = 5;

/// Bytes a second of reading the buffer from one end to the other on one thread: the best of some.
double read_bandwidth(const Buffer& buffer) {
    double best = 0;
    const auto bytes = buffer.bytes();
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        const auto begin = Clock::now();
        std::uint64_t sums[8] = {};
        for (std::size_t at = 0; at < bytes.size(); at += sizeof sums) {
            std::uint64_t words[8];
            std::memcpy(words, bytes.data() + at, sizeof words);
            for (int i = 0; i < 8; ++i) sums[i] += words[i];
        }
        benchmark::DoNotOptimize(sums);
        best = std::max(best, static_cast<double>(bytes.size()) / seconds_since(begin));
    }
    return best;
}

struct Measured {
    double seconds = 0;
    bool is_right = true;
};

Measured scan_bytes(const Buffer& buffer, unsigned threads) {
    Measured measured{1e9};
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        BufferReader reader(buffer);
        ByteScanner scanner({.table_bytes = 32u << 20, .threads = threads}, reader);
        const auto begin = Clock::now();
        scanner.begin_source(0);
        scanner.add(buffer.bytes());
        measured.seconds = std::min(measured.seconds, seconds_since(begin));
        const ByteScanCounts& counts = scanner.counts();
        measured.is_right &= counts.pages == kRealPages && counts.saved() == kRealPages / 2 &&
                             counts.groups == kRealPages / 2 && counts.zero_pages == 0 && counts.evicted == 0;
    }
    return measured;
}

/// A page, ordered by its bytes.
struct PageBytes {
    const std::byte* data;
    friend bool operator<(PageBytes left, PageBytes right) {
        return std::memcmp(left.data, right.data, kPageBytes) < 0;
    }
};

/// KSM's way: a balanced tree of pages ordered by their contents.
Measured scan_tree(const Buffer& buffer) {
    const auto begin = Clock::now();
    std::set<PageBytes> tree;
    std::size_t duplicates = 0;
    for (std::size_t i = 0; i < kRealPages; ++i) duplicates += !tree.insert(PageBytes{buffer.page(i)}).second;
    return {seconds_since(begin), duplicates == kRealPages / 2};
}

void bench_bytes() {
    const Pages pages(kRealPages);
    const double bandwidth = read_bandwidth(pages.buffer);
    const Measured one = scan_bytes(pages.buffer, 1);
    const Measured two = scan_bytes(pages.buffer, 2);
    const Measured tree = scan_tree(pages.buffer);
    const double scan_rate = kRealPages * static_cast<double>(kPageBytes) / one.seconds;
    std::printf("read %.3g GB/s; scan %.3g and %.3g million pages a second; tree %.3g\n", bandwidth / 1e9,
                kRealPages / one.seconds / 1e6, kRealPages / two.seconds / 1e6, kRealPages / tree.seconds / 1e6);
    const double share = scan_rate / bandwidth;
    report({"deduplication of real pages, share of sequential read bandwidth", share, "x", 0.35,
            share >= 0.35 && one.is_right},
           "reading the same 4 GB once");
    const double speedup = one.seconds / two.seconds;
    report({"deduplication of real pages, two threads to one", speedup, "x", 1.25,
            speedup >= 1.25 && two.is_right && one.is_right},
           "one thread");
    const double times = tree.seconds / one.seconds;
    report({"deduplication of real pages, times faster than a tree of contents", times, "x", 8,
            times >= 8 && tree.is_right && one.is_right},
           "std::set ordered by memcmp");
}

constexpr std::uint32_t kIdentityPages = 100'000'000;

void back_all(SharedPages& pages, MemberId member, std::uint32_t count) {
    for (PageNumber page = 0; page < count; ++page) pages.back({member, page});
}

/// Two partitions with the same fifty million pages, in another order: the second's file is cut in stretches of 16 MB
/// that are laid out at random, as file caches are. Each page of the second equals one of the first.
void bench_identities() {
    constexpr std::uint32_t kHalf = kIdentityPages / 2;
    constexpr std::uint32_t kStretch = 4096;
    SharedPages pages(kIdentityPages);
    PoolContents contents;
    const MemberId first = pages.add_member(kHalf);
    const MemberId second = pages.add_member(kHalf);
    contents.add(first, kHalf, 1);
    contents.add(second, kHalf, 2);
    std::vector<std::uint32_t> stretches;
    for (std::uint32_t at = 0; at < kHalf; at += kStretch) stretches.push_back(at);
    Draw draw;
    for (std::size_t i = stretches.size() - 1; i > 0; --i)
        std::swap(stretches[i], stretches[static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(i) + 1))]);
    std::uint32_t at = 0;
    for (const std::uint32_t from : stretches) {
        const std::uint32_t count = std::min(kStretch, kHalf - from);
        contents.of(second).describe(at, count, {.kind = ContentKind::kCommon, .seed = 7, .first = from});
        at += count;
    }
    back_all(pages, first, kHalf);
    back_all(pages, second, kHalf);

    // The table has been in use, by pages that have changed since.
    PageMatcher matcher(pages, contents, deduplication_table_bytes(kIdentityPages * kPageBytes, 256));
    contents.of(first).describe(0, kHalf, {.kind = ContentKind::kCommon, .seed = 6});
    for (std::uint32_t word = 0; word < kHalf / kPagesInWord; ++word) matcher.add(first, word, ~std::uint64_t{0});
    matcher.flush();
    contents.of(first).describe(0, kHalf, {.kind = ContentKind::kCommon, .seed = 7});

    std::uint64_t matches = 0;
    bool is_right = matcher.matches().empty();
    const auto begin = Clock::now();
    for (const MemberId member : {first, second})
        for (std::uint32_t word = 0; word < kHalf / kPagesInWord; ++word) {
            matcher.add(member, word, ~std::uint64_t{0});
            matches += matcher.matches().size();
            for (const PageMatch& match : matcher.matches())
                is_right &= match.known.member == first && match.page.member == second;
            matcher.clear_matches();
        }
    matcher.flush();
    matches += matcher.matches().size();
    const double nanoseconds = 1e9 * seconds_since(begin) / kIdentityPages;
    const std::uint64_t missed = kHalf - matches;
    is_right &= matches <= kHalf && missed <= matcher.counters().evicted && missed < kHalf / 1000;
    std::printf("identities: %llu matches, %llu missed, %llu evicted\n", static_cast<unsigned long long>(matches),
                static_cast<unsigned long long>(missed), static_cast<unsigned long long>(matcher.counters().evicted));
    report({"deduplication by identity, 1e8 pages of 5e7 identities", nanoseconds, "ns/page", 22,
            nanoseconds <= 22 && is_right},
           "none");
}

/// The pool as it is run: walk, matches, and the merges themselves. No promise, for comparison.
void bench_pool() {
    constexpr std::uint32_t kMembers = 20;
    constexpr std::uint32_t kEach = 800'000;
    SharedPages pages(kMembers * kEach);
    PoolContents contents;
    for (std::uint32_t i = 0; i < kMembers; ++i) {
        const MemberId member = pages.add_member(kEach);
        contents.add(member, kEach, i);
        contents.of(member).describe(0, kEach / 2, {.kind = ContentKind::kCommon, .seed = 1});
        contents.of(member).describe(kEach / 2, kEach / 4, {.kind = ContentKind::kOwn, .seed = 2});
        back_all(pages, member, kEach);
    }
    Deduplicator deduplicator(pages, contents, deduplication_table_bytes(64ull << 30, 1024));
    for (int pass = 1; pass <= 2; ++pass) {
        const auto begin = Clock::now();
        const ScanResult result = deduplicator.scan(kMembers * kEach);
        std::printf("pool of 20 partitions, pass %d: %.3g ns a page, %llu of %u pages merged\n", pass,
                    1e9 * seconds_since(begin) / (kMembers * kEach), static_cast<unsigned long long>(result.merged),
                    kMembers * kEach);
    }
}

/// Pages of each kind, counted one by one.
struct Totals {
    std::uint64_t zero = 0;
    std::uint64_t text = 0;
    friend bool operator==(const Totals&, const Totals&) = default;
};

double resident_gib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

/// 8 TB in 256 partitions: each has an operating system's text in four extents, a database's buffers, heaps of forty
/// processes, zero pages between them; one page in a hundred was written, anywhere.
void bench_contents() {
    constexpr std::uint32_t kMembers = 256;
    constexpr std::uint32_t kEach = 1u << 23;
    constexpr std::uint32_t kText = 1u << 16;
    constexpr std::uint32_t kHeap = 1u << 14;
    constexpr std::uint32_t kProcesses = 40;
    PoolContents contents;
    Draw draw;
    std::uint64_t written = 0;
    for (std::uint16_t m = 0; m < kMembers; ++m) {
        contents.add(MemberId{m}, kEach, m);
        MemberContents& memory = contents.of(MemberId{m});
        for (std::uint32_t i = 0; i < 4; ++i)
            memory.describe(i * 4 * kText, kText,
                            {.kind = ContentKind::kCommon, .seed = m % 4u, .first = std::uint64_t{i} * kText});
        memory.describe(kEach / 4, kEach / 2, {.kind = ContentKind::kOwn, .seed = 1});
        for (std::uint32_t i = 0; i < kProcesses; ++i)
            memory.describe(kEach / 4 * 3 + i * 2 * kHeap, kHeap, {.kind = ContentKind::kOwn, .seed = 100 + i});
        for (std::uint32_t i = 0; i < kEach / 100; ++i)
            memory.write(static_cast<PageNumber>(draw.below(kEach / 4)) + kEach / 4);
        written += kEach / 100;
    }
    // Text of level 0, zero pages, and pages of no other: no more than one look at each.
    Totals totals;
    std::vector<std::uint64_t> text(4 * kText);
    for (std::uint32_t i = 0; i < 4; ++i)
        contents.of(MemberId{0}).read(i * 4 * kText, std::span{text}.subspan(std::size_t{i} * kText, kText));
    std::vector<std::uint64_t> chunk(kText);
    const auto begin = Clock::now();
    for (std::uint16_t m = 0; m < kMembers; ++m)
        for (std::uint32_t first = 0; first < kEach; first += kText) {
            contents.of(MemberId{m}).read(first, chunk);
            totals.zero += static_cast<std::uint64_t>(std::ranges::count(chunk, kZeroPage.value));
            if (first < 16 * kText && first / kText % 4 == 0)
                for (std::uint32_t i = 0; i < kText; ++i) totals.text += chunk[i] == text[first / 4 + i];
        }
    const double seconds = seconds_since(begin);
    const Totals expected{std::uint64_t{kMembers} * (kEach - 4 * kText - kEach / 2 - kProcesses * kHeap),
                          kMembers / 4u * 4 * kText};
    const double gib = resident_gib();
    std::printf("8 TB of contents, %llu writes: read in %.3g s\n", static_cast<unsigned long long>(written), seconds);
    report(
        {"contents of 8 TB in extents, resident memory of the process", gib, "GiB", 1, gib <= 1 && totals == expected},
        "none");
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    bench_contents();  // first: it reads the most memory the process ever had
    bench_bytes();
    bench_identities();
    bench_pool();
    return 0;
}
