// PageMatcher: the hot path of deduplication: pages in, for each that equals one seen before, that one out.
//
// It takes pages by the batch, so that the table's cache lines, and then the pages they name, are on their way while
// others are worked on; the order of the answers is as if each page had been taken alone.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hypervisor/memory/deduplication/page_signatures.hpp"
#include "hypervisor/memory/deduplication/signature_table.hpp"
#include "hypervisor/memory/sharing/shared_pages.hpp"

namespace pvmsim::hypervisor {

/// Two pages that are there and equal.
struct PageMatch {
    LogicalPage known;
    LogicalPage page;
};

class PageMatcher {
  public:
    static constexpr std::uint32_t kBatch = 32;

    struct Counters {
        std::uint64_t looked_up = 0;
        std::uint64_t compared = 0;  ///< full comparisons
        std::uint64_t evicted = 0;   ///< entries that left a full bucket: matches may be missed
    };

    /// Pages of the word that can share a frame: backed, not on their way to paging space, not mapped for I/O.
    [[nodiscard]] static std::uint64_t may_share(const PageWord& word) {
        return word.backed & ~word.busy & ~word.io_mapped;
    }

    PageMatcher(const SharedPages& pages, const PageSignatures& contents, std::uint64_t table_bytes);

    /// Takes the pages `mask` of a word; answers may come with a later call.
    void add(MemberId member, std::uint32_t word, std::uint64_t mask);
    /// Finishes what was added.
    void flush();
    /// Matches found since the last clear_matches().
    [[nodiscard]] const std::vector<PageMatch>& matches() const { return matches_; }
    void clear_matches() { matches_.clear(); }

    [[nodiscard]] const Counters& counters() const { return counters_; }
    [[nodiscard]] const SignatureTable& table() const { return table_; }

  private:
    struct Waiting {
        SignatureTable::Bucket* bucket = nullptr;
        std::uint64_t signature = 0;
        LogicalPage page;
    };

    void prefetch(LogicalPage known) const;
    [[nodiscard]] SignatureTable::Comparison compare(LogicalPage known, const Waiting& waiting);
    void look_up(const Waiting& waiting);
    [[nodiscard]] bool exists(LogicalPage page) const;
    [[nodiscard]] bool is_there(LogicalPage page) const;

    const SharedPages& pages_;
    const PageSignatures& contents_;
    SignatureTable table_;
    std::array<Waiting, kBatch + kPagesInWord> batch_;
    std::uint32_t waiting_ = 0;
    std::vector<PageMatch> matches_;
    Counters counters_;
};

}  // namespace pvmsim::hypervisor
