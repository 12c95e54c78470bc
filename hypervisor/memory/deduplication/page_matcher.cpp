// Nothing that the table says is believed: a page it names counts only if it is there now and equal now. Whatever is
// asked of memory is asked for a batch ahead.
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
        SignatureTable::Bucket& bucket = table_.bucket(signatures[bit]);
        __builtin_prefetch(&bucket, 1);
        batch_[waiting_++] = {&bucket, signatures[bit], {member, first + bit}};
    }
    if (waiting_ > kBatch) flush();
}

/// Pages whose signature is new are done at once; the others wait once more, for the pages that the table names.
void PageMatcher::flush() {
    std::uint32_t found = 0;
    for (const Waiting& waiting : std::span{batch_}.first(waiting_)) {
        const SignatureTable::Slots slots = waiting.bucket->find(waiting.signature);
        if (slots.empty()) {
            ++counters_.looked_up;
            counters_.evicted += waiting.bucket->is_full();
            waiting.bucket->put(SignatureTable::kSlots - 1, waiting.signature, waiting.page);
        } else {
            prefetch(waiting.bucket->page(slots.first()));
            batch_[found++] = waiting;
        }
    }
    for (const Waiting& waiting : std::span{batch_}.first(found)) look_up(waiting);
    waiting_ = 0;
}

void PageMatcher::prefetch(LogicalPage known) const {
    if (!exists(known)) return;
    contents_.prefetch(known);
    __builtin_prefetch(&pages_.words(known.member)[known.page / kPagesInWord]);
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
    SignatureTable::Bucket& bucket = *waiting.bucket;
    const SignatureTable::Place place =
        bucket.place(waiting.signature, [&](LogicalPage known) { return compare(known, waiting); });
    ++counters_.looked_up;
    counters_.evicted += place.evicts;
    if (place.is_known) {
        const LogicalPage known = bucket.page(place.slot);
        if (known != waiting.page) matches_.push_back({known, waiting.page});
        // In no danger of leaving soon: where it is, it needs no write.
        if (place.slot < SignatureTable::kSlots / 2) return;
    }
    bucket.put(place.slot, waiting.signature, waiting.page);
}

}  // namespace pvmsim::hypervisor
