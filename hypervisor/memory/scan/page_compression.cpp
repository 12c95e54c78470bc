// Compressing pages with LZ4; see page_compression.hpp.
// The work area is kept between pages: clearing 16 KiB of it anew would cost as much as compressing.
#include "hypervisor/memory/scan/page_compression.hpp"

#include <lz4.h>

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

struct PageCompressor::WorkArea {
    LZ4_stream_t state;
    std::array<char, LZ4_COMPRESSBOUND(kPageBytes)> out;
};

PageCompressor::PageCompressor() : area_(std::make_unique<WorkArea>()) {}
PageCompressor::~PageCompressor() = default;

std::uint32_t PageCompressor::compressed_bytes(PageBytes page) {
    const auto* in = reinterpret_cast<const char*>(page.data());
    const int size = LZ4_compress_fast_extState(&area_->state, in, area_->out.data(), static_cast<int>(kPageBytes),
                                                static_cast<int>(area_->out.size()), 1);
    PVMSIM_ASSERT(size > 0);
    return std::min(static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(kPageBytes));
}

void CompressionTally::add(std::uint32_t compressed_bytes) {
    constexpr auto kClassBytes = static_cast<std::uint32_t>(kPageBytes / kClasses);
    PVMSIM_ASSERT(compressed_bytes > 0);
    PVMSIM_ASSERT(compressed_bytes <= kPageBytes);
    ++pages;
    ++sizes[(compressed_bytes - 1) / kClassBytes];
    if (compressed_bytes > kCompressedBytesMax) return;
    ++compressible_pages;
    compressible_bytes += compressed_bytes;
}

void CompressionTally::add(const CompressionTally& other) {
    pages += other.pages;
    compressible_pages += other.compressible_pages;
    compressible_bytes += other.compressible_bytes;
    for (std::size_t i = 0; i < kClasses; ++i) sizes[i] += other.sizes[i];
}

std::uint32_t CompressionTally::ratio_hundredths() const {
    if (compressible_bytes == 0) return 100;
    return static_cast<std::uint32_t>(compressible_pages * kPageBytes * 100 / compressible_bytes);
}

std::uint32_t CompressionTally::ratio_of_all_hundredths() const {
    const auto kept = compressible_bytes + (pages - compressible_pages) * kPageBytes;
    return kept == 0 ? 100 : static_cast<std::uint32_t>(pages * kPageBytes * 100 / kept);
}

std::uint32_t CompressionTally::compressible_permille() const {
    return pages == 0 ? 0 : static_cast<std::uint32_t>(compressible_pages * 1000 / pages);
}

}  // namespace pvmsim::hypervisor
