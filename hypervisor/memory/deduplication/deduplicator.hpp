// Deduplicator: Active Memory Deduplication of the shared memory pool: visits backed pages in the background and lets
// equal ones share a frame.
//
// Rules: behaviour 2.3: signature, table, full comparison, then the merge. Pages with the operating system's hint (CC)
// come first in each pass. Pages mapped for I/O are left alone: an adapter would write past copy on write. When it runs
// and with whose processor time is for its caller (sharing/memory_sharing.hpp). docs/model/memory-deduplication.md.
#pragma once

#include <cstdint>
#include <memory>

#include "hypervisor/memory/deduplication/page_matcher.hpp"
#include "hypervisor/memory/deduplication/page_signatures.hpp"
#include "hypervisor/memory/sharing/shared_pages.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// [PARAM] our estimates, nothing is published: 4 KiB at 4 bytes a cycle, a table line and a page table from memory.
struct DeduplicationCosts {
    std::int64_t signature_cycles = 1024;
    std::int64_t look_up_cycles = 300;
    std::int64_t comparison_cycles = 2048;  ///< two pages
    std::int64_t merge_cycles = 2000;
};

struct ScanResult {
    std::uint64_t scanned = 0;
    std::uint64_t compared = 0;
    std::uint64_t merged = 0;  ///< pages that left a frame of their own for a shared one
    std::int64_t cycles = 0;
};

class Deduplicator {
  public:
    Deduplicator(SharedPages& pages, const PageSignatures& contents, std::uint64_t table_bytes,
                 const DeduplicationCosts& costs = {});

    /// Looks at the next pages, at most so many and each at most once.
    ScanResult scan(std::uint64_t pages_max);
    /// A table of another size begins empty; what is merged stays so.
    void resize(std::uint64_t table_bytes);
    [[nodiscard]] std::uint64_t table_bytes() const { return matcher_->table().bytes(); }
    /// Pages that scan(n) can look at for so many cycles at the least.
    [[nodiscard]] std::uint64_t pages_for(std::int64_t cycles) const;

    [[nodiscard]] const PageMatcher::Counters& counters() const { return matcher_->counters(); }
    void digest(sim::Digest& digest) const;

  private:
    /// Where the walk is. A pass is two walks over all members: hinted pages, then the others.
    struct Cursor {
        bool is_on_hinted = true;
        std::uint16_t member = 0;
        std::uint32_t word = 0;
    };

    [[nodiscard]] std::uint64_t candidates() const;
    [[nodiscard]] std::uint32_t words_of(std::uint16_t member) const;
    void advance();
    void skip_missing();
    std::uint64_t merge_matches();

    SharedPages& pages_;
    const PageSignatures& contents_;
    DeduplicationCosts costs_;
    std::unique_ptr<PageMatcher> matcher_;
    Cursor cursor_;
    std::uint64_t done_ = 0;  ///< pages of the cursor's word already looked at
    ScanResult total_;
};

}  // namespace pvmsim::hypervisor
