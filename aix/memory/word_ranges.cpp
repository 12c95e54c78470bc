// Ordered ranges of words; see word_ranges.hpp.
// There are few of them: memory is taken from one end and given back to the other.
#include "aix/memory/word_ranges.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {

void WordRanges::add(WordRange range) {
    if (range.count == 0) return;
    auto after = std::ranges::lower_bound(ranges_, range.first, {}, &WordRange::first);
    PVMSIM_ASSERT(after == ranges_.end() || range.end() <= after->first);
    size_ += range.count;
    const bool joins_after = after != ranges_.end() && range.end() == after->first;
    if (joins_after) {
        after->count += range.count;
        after->first = range.first;
    }
    if (after == ranges_.begin()) {
        if (!joins_after) ranges_.insert(after, range);
        return;
    }
    const auto before = after - 1;
    PVMSIM_ASSERT(before->end() <= range.first);
    if (before->end() != range.first) {
        if (!joins_after) ranges_.insert(after, range);
        return;
    }
    before->count += joins_after ? after->count : range.count;
    if (joins_after) ranges_.erase(after);
}

std::optional<std::uint32_t> WordRanges::take_lowest() {
    if (ranges_.empty()) return std::nullopt;
    auto& range = ranges_.front();
    const auto word = range.first++;
    --size_;
    if (--range.count == 0) ranges_.erase(ranges_.begin());
    return word;
}

std::vector<WordRange> WordRanges::take_highest(std::uint32_t count, std::uint32_t limit) {
    std::vector<WordRange> taken;
    for (auto index = ranges_.size(); index-- > 0 && count > 0;) {
        const auto range = ranges_[index];
        if (range.first >= limit) continue;
        const auto end = std::min(range.end(), limit);
        const WordRange part{.first = end - std::min(count, end - range.first),
                             .count = std::min(count, end - range.first)};
        taken.push_back(part);
        count -= part.count;
        size_ -= part.count;
        const WordRange above{.first = end, .count = range.end() - end};
        ranges_[index].count = part.first - range.first;
        if (above.count > 0) ranges_.insert(ranges_.begin() + static_cast<std::ptrdiff_t>(index) + 1, above);
        if (ranges_[index].count == 0) ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return taken;
}

std::vector<WordRange> WordRanges::cut(std::uint32_t first) {
    std::vector<WordRange> taken;
    while (!ranges_.empty() && ranges_.back().end() > first) {
        auto& range = ranges_.back();
        const auto begin = std::max(range.first, first);
        taken.push_back({.first = begin, .count = range.end() - begin});
        size_ -= taken.back().count;
        range.count -= taken.back().count;
        if (range.count == 0) ranges_.pop_back();
    }
    return taken;
}

void WordRanges::clear() {
    ranges_.clear();
    size_ = 0;
}

std::uint32_t WordRanges::size_below(std::uint32_t limit) const {
    std::uint32_t words = 0;
    for (const auto& range : ranges_)
        if (range.first < limit) words += std::min(range.end(), limit) - range.first;
    return words;
}

}  // namespace pvmsim::aix
