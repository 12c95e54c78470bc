// Batches: the files as one stream of pages, cut into pieces of 16 MiB that are read at once by several threads.
//
// The last batches stay in memory as long as the limit allows; older pages are read again from their files when the
// scanners want to compare with them. A batch ends early when it has many files, so that few are open at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "apps/memscan/file_list.hpp"
#include "apps/memscan/sources.hpp"
#include "hypervisor/memory/deduplication/byte_scanner.hpp"
#include "hypervisor/memory/scan/page_compression.hpp"

namespace pvmsim::memscan {

inline constexpr std::uint64_t kBatchPages = 4096;
inline constexpr std::uint64_t kBatchBytes = kBatchPages * hypervisor::kPageBytes;

/// A stretch of one file within a batch, small enough to be shared out among threads.
struct Segment {
    std::uint32_t file = 0;        ///< index in the list
    std::uint64_t offset = 0;      ///< in the file
    std::uint64_t bytes = 0;       ///< of the file; the rest of the last page is zeros
    std::uint64_t first_page = 0;  ///< in the batch
    std::uint64_t pages = 0;
    const SourceFile* source = nullptr;
    std::string trouble;  ///< why not all of it was read
    hypervisor::CompressionTally compression;
};

/// What was read lately, by batch number.
class RecentBatches {
  public:
    explicit RecentBatches(std::uint64_t bytes);
    /// Room for the batch; the oldest one goes.
    [[nodiscard]] std::span<std::byte> make_room(std::uint64_t batch);
    /// A page of the stream, or null when it is gone.
    [[nodiscard]] const std::byte* page(std::uint64_t stream_page) const;

  private:
    struct Slot {
        std::uint64_t batch = 0;
        std::unique_ptr<std::byte[]> bytes;
    };
    std::vector<Slot> slots_;
};

/// Pages for comparison: from memory while they are there, else from the file again.
class StreamReader final : public hypervisor::PageReader {
  public:
    StreamReader(const Sources& sources, const std::vector<ListedFile>& files, const RecentBatches& recent);

    /// The file's first page has this place in the stream.
    void place(std::uint32_t file, std::uint64_t stream_page);
    [[nodiscard]] const std::byte* page(std::uint32_t source, std::uint64_t index, std::byte* buffer) override;

  private:
    struct Opened {
        std::uint32_t file = 0;
        std::uint64_t last_used = 0;
        std::shared_ptr<const SourceFile> source;
    };
    [[nodiscard]] std::shared_ptr<const SourceFile> open(std::uint32_t file);

    const Sources& sources_;
    const std::vector<ListedFile>& files_;
    const RecentBatches& recent_;
    std::vector<std::uint64_t> first_pages_;  ///< of each file, in the stream
    std::mutex mutex_;                        ///< for what follows
    std::vector<Opened> opened_;
    std::uint64_t uses_ = 0;
};

}  // namespace pvmsim::memscan
