// Extents of identities say the same as a list of what is in each page.
// Whatever is described, written or resized in between.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "hypervisor/memory/content/member_contents.hpp"

namespace pvmsim::hypervisor {
namespace {

constexpr std::uint64_t kSeed = 11;

/// What is in one page, by itself.
struct Explicit {
    ContentSource source;
    std::uint32_t writes = 0;
    friend bool operator==(const Explicit&, const Explicit&) = default;
};

ContentIdentity identity_of(const Explicit& page, PageNumber number) {
    MemberContents alone(number + 1, kSeed);
    alone.describe(number, 1, page.source);
    for (std::uint32_t i = 0; i < page.writes; ++i) alone.write(number);
    return alone.at(number);
}

ContentSource any_source() {
    const auto kind = *rc::gen::element(ContentKind::kZero, ContentKind::kCommon, ContentKind::kOwn);
    return {.kind = kind,
            .seed = *rc::gen::inRange<std::uint64_t>(0, 3),
            .first = *rc::gen::inRange<std::uint64_t>(0, 50),
            .distinct = kind == ContentKind::kOwn ? *rc::gen::element<std::uint64_t>(0, 5) : 0};
}

void change(MemberContents& contents, std::vector<Explicit>& pages) {
    const auto count = static_cast<PageNumber>(pages.size());
    const auto first = *rc::gen::inRange<PageNumber>(0, count);
    switch (*rc::gen::inRange(0, 5)) {
        case 0: {
            const auto resized = *rc::gen::inRange<PageNumber>(1, 300);
            contents.resize(resized);
            pages.resize(resized);
            break;
        }
        case 1: {
            const auto word = first / kPagesInWord;
            auto mask = *rc::gen::arbitrary<std::uint64_t>();
            if (count - word * kPagesInWord < kPagesInWord)
                mask &= (std::uint64_t{1} << (count - word * kPagesInWord)) - 1;
            contents.write(word, mask);
            for (std::uint32_t bit = 0; bit < kPagesInWord; ++bit)
                if ((mask >> bit & 1) != 0) ++pages[word * kPagesInWord + bit].writes;
            break;
        }
        case 2:
            contents.write(first);
            ++pages[first].writes;
            break;
        default: {
            const auto length = *rc::gen::inRange<PageNumber>(0, count - first + 1);
            const ContentSource source = any_source();
            contents.describe(first, length, source);
            for (PageNumber i = 0; i < length; ++i) {
                pages[first + i] = {source, 0};
                pages[first + i].source.first += i;
            }
        }
    }
}

RC_GTEST_PROP(member_contents, extents_equal_explicit_contents, ()) {
    std::vector<Explicit> pages(*rc::gen::inRange<std::size_t>(1, 300));
    MemberContents contents(static_cast<std::uint32_t>(pages.size()), kSeed);
    const auto changes = *rc::gen::inRange(1, 20);
    for (int i = 0; i < changes; ++i) change(contents, pages);
    const auto first = *rc::gen::inRange<std::size_t>(0, pages.size());
    std::vector<std::uint64_t> read(pages.size() - first);
    contents.read(static_cast<PageNumber>(first), read);
    for (PageNumber page = 0; page < pages.size(); ++page) {
        RC_ASSERT(contents.at(page) == identity_of(pages[page], page));
        if (page >= first) RC_ASSERT(read[page - first] == contents.at(page).value);
    }
    RC_ASSERT(contents.extents() <= pages.size());
}

TEST(member_contents, equal_sources_are_equal_in_any_partition_and_own_pages_are_not) {
    MemberContents one(100, 1);
    MemberContents other(100, 2);
    for (MemberContents* contents : {&one, &other}) {
        contents->describe(0, 10, {.kind = ContentKind::kCommon, .seed = 5});
        contents->describe(10, 10, {.kind = ContentKind::kOwn, .seed = 5});
        contents->describe(20, 10, {.kind = ContentKind::kOwn, .seed = 5, .distinct = 1});
    }
    other.describe(50, 10, {.kind = ContentKind::kCommon, .seed = 5});
    EXPECT_EQ(one.at(3), other.at(3));
    EXPECT_EQ(one.at(3), other.at(53));
    EXPECT_NE(one.at(3), other.at(4));
    EXPECT_NE(one.at(12), other.at(12));
    EXPECT_EQ(one.at(22), other.at(25));
    EXPECT_EQ(one.at(99), kZeroPage);
    one.write(3);
    other.write(3);
    EXPECT_NE(one.at(3), other.at(3));
    EXPECT_NE(one.at(3), other.at(53));
}

TEST(member_contents, each_of_two_writes_makes_another_page) {
    MemberContents contents(64, 1);
    std::vector<ContentIdentity> seen{contents.at(5)};
    for (int i = 0; i < 4; ++i) {
        contents.write(5);
        EXPECT_NE(contents.at(5), seen[seen.size() - 1]);
        if (seen.size() > 1) {
            EXPECT_NE(contents.at(5), seen[seen.size() - 2]);
        }
        seen.push_back(contents.at(5));
    }
    EXPECT_EQ(contents.at(4), kZeroPage);
}

TEST(member_contents, pages_of_a_heap_all_differ_and_of_low_entropy_are_as_many_as_said) {
    constexpr std::uint32_t kPages = 1u << 16;
    MemberContents contents(kPages, 1);
    const auto distinct = [&] {
        std::vector<std::uint64_t> all(kPages);
        contents.read(0, all);
        std::ranges::sort(all);
        return kPages - static_cast<std::uint32_t>(std::ranges::unique(all).size());
    };
    contents.describe(0, kPages, {.kind = ContentKind::kOwn, .seed = 9});
    EXPECT_EQ(distinct(), kPages);
    contents.describe(0, kPages, {.kind = ContentKind::kOwn, .seed = 9, .distinct = 100});
    EXPECT_EQ(distinct(), 100u);
    EXPECT_EQ(contents.extents(), 1u);
}

TEST(member_contents, neighbours_of_one_source_are_one_extent) {
    MemberContents contents(100, 1);
    const ContentSource text{.kind = ContentKind::kCommon, .seed = 5};
    contents.describe(0, 40, text);
    contents.describe(40, 60, {.kind = ContentKind::kCommon, .seed = 5, .first = 40});
    EXPECT_EQ(contents.extents(), 1u);
    contents.describe(30, 20, {});
    EXPECT_EQ(contents.extents(), 3u);
    contents.describe(30, 20, {.kind = ContentKind::kCommon, .seed = 5, .first = 30});
    EXPECT_EQ(contents.extents(), 1u);
}

}  // namespace
}  // namespace pvmsim::hypervisor
