// Extents are cut where a description begins and ends, and joined again where neighbours go on with the same source.
// Identities are computed from them (page_numbering.hpp).
#include "hypervisor/memory/content/member_contents.hpp"

#include <algorithm>
#include <iterator>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

using enum PageNumbering::Domain;

std::uint64_t scaled(std::uint64_t draw, std::uint64_t limit) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{draw} * limit) >> 64);
}

/// Own pages are the member's own, whatever the source's seed.
PageNumbering numbering_of(const ContentSource& source, std::uint64_t member_seed) {
    if (source.kind != ContentKind::kOwn) return {kCommon, source.seed};
    return {source.distinct > 0 ? kChoice : kOwn, mix_bits(source.seed + kNumberingStep) ^ member_seed};
}

/// `next` begins `distance` pages after `source` does and only goes on with it.
bool continues(const ContentSource& source, std::uint64_t distance, const ContentSource& next) {
    if (source.kind == ContentKind::kZero) return next.kind == ContentKind::kZero;
    return source.kind == next.kind && source.seed == next.seed && source.distinct == next.distinct &&
           source.first + distance == next.first;
}

}  // namespace

MemberContents::MemberContents(std::uint32_t pages, std::uint64_t seed)
    : pages_(pages),
      seed_(mix_bits(seed ^ kNumberingStep)),
      written_(kWritten, seed_),
      writes_((std::uint64_t{pages} + kPagesInWord - 1) / kPagesInWord) {
    extents_.emplace(0, extent_of({}));
}

MemberContents::Extent MemberContents::extent_of(const ContentSource& source) const {
    return {source, numbering_of(source, seed_)};
}

/// `out`: identities of the pages of the extent from its page `skip` on.
void MemberContents::compute(const Extent& extent, std::uint64_t skip, std::span<std::uint64_t> out) {
    std::uint64_t number = extent.source.first + skip;
    if (extent.source.kind == ContentKind::kZero) {
        std::ranges::fill(out, kZeroPage.value);
    } else if (extent.source.kind == ContentKind::kOwn && extent.source.distinct > 0) {
        const PageNumbering contents(kLowEntropy, extent.source.seed);
        for (std::uint64_t& page : out) page = contents(scaled(extent.numbering(number++), extent.source.distinct));
    } else {
        for (std::uint64_t& page : out) page = extent.numbering(number++);
    }
}

void MemberContents::resize(std::uint32_t pages) {
    PVMSIM_ASSERT(pages > 0);
    const std::uint32_t before = pages_;
    if (pages < before) {
        describe(pages, before - pages, ContentSource{});
        cut_at(pages);
        extents_.erase(extents_.lower_bound(pages), extents_.end());
    }
    pages_ = pages;
    writes_.resize((std::uint64_t{pages} + kPagesInWord - 1) / kPagesInWord);
    if (pages > before) {
        join_with_previous(extents_.emplace(before, extent_of({})).first);
    }
}

/// An extent begins at `page` afterwards.
void MemberContents::cut_at(std::uint64_t page) {
    if (page >= pages_) return;
    const auto at = static_cast<PageNumber>(page);
    const auto extent = std::prev(extents_.upper_bound(at));
    if (extent->first == at) return;
    Extent rest = extent->second;
    rest.source.first += at - extent->first;
    extents_.emplace_hint(std::next(extent), at, rest);
}

void MemberContents::join_with_previous(Extents::iterator extent) {
    if (extent == extents_.begin() || extent == extents_.end()) return;
    const auto previous = std::prev(extent);
    if (continues(previous->second.source, extent->first - previous->first, extent->second.source))
        extents_.erase(extent);
}

void MemberContents::describe(PageNumber first, std::uint32_t count, const ContentSource& source) {
    const std::uint64_t end = std::uint64_t{first} + count;
    PVMSIM_ASSERT(end <= pages_);
    if (count == 0) return;
    cut_at(first);
    cut_at(end);
    const auto begin = extents_.lower_bound(first);
    const auto behind = end == pages_ ? extents_.end() : extents_.find(static_cast<PageNumber>(end));
    extents_.erase(begin, behind);
    const auto extent = extents_.emplace_hint(behind, first, extent_of(source));
    join_with_previous(behind);
    join_with_previous(extent);

    for (std::uint64_t page = first; page < end;) {
        const std::uint64_t bit = page % kPagesInWord;
        const std::uint64_t here = std::min<std::uint64_t>(kPagesInWord - bit, end - page);
        const std::uint64_t mask = (~std::uint64_t{0} >> (kPagesInWord - here)) << bit;
        WordWrites& writes = writes_[page / kPagesInWord];
        writes.low &= ~mask;
        writes.high &= ~mask;
        page += here;
    }
    for (const std::uint64_t value : {std::uint64_t{first}, std::uint64_t{count}, source.seed, source.first,
                                      source.distinct, static_cast<std::uint64_t>(source.kind)})
        history_.word(value);
}

void MemberContents::write(PageNumber page) { write(page / kPagesInWord, std::uint64_t{1} << (page % kPagesInWord)); }

void MemberContents::write(std::uint32_t word, std::uint64_t mask) {
    WordWrites& writes = writes_[word];
    const std::uint64_t low = writes.low;
    // 00 -> 01 -> 10 -> 11 -> 01
    writes.low = (low & ~mask) | ((~low | writes.high) & mask);
    writes.high ^= low & mask;
    history_.word(mask + word);
}

ContentIdentity MemberContents::written(PageNumber page, std::uint32_t times) const {
    return {written_(std::uint64_t{page} * 4 + times)};
}

ContentIdentity MemberContents::at(PageNumber page) const {
    PVMSIM_ASSERT(page < pages_);
    const WordWrites& writes = writes_[page / kPagesInWord];
    const std::uint32_t bit = page % kPagesInWord;
    const auto times = static_cast<std::uint32_t>(((writes.low >> bit) & 1) + 2 * ((writes.high >> bit) & 1));
    if (times != 0) return written(page, times);
    const auto extent = std::prev(extents_.upper_bound(page));
    std::uint64_t identity = 0;
    compute(extent->second, page - extent->first, {&identity, 1});
    return {identity};
}

void MemberContents::read(PageNumber first, std::span<std::uint64_t> out) const {
    const std::uint64_t end = std::uint64_t{first} + out.size();
    PVMSIM_ASSERT(end <= pages_);
    if (out.empty()) return;
    auto extent = std::prev(extents_.upper_bound(first));
    for (std::uint64_t page = first; page < end;) {
        const auto next = std::next(extent);
        const std::uint64_t stop = next == extents_.end() ? end : std::min<std::uint64_t>(end, next->first);
        compute(extent->second, page - extent->first, out.subspan(page - first, stop - page));
        page = stop;
        extent = next;
    }
    const std::uint64_t last_word = (end - 1) / kPagesInWord;
    for (std::uint64_t word = first / kPagesInWord; word <= last_word; ++word) {
        const WordWrites& writes = writes_[word];
        for (std::uint64_t left = writes.low | writes.high; left != 0; left &= left - 1) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(left));
            const std::uint64_t page = word * kPagesInWord + bit;
            if (page < first || page >= end) continue;
            const auto times = static_cast<std::uint32_t>(((writes.low >> bit) & 1) + 2 * ((writes.high >> bit) & 1));
            out[page - first] = written(static_cast<PageNumber>(page), times).value;
        }
    }
}

void MemberContents::digest(sim::Digest& digest) const {
    digest.add(pages_);
    digest.add(seed_);
    digest.add(history_.value());
}

}  // namespace pvmsim::hypervisor
