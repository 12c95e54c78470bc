// Page tables and frames of the shared memory pool, and a random sequence of everything they do against a plain model:
// groups of pages that share a frame.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "hypervisor/memory/sharing/page_range.hpp"
#include "hypervisor/memory/sharing/shared_pages.hpp"

namespace pvmsim::hypervisor {
namespace {

bool has(std::uint64_t bits, PageNumber page) { return (bits & bit_of(page)) != 0; }

TEST(MemorySharingPages, frames_are_given_taken_and_given_again_last_in_first_out) {
    SharedPages pages(3);
    const MemberId a = pages.add_member(100);
    const MemberId b = pages.add_member(100);
    ASSERT_TRUE(pages.back({a, 0}));
    ASSERT_TRUE(pages.back({a, 99}));
    ASSERT_TRUE(pages.back({b, 5}));
    EXPECT_FALSE(pages.back({b, 6}));
    EXPECT_EQ(pages.free_frames(), 0u);
    const Frame frame = *pages.frame_of({a, 99});
    pages.unback({a, 99});
    EXPECT_EQ(pages.frame_of({a, 99}), std::nullopt);
    ASSERT_TRUE(pages.back({b, 6}));
    EXPECT_EQ(pages.frame_of({b, 6}), frame);
    EXPECT_EQ(pages.backed(a), 1u);
    EXPECT_EQ(pages.backed(b), 2u);
}

TEST(MemorySharingPages, the_last_page_of_a_shared_frame_is_found_and_no_longer_coalesced) {
    SharedPages pages(4);
    const MemberId a = pages.add_member(64);
    const MemberId b = pages.add_member(640);
    for (const LogicalPage page : {LogicalPage{a, 3}, LogicalPage{b, 600}, LogicalPage{b, 1}})
        ASSERT_TRUE(pages.back(page));
    pages.merge({a, 3}, {b, 600});
    pages.merge({b, 600}, {b, 1});
    EXPECT_EQ(pages.saved_frames(), 2u);
    EXPECT_EQ(pages.free_frames(), 3u);
    EXPECT_EQ(pages.sharers(*pages.frame_of({a, 3})), 3u);
    pages.unback({a, 3});
    EXPECT_TRUE(has(pages.words(b)[600 / 64].coalesced, 600));
    ASSERT_TRUE(pages.split({b, 1}));
    EXPECT_FALSE(has(pages.words(b)[600 / 64].coalesced, 600));
    EXPECT_FALSE(has(pages.words(b)[0].coalesced, 1));
    EXPECT_EQ(pages.saved_frames(), 0u);
    EXPECT_NE(pages.frame_of({b, 1}), pages.frame_of({b, 600}));
}

TEST(MemorySharingPages, split_needs_a_free_frame) {
    SharedPages pages(2);
    const MemberId a = pages.add_member(64);
    ASSERT_TRUE(pages.back({a, 0}) && pages.back({a, 1}));
    pages.merge({a, 0}, {a, 1});
    ASSERT_TRUE(pages.back({a, 2}));
    EXPECT_FALSE(pages.split({a, 0}));
    EXPECT_EQ(pages.frame_of({a, 0}), pages.frame_of({a, 1}));
}

TEST(MemorySharingPages, only_free_frames_can_go) {
    SharedPages pages(10);
    const MemberId a = pages.add_member(64);
    for (PageNumber page = 0; page < 6; ++page) ASSERT_TRUE(pages.back({a, page}));
    pages.unback({a, 0});
    EXPECT_EQ(pages.shrink(8), 5u);
    EXPECT_EQ(pages.frame_count(), 5u);
    EXPECT_EQ(pages.free_frames(), 0u);
    EXPECT_EQ(pages.grow(4), 4u);
    EXPECT_EQ(pages.frame_count(), 9u);
    for (PageNumber page = 10; page < 14; ++page) EXPECT_TRUE(pages.back({a, page}));
    EXPECT_FALSE(pages.back({a, 14}));
}

TEST(MemorySharingPages, a_member_that_outgrows_its_numbers_keeps_its_shared_frames) {
    SharedPages pages(8);
    const MemberId a = pages.add_member(64);
    const MemberId b = pages.add_member(64);
    ASSERT_TRUE(pages.back({a, 7}) && pages.back({b, 9}));
    pages.merge({b, 9}, {a, 7});
    pages.resize_member(a, 1000);
    pages.unback({b, 9});
    EXPECT_FALSE(has(pages.words(a)[0].coalesced, 7));
    EXPECT_EQ(pages.coalesced(a), 0u);
    EXPECT_TRUE(pages.back({a, 999}));
    pages.resize_member(a, 8);
    EXPECT_EQ(pages.backed(a), 1u);
    EXPECT_EQ(pages.free_frames(), 7u);
}

/// What SharedPages does, said plainly: every backed page has a group.
struct Model {
    std::map<std::pair<std::uint16_t, PageNumber>, int> group;
    int next_group = 0;

