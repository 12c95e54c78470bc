// Measured compression: what shrinks, what does not, and that the tally says so.
// Noise stands for what no compressor shrinks: encrypted or already compressed memory.
#include "hypervisor/memory/scan/page_compression.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace pvmsim::hypervisor {
namespace {

using Page = std::array<std::byte, kPageBytes>;

/// Bytes that no compressor shrinks: the high byte of a linear congruential generator.
Page noise(std::uint64_t seed) {
    Page page;
    for (auto& byte : page) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        byte = static_cast<std::byte>(seed >> 56);
    }
    return page;
}

Page text() {
    constexpr std::string_view kLine = "db1: 12 GB of true memory, 18 GB expanded; ";
    Page page;
    for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::byte>(kLine[i % kLine.size()]);
    return page;
}

TEST(PageCompression, zeros_and_text_shrink_and_noise_does_not) {
    PageCompressor compressor;
    EXPECT_LT(compressor.compressed_bytes(Page{}), 64u);
    EXPECT_LT(compressor.compressed_bytes(text()), 256u);
    EXPECT_EQ(compressor.compressed_bytes(noise(1)), kPageBytes);
}

TEST(PageCompression, a_page_compresses_the_same_whatever_came_before) {
    PageCompressor fresh, used;
    for (std::uint64_t seed = 0; seed < 100; ++seed) (void)used.compressed_bytes(noise(seed));
    EXPECT_EQ(fresh.compressed_bytes(text()), used.compressed_bytes(text()));
}

TEST(PageCompression, half_noise_half_zeros_takes_half) {
    Page page = noise(3);
    std::fill(page.begin() + kPageBytes / 2, page.end(), std::byte{0});
    PageCompressor compressor;
    const auto size = compressor.compressed_bytes(page);
    EXPECT_GT(size, kPageBytes / 2);
    EXPECT_LT(size, kPageBytes / 2 + 100);
}

TEST(PageCompression, the_tally_keeps_incompressible_pages_out_of_the_ratio) {
    CompressionTally tally;
    tally.add(1024);
    tally.add(1024);
    tally.add(kCompressedBytesMax + 1);
    tally.add(kPageBytes);
    EXPECT_EQ(tally.ratio_hundredths(), 400u);
    EXPECT_EQ(tally.compressible_permille(), 500u);
    EXPECT_EQ(tally.ratio_of_all_hundredths(), 160u);  // 4 pages in 2 pages and 2 quarters
    EXPECT_EQ(tally.sizes, (std::array<std::uint64_t, 8>{0, 2, 0, 0, 0, 0, 1, 1}));

    CompressionTally both;
    both.add(512);
    both.add(tally);
    EXPECT_EQ(both.pages, 5u);
    EXPECT_EQ(both.compressible_bytes, 2560u);
    EXPECT_EQ(both.sizes[0], 1u);
    EXPECT_EQ(CompressionTally{}.ratio_hundredths(), 100u);
}

}  // namespace
}  // namespace pvmsim::hypervisor
