// ByteScanner: what deduplication would make of real pages: files, dumps, buffers. The signature table is the one that
// the simulated pool uses, the signature is a hash of the bytes, and every match is compared in full.
//
// Memory is bounded: the table has the size it is given, whatever is scanned. Entries that it had no room for are
// counted (`evicted`): matches with them are missed, as on the real thing. 32 bytes of table for a page to scan lose
// about 1 in 2,000. An earlier page's bytes need not be kept: to compare with them they are asked for again.
// The answers do not depend on the number of threads, nor on how the pages are cut into calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hypervisor/memory/deduplication/page_hash.hpp"
#include "hypervisor/memory/deduplication/signature_table.hpp"
#include "hypervisor/memory/deduplication/worker_team.hpp"
#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

/// Gives the bytes of a page that was scanned before.
class PageReader {
  public:
    virtual ~PageReader() = default;
    /// The page's bytes, where they are or read into `buffer` (kPageBytes); null: they are gone, which counts as a
    /// page that differs. Without a buffer: where they are, null if they would have to be read. Called by several
    /// threads at once, each with a buffer of its own.
    [[nodiscard]] virtual const std::byte* page(std::uint32_t source, std::uint64_t index, std::byte* buffer) = 0;
};

struct ByteScanCounts {
    std::uint64_t pages = 0;
    std::uint64_t zero_pages = 0;
    std::uint64_t duplicates_within = 0;  ///< equal to an earlier page of the same source
    std::uint64_t duplicates_across = 0;  ///< the first of its source, but equal to a page of an earlier one
    std::uint64_t groups = 0;             ///< contents that were met more than once
    std::uint64_t compared = 0;           ///< full comparisons
    std::uint64_t different = 0;          ///< of these, pages that only seemed equal, had changed or were gone
    std::uint64_t evicted = 0;            ///< entries that a full table lost

    /// Frames that merging sets free.
    [[nodiscard]] std::uint64_t saved() const { return duplicates_within + duplicates_across; }
    /// Frames that are left.
    [[nodiscard]] std::uint64_t distinct() const { return pages - saved(); }
    ByteScanCounts& operator+=(const ByteScanCounts& other);
    friend bool operator==(const ByteScanCounts&, const ByteScanCounts&) = default;
};

class ByteScanner {
  public:
    struct Options {
        std::uint64_t table_bytes = 256u << 20;
        unsigned threads = 1;
        std::uint64_t (*signature)(const std::byte* page) = page_hash;
    };
    /// More pages than this are not told apart.
    static constexpr std::uint64_t kPagesMax = std::uint64_t{1} << 47;

    ByteScanner(const Options& options, PageReader& reader);

    /// The pages that follow are those of `source`, from 0 on. A source comes in one go.
    void begin_source(std::uint32_t source);
    /// The next pages of the source: a multiple of kPageBytes.
    void add(std::span<const std::byte> pages);

    /// Of all so far; what a source contributed is the difference.
    [[nodiscard]] const ByteScanCounts& counts() const { return counts_; }
    [[nodiscard]] std::uint64_t table_bytes() const { return table_.bytes(); }

  private:
    /// Pages are numbered through all sources.
    struct Source {
        std::uint64_t first = 0;
        std::uint32_t id = 0;
    };
    /// What a thread needs of its own.
    struct alignas(64) Worker {
        ByteScanCounts counts;
        std::vector<std::byte> buffer;
        std::vector<std::uint32_t> mine;  ///< pages of the batch whose buckets are this worker's
    };
    struct Batch {
        const std::byte* bytes = nullptr;
        std::uint64_t first = 0;  ///< number of its first page
        std::uint32_t pages = 0;
    };

    void sign(const Batch& batch, unsigned part);
    void match(const Batch& batch, unsigned part);
    void look_up(const Batch& batch, std::uint32_t page, Worker& worker);
    void prefetch_known(const Batch& batch, std::uint32_t page);
    [[nodiscard]] const std::byte* bytes_of(const Batch& batch, std::uint64_t number, std::byte* buffer) const;

    std::uint64_t (*signature_)(const std::byte* page);
    PageReader& reader_;
    SignatureTable table_;
    WorkerTeam team_;
    std::vector<Worker> workers_;
    std::vector<std::uint64_t> signatures_;  ///< of the batch
    std::vector<Source> sources_;
    std::uint64_t next_ = 0;
    std::uint64_t zero_signature_;
    ByteScanCounts counts_;
};

}  // namespace pvmsim::hypervisor
