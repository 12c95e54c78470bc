// Identities are computed by a bijection of 64 bits: two pages of one source never coincide, pages of different sources
// do with a chance of 2^-64 a pair. The mixing function is the finaliser of splitmix64 (Steele, Lea, Flood 2014).
#include "hypervisor/memory/content/member_contents.hpp"

#include <algorithm>
#include <iterator>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint64_t kStep = 0x9e37'79b9'7f4a'7c15u;

constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11ebu;
    return value ^ (value >> 31);
}

/// What numbers the identities are drawn from: one for each source, and one for what a member wrote.
enum class Domain : std::uint64_t { kCommon = 1, kOwn, kChoice, kLowEntropy, kWritten };

/// Numbers of one domain and seed to identities, one to one. None is the zero page.
class Numbering {
  public:
    Numbering(Domain domain, std::uint64_t seed)
        : start_(mix(seed * kStep + static_cast<std::uint64_t>(domain))), mask_(mix(start_ + kStep)) {}
    [[nodiscard]] std::uint64_t operator()(std::uint64_t number) const {
        const std::uint64_t value = mix(start_ + number * kStep) ^ mask_;
        return value == kZeroPage.value ? mask_ : value;
    }

  private:
    std::uint64_t start_;
    std::uint64_t mask_;
};

std::uint64_t scaled(std::uint64_t draw, std::uint64_t limit) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{draw} * limit) >> 64);
}

std::uint64_t own_seed(const ContentSource& source, std::uint64_t member_seed) {
    return mix(source.seed + kStep) ^ member_seed;
}

/// `out`: identities of the pages of the source from its page `first` on.
void compute(const ContentSource& source, std::uint64_t member_seed, std::uint64_t first,
             std::span<std::uint64_t> out) {
    if (source.kind == ContentKind::kZero) {
        std::ranges::fill(out, kZeroPage.value);
        return;
    }
    if (source.kind == ContentKind::kOwn && source.distinct > 0) {
        const Numbering choice(Domain::kChoice, own_seed(source, member_seed));
        const Numbering contents(Domain::kLowEntropy, source.seed);
        for (std::uint64_t& identity : out) identity = contents(scaled(choice(first++), source.distinct));
        return;
    }
    const bool is_own = source.kind == ContentKind::kOwn;
    const Numbering contents(is_own ? Domain::kOwn : Domain::kCommon,
                             is_own ? own_seed(source, member_seed) : source.seed);
    for (std::uint64_t& identity : out) identity = contents(first++);
}

/// `next` begins `distance` pages after `source` does and only goes on with it.
bool continues(const ContentSource& source, std::uint64_t distance, const ContentSource& next) {
    if (source.kind == ContentKind::kZero) return next.kind == ContentKind::kZero;
    return source.kind == next.kind && source.seed == next.seed && source.distinct == next.distinct &&
           source.first + distance == next.first;
}

}  // namespace

MemberContents::MemberContents(std::uint32_t pages, std::uint64_t seed)
    : pages_(pages), seed_(mix(seed ^ kStep)), writes_((std::uint64_t{pages} + kPagesInWord - 1) / kPagesInWord) {
    extents_.emplace(0, ContentSource{});
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
        join_with_previous(extents_.emplace(before, ContentSource{}).first);
    }
}

/// An extent begins at `page` afterwards.
void MemberContents::cut_at(std::uint64_t page) {
    if (page >= pages_) return;
    const auto at = static_cast<PageNumber>(page);
    const auto extent = std::prev(extents_.upper_bound(at));
    if (extent->first == at) return;
    ContentSource rest = extent->second;
    if (rest.kind != ContentKind::kZero) rest.first += at - extent->first;
    extents_.emplace_hint(std::next(extent), at, rest);
}

void MemberContents::join_with_previous(Extents::iterator extent) {
    if (extent == extents_.begin() || extent == extents_.end()) return;
    const auto previous = std::prev(extent);
    if (continues(previous->second, extent->first - previous->first, extent->second)) extents_.erase(extent);
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
    const auto extent = extents_.emplace_hint(behind, first, source);
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
    return {Numbering(Domain::kWritten, seed_)(std::uint64_t{page} * 4 + times)};
}

ContentIdentity MemberContents::at(PageNumber page) const {
    PVMSIM_ASSERT(page < pages_);
    const WordWrites& writes = writes_[page / kPagesInWord];
    const std::uint32_t bit = page % kPagesInWord;
    const auto times = static_cast<std::uint32_t>(((writes.low >> bit) & 1) + 2 * ((writes.high >> bit) & 1));
    if (times != 0) return written(page, times);
    const auto extent = std::prev(extents_.upper_bound(page));
    std::uint64_t identity = 0;
    compute(extent->second, seed_, extent->second.first + (page - extent->first), {&identity, 1});
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
        compute(extent->second, seed_, extent->second.first + (page - extent->first),
                out.subspan(page - first, stop - page));
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
