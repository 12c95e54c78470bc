// PageSignatures: what deduplication must know of the pages' contents. Implemented by content/pool_contents.hpp for
// identities, and over real bytes where a test wants to see what partitions read.
#pragma once

#include <cstdint>
#include <span>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

class PageSignatures {
  public:
    virtual ~PageSignatures() = default;
    /// All members' numbers are below.
    [[nodiscard]] virtual std::uint16_t member_limit() const = 0;
    /// 0: there is no such member.
    [[nodiscard]] virtual std::uint32_t pages(MemberId member) const = 0;
    /// Signatures of consecutive pages from the first of the word on: equal contents, equal signatures. All 64 bits
    /// should look random.
    virtual void sign(MemberId member, std::uint32_t word, std::span<std::uint64_t> signatures) const = 0;
    [[nodiscard]] virtual std::uint64_t sign(LogicalPage page) const = 0;
    /// equal(page, ..) will be asked soon. Both may name a page that has left since: then nothing is equal.
    virtual void prefetch(LogicalPage page) const = 0;
    /// The full comparison; `signature` is that of `page`.
    [[nodiscard]] virtual bool equal(LogicalPage known, LogicalPage page, std::uint64_t signature) const = 0;
};

}  // namespace pvmsim::hypervisor
