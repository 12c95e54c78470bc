// Nothing that the table says is believed: a page it names counts only if it is there now and equal now.
#include "hypervisor/memory/deduplication/page_matcher.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace pvmsim::hypervisor {

PageMatcher::PageMatcher(const SharedPages& pages, const PageSignatures& contents, std::uint64_t table_bytes)
    : pages_(pages), contents_(contents), table_(table_bytes) {}

void PageMatcher::add(MemberId member, std::uint32_t word, std::uint64_t mask) {
    if (mask == 0) return;
    std::array<std::uint64_t, kPagesInWord> signatures;
    const PageNumber first = word * kPagesInWord;
    const std::uint32_t count = std::min<std::uint32_t>(kPagesInWord, pages_.pages(member) - first);
    contents_.sign(member, word, std::span{signatures}.first(count));
    for (; mask != 0; mask &= mask - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(mask));
        table_.prefetch(signatures[bit]);
        batch_[waiting_++] = {signatures[bit], {member, first + bit}};
    }
    if (waiting_ > kBatch) flush();
}

void PageMatcher::flush() {
    const auto batch = std::span{batch_}.first(waiting_);
    for (const Waiting& waiting : batch) prefetch_known(waiting);
    for (const Waiting& waiting : batch) look_up(waiting);
    waiting_ = 0;
}

void PageMatcher::prefetch_known(const Waiting& waiting) {
    const SignatureTable::Bucket& bucket = table_.bucket(waiting.signature);
    const SignatureTable::Slots found = bucket.find(waiting.signature);
    if (found.empty()) return;
    const LogicalPage known = bucket.page(found.first());
    if (!exists(known)) return;
    contents_.prefetch(known);
    const PageWord& word = pages_.words(known.member)[known.page / kPagesInWord];
    __builtin_prefetch(&word.backed);
    __builtin_prefetch(&word.busy);
}

bool PageMatcher::exists(LogicalPage page) const {
    return page.member.value() < pages_.member_limit() && page.page < pages_.pages(page.member);
}

bool PageMatcher::is_there(LogicalPage page) const {
    if (!exists(page)) return false;
    const PageWord& word = pages_.words(page.member)[page.page / kPagesInWord];
    return (may_share(word) >> (page.page % kPagesInWord) & 1) != 0;
}

SignatureTable::Comparison PageMatcher::compare(LogicalPage known, const Waiting& waiting) {
    using enum SignatureTable::Comparison;
    if (known == waiting.page) return kEqual;
    if (!is_there(known)) return kStale;
    ++counters_.compared;
    if (contents_.equal(known, waiting.page, waiting.signature)) return kEqual;
    return contents_.sign(known) == waiting.signature ? kDifferent : kStale;
}

void PageMatcher::look_up(const Waiting& waiting) {
    SignatureTable::Bucket& bucket = table_.bucket(waiting.signature);
    const SignatureTable::Place place =
        bucket.place(waiting.signature, [&](LogicalPage known) { return compare(known, waiting); });
    ++counters_.looked_up;
    counters_.evicted += place.evicts;
    if (place.is_known && bucket.page(place.slot) != waiting.page)
        matches_.push_back({bucket.page(place.slot), waiting.page});
    bucket.put(place.slot, waiting.signature, waiting.page);
}

}  // namespace pvmsim::hypervisor
