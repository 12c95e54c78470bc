// Merging never changes what a partition reads, whatever is written, merged, split and stolen, and however bad the
// signature is: real bytes against the plain memory each partition thinks it has. Property 10 of behaviour section 9
// holds at each step.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/hypervisor/deduplication_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint16_t kMembers = 3;
constexpr std::uint32_t kPages = 70;

std::uint64_t all_collide(const std::byte*) { return 42; }
std::uint64_t first_byte(const std::byte* page) { return std::to_integer<std::uint64_t>(page[0]) << 60; }

/// A frame is marked as shared on all of its pages or none, and is shared by two or more.
void check_sharing(const RealBytesPool& pool) {
    std::vector<std::uint32_t> users(pool.table.frame_count());
    for (std::uint16_t m = 0; m < kMembers; ++m)
        for (PageNumber page = 0; page < kPages; ++page)
            if (const auto frame = pool.table.frame_of({MemberId{m}, page})) ++users[frame->value()];
    std::uint32_t saved = 0;
    for (const std::uint32_t count : users) saved += count > 1 ? count - 1 : 0;
    RC_ASSERT(pool.table.saved_frames() == saved);
    for (std::uint16_t m = 0; m < kMembers; ++m)
        for (PageNumber page = 0; page < kPages; ++page) {
            const LogicalPage at{MemberId{m}, page};
            const PageWord& word = pool.table.words(at.member)[page / kPagesInWord];
            const bool is_marked = (word.coalesced >> (page % kPagesInWord) & 1) != 0;
            const auto frame = pool.table.frame_of(at);
            RC_ASSERT(is_marked == (frame && users[frame->value()] >= 2));
            if (!frame) continue;
            RC_ASSERT(pool.table.sharers(*frame) == users[frame->value()]);
            RC_ASSERT(pool.read(at) == pool.written(at));
        }
}

/// A write to a shared page takes exactly one frame; any other takes none, or the page's first.
void write_and_check(RealBytesPool& pool, LogicalPage page, std::size_t offset, std::byte value) {
    const std::uint32_t free = pool.table.free_frames();
    const auto before = pool.table.frame_of(page);
    const std::uint32_t sharers = before ? pool.table.sharers(*before) : 0;
    pool.write(page, offset, value);
    const auto after = pool.table.frame_of(page);
    RC_ASSERT(after.has_value());
    RC_ASSERT(free - pool.table.free_frames() == (sharers == 1 ? 0u : 1u));
    RC_ASSERT((before == after) == (sharers == 1));
    RC_ASSERT(pool.table.sharers(*after) == 1u);
    if (sharers > 1) RC_ASSERT(pool.table.sharers(*before) == sharers - 1);
}

void run(SignatureFunction signature) {
    RealBytesPool pool(kMembers, kPages, signature);
    Deduplicator deduplicator(pool.table, pool, *rc::gen::element<std::uint64_t>(64, 256, 65536));
    const auto steps = *rc::gen::inRange(1, 120);
    for (int step = 0; step < steps; ++step) {
        const LogicalPage page{MemberId{*rc::gen::inRange<std::uint16_t>(0, kMembers)},
                               *rc::gen::inRange<PageNumber>(0, kPages)};
        switch (*rc::gen::inRange(0, 8)) {
            case 0:  // all pages of a stretch, so that there is something to merge
                for (PageNumber n = page.page; n < kPages; ++n)
                    write_and_check(pool, {page.member, n}, n % 2, std::byte{static_cast<unsigned char>(n % 3)});
                break;
            case 1:
                if (pool.is_backed(page)) pool.table.unback(page);
                break;
            case 2:
                deduplicator.resize(*rc::gen::element<std::uint64_t>(64, 1024, 65536));
                break;
            case 3:
            case 4:
                (void)deduplicator.scan(*rc::gen::inRange<std::uint64_t>(1, 300));
                break;
            default:
                write_and_check(pool, page, *rc::gen::element<std::size_t>(0, 1, 4095),
                                std::byte{*rc::gen::inRange<unsigned char>(0, 3)});
        }
        check_sharing(pool);
    }
}

RC_GTEST_PROP(deduplication_property, merging_never_changes_what_is_read, ()) { run(page_hash); }
RC_GTEST_PROP(deduplication_property, colliding_signatures_never_merge_what_differs, ()) { run(all_collide); }
RC_GTEST_PROP(deduplication_property, poor_signatures_never_merge_what_differs, ()) { run(first_byte); }

/// With a table that has room for all, a pass finds everything: no two frames with equal bytes are left.
RC_GTEST_PROP(deduplication_property, two_passes_leave_no_equal_frames, ()) {
    RealBytesPool pool(kMembers, kPages, page_hash);
    const auto writes = *rc::gen::inRange(1, 300);
    for (int i = 0; i < writes; ++i)
        pool.write({MemberId{*rc::gen::inRange<std::uint16_t>(0, kMembers)}, *rc::gen::inRange<PageNumber>(0, kPages)},
                   *rc::gen::inRange<std::size_t>(0, 2), std::byte{*rc::gen::inRange<unsigned char>(0, 4)});
    Deduplicator deduplicator(pool.table, pool, 1u << 20);
    std::uint64_t merged = 0;
    for (int pass = 0; pass < 2; ++pass) merged += deduplicator.scan(kMembers * kPages).merged;
    RC_ASSERT(merged == pool.table.saved_frames());
    std::vector<LogicalPage> backed;
    for (std::uint16_t m = 0; m < kMembers; ++m)
        for (PageNumber page = 0; page < kPages; ++page)
            if (pool.is_backed({MemberId{m}, page})) backed.push_back({MemberId{m}, page});
    for (const LogicalPage& one : backed)
        for (const LogicalPage& other : backed)
            RC_ASSERT((pool.read(one) == pool.read(other)) == (pool.table.frame_of(one) == pool.table.frame_of(other)));
}

}  // namespace
}  // namespace pvmsim::hypervisor