    [[nodiscard]] int sharers(int one) const {
        int count = 0;
        for (const auto& [page, of] : group) count += of == one ? 1 : 0;
        return count;
    }
};

void check(const SharedPages& pages, const Model& model, const std::set<std::uint16_t>& members) {
    std::map<int, std::uint32_t> frame_of_group;
    std::set<std::uint32_t> frames;
    for (const auto& [page, group] : model.group) {
        const LogicalPage logical{MemberId{page.first}, page.second};
        const auto frame = pages.frame_of(logical);
        RC_ASSERT(frame.has_value());
        const auto [known, is_new] = frame_of_group.emplace(group, frame->value());
        RC_ASSERT(known->second == frame->value());
        RC_ASSERT(frames.insert(frame->value()).second == is_new);
        RC_ASSERT(pages.sharers(*frame) == static_cast<std::uint32_t>(model.sharers(group)));
        RC_ASSERT(has(pages.words(logical.member)[page.second / 64].coalesced, page.second) ==
                  (model.sharers(group) > 1));
    }
    RC_ASSERT(pages.free_frames() == pages.frame_count() - frames.size());
    RC_ASSERT(pages.saved_frames() == model.group.size() - frames.size());
    std::size_t backed = 0;
    for (const std::uint16_t member : members) {
        backed += pages.backed(MemberId{member});
        std::uint32_t coalesced = 0;
        for (const PageWord& word : pages.words(MemberId{member}))
            coalesced += static_cast<std::uint32_t>(std::popcount(word.coalesced));
        RC_ASSERT(coalesced == pages.coalesced(MemberId{member}));
    }
    RC_ASSERT(backed == model.group.size());
}

class RandomPages {
  public:
    void step() {
        const int what = *rc::gen::inRange(0, 20);
        if (members_.empty() || what == 0) {
            members_.insert(pages_.add_member(*rc::gen::inRange(1u, 200u)).value());
        } else if (what == 1) {
            pages_.grow(*rc::gen::inRange(0u, 20u));
        } else if (what == 2) {
            pages_.shrink(*rc::gen::inRange(0u, 20u));
        } else if (what <= 4) {
            change_member(what == 3);
        } else {
            change_page(what);
        }
        check(pages_, model_, members_);
    }

  private:
    std::uint16_t any_member() { return *rc::gen::elementOf(members_); }
    LogicalPage any_page() {
        const MemberId member{any_member()};
        return {member, *rc::gen::inRange(0u, pages_.pages(member))};
    }
    void change_member(bool leaves) {
        const std::uint16_t member = any_member();
        const std::uint32_t size = leaves ? 0 : *rc::gen::inRange(1u, 400u);
        if (leaves) {
            pages_.remove_member(MemberId{member});
            members_.erase(member);
        } else {
            pages_.resize_member(MemberId{member}, size);
        }
        std::erase_if(model_.group,
                      [&](const auto& one) { return one.first.first == member && one.first.second >= size; });
    }
    void change_page(int what) {
        const LogicalPage page = any_page();
        const std::pair key{page.member.value(), page.page};
        const bool is_backed = model_.group.contains(key);
        if (!is_backed) {
            const bool has_free = pages_.free_frames() > 0;
            RC_ASSERT(pages_.back(page) == has_free);
            if (has_free) model_.group[key] = model_.next_group++;
        } else if (what < 9) {
            pages_.unback(page);
            model_.group.erase(key);
        } else if (what < 12 && model_.sharers(model_.group[key]) > 1) {
            const bool has_free = pages_.free_frames() > 0;
            RC_ASSERT(pages_.split(page) == has_free);
            if (has_free) model_.group[key] = model_.next_group++;
        } else {
            const auto other = *rc::gen::elementOf(model_.group);
            if (other.second == model_.group[key]) return;
            pages_.merge({MemberId{other.first.first}, other.first.second}, page);
            model_.group[key] = other.second;
        }
    }

    SharedPages pages_{60};
    Model model_;
    std::set<std::uint16_t> members_;
};

RC_GTEST_PROP(MemorySharingPages, are_as_a_plain_model_says_whatever_happens, ()) {
    RandomPages random;
    const int steps = *rc::gen::inRange(1, 300);
    for (int i = 0; i < steps; ++i) random.step();
}

}  // namespace
}  // namespace pvmsim::hypervisor
