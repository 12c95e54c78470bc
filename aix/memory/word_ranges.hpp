// WordRanges: a set of memory words (64 pages, 256 KiB) as ordered ranges: what is free, lent, or file cache.
// Memory of hundreds of gigabytes with one range costs as little as a small one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace pvmsim::aix {

struct WordRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    [[nodiscard]] std::uint32_t end() const { return first + count; }
    friend bool operator==(const WordRange&, const WordRange&) = default;
};

class WordRanges {
  public:
    /// No word of it is in the set yet. Neighbours become one range.
    void add(WordRange range);
    /// The lowest word, taken out.
    [[nodiscard]] std::optional<std::uint32_t> take_lowest();
    /// Up to `count` of the highest words below `limit`, taken out, in descending order of ranges.
    [[nodiscard]] std::vector<WordRange> take_highest(std::uint32_t count, std::uint32_t limit);
    /// All words from `first` on, taken out.
    [[nodiscard]] std::vector<WordRange> cut(std::uint32_t first);
    void clear();

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::uint32_t size_below(std::uint32_t limit) const;
    [[nodiscard]] const std::vector<WordRange>& ranges() const { return ranges_; }

  private:
    std::vector<WordRange> ranges_;  ///< ascending, never touching
    std::uint32_t size_ = 0;
};

}  // namespace pvmsim::aix
