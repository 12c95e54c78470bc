// A pool of partitions whose pages are real bytes in frames, beside the plain memory that each partition thinks it has.
// What a partition reads goes through the page tables; deduplication sees the frames' bytes.
#pragma once

#include <array>
#include <vector>

#include "hypervisor/memory/deduplication/deduplicator.hpp"
#include "hypervisor/memory/deduplication/page_hash.hpp"

namespace pvmsim::hypervisor {

using PageBytes = std::array<std::byte, kPageBytes>;
using SignatureFunction = std::uint64_t (*)(const std::byte*);

class RealBytesPool final : public PageSignatures {
  public:
    RealBytesPool(std::uint16_t members, std::uint32_t pages_each, SignatureFunction signature)
        : table(members * pages_each), signature_(signature), frames_(members * pages_each) {
        for (std::uint16_t i = 0; i < members; ++i) {
            (void)table.add_member(pages_each);
            shadow_.emplace_back(pages_each);
        }
    }

    [[nodiscard]] std::uint16_t member_limit() const override { return table.member_limit(); }
    [[nodiscard]] std::uint32_t pages(MemberId member) const override { return table.pages(member); }
    void sign(MemberId member, std::uint32_t word, std::span<std::uint64_t> signatures) const override {
        for (std::uint32_t i = 0; i < signatures.size(); ++i) {
            const LogicalPage page{member, word * kPagesInWord + i};
            signatures[i] = is_backed(page) ? sign(page) : 0;
        }
    }
    [[nodiscard]] std::uint64_t sign(LogicalPage page) const override { return signature_(read(page).data()); }
    void prefetch(LogicalPage) const override {}
    [[nodiscard]] bool equal(LogicalPage known, LogicalPage page, std::uint64_t) const override {
        return read(known) == read(page);
    }

    [[nodiscard]] bool is_backed(LogicalPage page) const { return table.frame_of(page).has_value(); }
    /// As the partition reads it, through the page table.
    [[nodiscard]] const PageBytes& read(LogicalPage page) const { return frames_[table.frame_of(page)->value()]; }
    /// As it wrote it.
    [[nodiscard]] const PageBytes& written(LogicalPage page) const { return shadow_[page.member.value()][page.page]; }

    /// The partition writes a byte: copy on write, as the hypervisor does it.
    void write(LogicalPage page, std::size_t offset, std::byte value) {
        if (!is_backed(page)) {
            (void)table.back(page);
            frames_[table.frame_of(page)->value()] = written(page);
        } else if (table.sharers(*table.frame_of(page)) > 1) {
            const PageBytes old = read(page);
            (void)table.split(page);
            frames_[table.frame_of(page)->value()] = old;
        }
        frames_[table.frame_of(page)->value()][offset] = value;
        shadow_[page.member.value()][page.page][offset] = value;
    }

    SharedPages table;

  private:
    SignatureFunction signature_;
    std::vector<PageBytes> frames_;
    std::vector<std::vector<PageBytes>> shadow_;
};

}  // namespace pvmsim::hypervisor
