// How far real pages compress: the ratio that a model of compressed memory needs, measured instead of assumed.
//
// Each 4 KiB page is compressed alone with LZ4, as compressed memory must be: a page is brought back alone. AIX uses an
// algorithm of its own (and the 842 unit on POWER7+), whose ratios are not published; LZ4 is of the same family.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

using PageBytes = std::span<const std::byte, kPageBytes>;

/// A page that stays larger is kept as it is. [PARAM] 3/4 of a page: compressing it again and again would gain less
/// than it costs.
inline constexpr std::uint32_t kCompressedBytesMax = 3072;

/// Compresses pages, one after the other. Holds the compressor's work area; one for each thread.
class PageCompressor {
  public:
    PageCompressor();
    ~PageCompressor();

    /// Bytes that the page takes compressed, no more than kPageBytes.
    [[nodiscard]] std::uint32_t compressed_bytes(PageBytes page);

  private:
    struct WorkArea;
    std::unique_ptr<WorkArea> area_;
};

/// What many pages compress to.
struct CompressionTally {
    static constexpr std::size_t kClasses = 8;

    std::uint64_t pages = 0;
    std::uint64_t compressible_pages = 0;
    std::uint64_t compressible_bytes = 0;         ///< of those, compressed
    std::array<std::uint64_t, kClasses> sizes{};  ///< pages by compressed size: up to 512 bytes, 1024, .. 4096

    void add(std::uint32_t compressed_bytes);
    void add(const CompressionTally& other);
    /// Of the pages that compress at all; 1.00 where none does.
    [[nodiscard]] std::uint32_t ratio_hundredths() const;
    /// Of all pages, those that do not compress counted as they are.
    [[nodiscard]] std::uint32_t ratio_of_all_hundredths() const;
    [[nodiscard]] std::uint32_t compressible_permille() const;
};

}  // namespace pvmsim::hypervisor
