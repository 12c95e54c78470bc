// The scan itself: files in, how many of their pages would merge and how far they compress out.
//
// Files are read in batches by several threads. Each batch then goes through two scanners of the hypervisor's own
// (hypervisor/memory/deduplication): one whose table is as large as memory allows, for what there is to merge, and one
// with the table that a pool of this size would have, for what Active Memory Deduplication would find of it. Memory
// stays under a limit whatever the files' size; the answer does not depend on the number of threads.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "apps/memscan/file_list.hpp"
#include "apps/memscan/sources.hpp"
#include "hypervisor/memory/deduplication/byte_scanner.hpp"
#include "hypervisor/memory/scan/page_compression.hpp"

namespace pvmsim::memscan {

/// Below this there is no room for the buffers.
inline constexpr std::uint64_t kMemoryBytesMin = std::uint64_t{64} << 20;

struct ScanOptions {
    unsigned threads = 1;
    /// For buffers and tables, not for the list of files.
    std::uint64_t memory_bytes = std::uint64_t{1} << 30;
    /// Signature table of deduplication: this large, or, when 0, what is scanned divided by the ratio.
    std::uint64_t table_bytes = 0;
    std::uint32_t table_ratio = 1024;
    /// One page in so many is compressed; 0: as many as make a sample of kSampledPages.
    std::uint64_t sample = 0;
};
inline constexpr std::uint64_t kSampledPages = std::uint64_t{1} << 18;

struct Totals {
    std::uint64_t files = 0;
    std::uint64_t pages = 0;
    std::uint64_t zero_pages = 0;
    std::uint64_t merged_within = 0;  ///< equal to an earlier page of the same file
    std::uint64_t merged_across = 0;  ///< the first in its file, but equal to a page of an earlier file
    [[nodiscard]] std::uint64_t merged() const { return merged_within + merged_across; }
};

struct ScanResult {
    std::vector<std::string> arguments;
    std::vector<Totals> by_argument;
    Totals all;
    std::uint64_t groups = 0;  ///< different contents that are there more than once
    std::uint64_t missed_at_most =
        0;                           ///< merges that a table of the memory limit could not see; 0: the answer is exact
    std::uint64_t not_compared = 0;  ///< seemed equal, but were not, or could not be read again
    std::uint64_t table_bytes = 0;   ///< deduplication's signature table
    std::uint64_t table_merged = 0;  ///< pages that deduplication finds with it in one pass
    std::uint64_t sample = 1;        ///< one page in so many was compressed
    hypervisor::CompressionTally compression;
    LeftOut left_out;
    std::vector<std::string> warnings;
};

struct ScanProgress {
    std::uint64_t bytes_done = 0;
    std::uint64_t bytes_total = 0;
};
/// Called between batches; false stops the scan.
using ScanWatcher = std::function<bool(const ScanProgress&)>;

struct ScanFailure {
    bool stopped = false;  ///< by the watcher
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};

/// All or nothing: what goes wrong with a file that the user named is a failure, with one found in a directory a
/// warning.
[[nodiscard]] std::expected<ScanResult, ScanFailure> scan(const Sources& sources,
                                                          const std::vector<std::string>& arguments,
                                                          const ScanOptions& options, const ScanWatcher& watcher);

}  // namespace pvmsim::memscan
