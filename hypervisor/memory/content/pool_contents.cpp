// A member's number is its place; numbers of those who left are empty places.
// Asked for a page that is not there any more, contents answer that nothing equals it.
#include "hypervisor/memory/content/pool_contents.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

void PoolContents::add(MemberId member, std::uint32_t pages, std::uint64_t seed) {
    if (member.value() >= members_.size()) members_.resize(member.value() + std::size_t{1});
    PVMSIM_ASSERT(!members_[member.value()]);
    members_[member.value()].emplace(pages, seed);
}

void PoolContents::remove(MemberId member) {
    PVMSIM_ASSERT(pages(member) > 0);
    members_[member.value()].reset();
}

std::uint16_t PoolContents::member_limit() const { return static_cast<std::uint16_t>(members_.size()); }

std::uint32_t PoolContents::pages(MemberId member) const {
    if (member.value() >= members_.size() || !members_[member.value()]) return 0;
    return members_[member.value()]->pages();
}

void PoolContents::sign(MemberId member, std::uint32_t word, std::span<std::uint64_t> signatures) const {
    of(member).read(word * kPagesInWord, signatures);
}

std::uint64_t PoolContents::sign(LogicalPage page) const {
    return page.page < pages(page.member) ? of(page.member).at(page.page).value : 0;
}

void PoolContents::prefetch(LogicalPage page) const {
    if (page.page < pages(page.member)) of(page.member).prefetch(page.page);
}

bool PoolContents::equal(LogicalPage known, LogicalPage /*page*/, std::uint64_t signature) const {
    return known.page < pages(known.member) && of(known.member).at(known.page).value == signature;
}

void PoolContents::digest(sim::Digest& digest) const {
    digest.add(members_.size());
    for (const auto& member : members_) {
        digest.add(member.has_value());
        if (member) member->digest(digest);
    }
}

}  // namespace pvmsim::hypervisor
