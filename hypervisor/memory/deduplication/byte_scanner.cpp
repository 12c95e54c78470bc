// A batch is small enough to be in the second-level cache still when its pages are compared. With several threads each
// signs a stretch of the batch, then each takes the pages of its share of the buckets in their order: buckets know
// nothing of one another, so the answers are those of one thread.
#include "hypervisor/memory/deduplication/byte_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

/// Pages of a batch for each thread: 512 KiB.
constexpr std::uint32_t kBatchPages = 128;
/// How far ahead of the comparison a page is asked for, and how much of it: the processor then goes on by itself.
constexpr std::size_t kAhead = 2;
constexpr std::size_t kAheadBytes = 1024;

alignas(64) constexpr std::array<std::byte, kPageBytes> kZeros{};

/// In the table, a page that was met more than once.
constexpr std::uint16_t kMetAgain = 0x8000;

LogicalPage entry_of(std::uint64_t number) {
    return {MemberId{static_cast<std::uint16_t>(number >> 32)}, static_cast<PageNumber>(number)};
}

std::uint64_t number_of(LogicalPage entry) {
    return std::uint64_t{static_cast<std::uint16_t>(entry.member.value() & ~kMetAgain)} << 32 | entry.page;
}

void prefetch(const std::byte* from, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(from + at);
}

}  // namespace

ByteScanCounts& ByteScanCounts::operator+=(const ByteScanCounts& other) {
    pages += other.pages;
    zero_pages += other.zero_pages;
    duplicates_within += other.duplicates_within;
    duplicates_across += other.duplicates_across;
    groups += other.groups;
    compared += other.compared;
    different += other.different;
    evicted += other.evicted;
    return *this;
}

ByteScanner::ByteScanner(const Options& options, PageReader& reader)
    : signature_(options.signature),
      reader_(reader),
      table_(options.table_bytes),
      team_(options.threads),
      workers_(team_.size()),
      signatures_(std::size_t{kBatchPages} * team_.size()),
      zero_signature_(options.signature(kZeros.data())) {
    for (Worker& worker : workers_) worker.buffer.resize(kPageBytes);
}

void ByteScanner::begin_source(std::uint32_t source) { sources_.push_back({next_, source}); }

void ByteScanner::add(std::span<const std::byte> pages) {
    PVMSIM_ASSERT(!sources_.empty());
    PVMSIM_ASSERT(pages.size() % kPageBytes == 0);
    const std::size_t batch_bytes = signatures_.size() * kPageBytes;
    while (!pages.empty()) {
        const auto bytes = pages.first(std::min(batch_bytes, pages.size()));
        const Batch batch{bytes.data(), next_, static_cast<std::uint32_t>(bytes.size() / kPageBytes)};
        PVMSIM_ASSERT(next_ + batch.pages <= kPagesMax);
        team_.run([&](unsigned part) { sign(batch, part); });
        team_.run([&](unsigned part) { match(batch, part); });
        next_ += batch.pages;
        counts_.pages += batch.pages;
        for (Worker& worker : workers_) {
            counts_ += worker.counts;
            worker.counts = {};
        }
        pages = pages.subspan(bytes.size());
    }
}

void ByteScanner::sign(const Batch& batch, unsigned part) {
    const std::uint32_t end = batch.pages * (part + 1) / team_.size();
    for (std::uint32_t page = batch.pages * part / team_.size(); page < end; ++page) {
        // The processor foresees no access beyond a page's end: without this it would begin anew with each.
        const std::byte* bytes = batch.bytes + page * kPageBytes;
        if (page + 1 < end) prefetch(bytes + kPageBytes, kPageBytes);
        signatures_[page] = signature_(bytes);
        table_.prefetch(signatures_[page]);
    }
}

void ByteScanner::match(const Batch& batch, unsigned part) {
    Worker& worker = workers_[part];
    worker.mine.clear();
    for (std::uint32_t page = 0; page < batch.pages; ++page)
        if (table_.bucket_number(signatures_[page]) % team_.size() == part) worker.mine.push_back(page);
    for (std::size_t i = 0; i < worker.mine.size(); ++i) {
        if (i + kAhead < worker.mine.size()) prefetch_known(batch, worker.mine[i + kAhead]);
        look_up(batch, worker.mine[i], worker);
    }
}

/// Pages in memory only: asking a reader for others would read them.
void ByteScanner::prefetch_known(const Batch& batch, std::uint32_t page) {
    const SignatureTable::Bucket& bucket = table_.bucket(signatures_[page]);
    const SignatureTable::Slots found = bucket.find(signatures_[page]);
    if (found.empty()) return;
    const LogicalPage entry = bucket.page(found.first());
    const std::byte* known = bytes_of(batch, number_of(entry), nullptr);
    if (known != nullptr) prefetch(known, kAheadBytes);
}

/// Of the batch itself, or the reader's. Without a buffer: only if it is in memory.
const std::byte* ByteScanner::bytes_of(const Batch& batch, std::uint64_t number, std::byte* buffer) const {
    if (number >= batch.first) return batch.bytes + (number - batch.first) * kPageBytes;
    const auto behind = std::ranges::upper_bound(sources_, number, {}, &Source::first);
    PVMSIM_ASSERT(behind != sources_.begin());
    const Source& source = *(behind - 1);
    return reader_.page(source.id, number - source.first, buffer);
}

void ByteScanner::look_up(const Batch& batch, std::uint32_t page, Worker& worker) {
    using enum SignatureTable::Comparison;
    const std::uint64_t signature = signatures_[page];
    const std::byte* bytes = batch.bytes + page * kPageBytes;
    SignatureTable::Bucket& bucket = table_.bucket(signature);
    const SignatureTable::Place place = bucket.place(signature, [&](LogicalPage entry) {
        ++worker.counts.compared;
        const std::byte* known = bytes_of(batch, number_of(entry), worker.buffer.data());
        const bool is_equal = known != nullptr && std::memcmp(known, bytes, kPageBytes) == 0;
        worker.counts.different += !is_equal;
        return is_equal ? kEqual : kDifferent;
    });
    worker.counts.evicted += place.evicts;
    if (signature == zero_signature_) worker.counts.zero_pages += std::memcmp(kZeros.data(), bytes, kPageBytes) == 0;

    LogicalPage entry = entry_of(batch.first + page);
    if (place.is_known) {
        const LogicalPage known = bucket.page(place.slot);
        worker.counts.groups += (known.member.value() & kMetAgain) == 0;
        ++(number_of(known) >= sources_.back().first ? worker.counts.duplicates_within
                                                     : worker.counts.duplicates_across);
        entry.member = MemberId{static_cast<std::uint16_t>(entry.member.value() | kMetAgain)};
    }
    bucket.put(place.slot, signature, entry);
}

}  // namespace pvmsim::hypervisor
