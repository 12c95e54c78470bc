// PoolContents: the contents of every member of the shared memory pool. For deduplication an identity is the signature
// as well, and two pages are equal when their identities are.
#pragma once

#include <optional>
#include <vector>

#include "hypervisor/memory/content/member_contents.hpp"
#include "hypervisor/memory/deduplication/page_signatures.hpp"

namespace pvmsim::hypervisor {

class PoolContents final : public PageSignatures {
  public:
    void add(MemberId member, std::uint32_t pages, std::uint64_t seed);
    void remove(MemberId member);
    [[nodiscard]] MemberContents& of(MemberId member) { return *members_[member.value()]; }
    [[nodiscard]] const MemberContents& of(MemberId member) const { return *members_[member.value()]; }

    [[nodiscard]] std::uint16_t member_limit() const override;
    [[nodiscard]] std::uint32_t pages(MemberId member) const override;
    void sign(MemberId member, std::uint32_t word, std::span<std::uint64_t> signatures) const override;
    void prefetch(LogicalPage page) const override;
    [[nodiscard]] std::uint64_t sign(LogicalPage page) const override;
    [[nodiscard]] bool equal(LogicalPage known, LogicalPage page, std::uint64_t signature) const override;

    void digest(sim::Digest& digest) const;

  private:
    std::vector<std::optional<MemberContents>> members_;
};

}  // namespace pvmsim::hypervisor
