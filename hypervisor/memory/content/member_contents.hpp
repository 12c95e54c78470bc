// MemberContents: what is in the logical memory of one partition, as identities (page_content.hpp).
//
// Memory that is uniform costs next to nothing: extents say of which source its pages are, and identities are computed
// from that. A page that is written becomes something of its own; which pages were, and how often modulo three, is kept
// in two bits a page, so that 8 TB need 512 MB however they are written. Only whether pages are equal matters, and a
// page of its own equals none: so a count modulo three is as good as a count, but for a page that is written three
// times between two looks and then seems untouched. Left out: bytes; a page that is written back to what it was.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "hypervisor/memory/content/page_content.hpp"
#include "hypervisor/memory/content/page_numbering.hpp"
#include "hypervisor/memory/page.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

class MemberContents {
  public:
    /// All zero pages. Pages written, and heaps, are unlike those of any other `seed`.
    MemberContents(std::uint32_t pages, std::uint64_t seed);

    [[nodiscard]] std::uint32_t pages() const { return pages_; }

    /// Pages added at the end are zero pages.
    void resize(std::uint32_t pages);
    /// From now on these pages are those of the source, written before or not.
    void describe(PageNumber first, std::uint32_t count, const ContentSource& source);
    /// The page becomes something of its own, different from before.
    void write(PageNumber page);
    /// The same for the pages `mask` of the 64 pages of `word`.
    void write(std::uint32_t word, std::uint64_t mask);

    [[nodiscard]] ContentIdentity at(PageNumber page) const;
    /// Identities of the pages from `first` on, as many as `out` holds: one walk over the extents.
    void read(PageNumber first, std::span<std::uint64_t> out) const;
    /// at(page) comes soon.
    void prefetch(PageNumber page) const { __builtin_prefetch(&writes_[page / kPagesInWord]); }

    [[nodiscard]] std::size_t extents() const { return extents_.size(); }
    void digest(sim::Digest& digest) const;

  private:
    /// How often each of 64 pages was written: 0 as described, then 1, 2, 3, 1, .. in two bits, one in each plane.
    struct WordWrites {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
    };
    struct Extent {
        ContentSource source;
        PageNumbering numbering;
    };
    using Extents = std::map<PageNumber, Extent>;

    [[nodiscard]] Extent extent_of(const ContentSource& source) const;
    static void compute(const Extent& extent, std::uint64_t skip, std::span<std::uint64_t> out);

    void cut_at(std::uint64_t page);
    void join_with_previous(Extents::iterator extent);
    [[nodiscard]] ContentIdentity written(PageNumber page, std::uint32_t times) const;

    std::uint32_t pages_;
    std::uint64_t seed_;
    PageNumbering written_;  ///< of pages that were written
    Extents extents_;        ///< by first page; each ends where the next begins
    std::vector<WordWrites> writes_;
    sim::Digest history_;  ///< of all that was described and written
};

}  // namespace pvmsim::hypervisor
