// Keeping and reading pages again; see batch.hpp.
// A page that cannot be read again counts as different: nothing merges that was not compared.
#include "apps/memscan/batch.hpp"

#include <algorithm>
#include <cstring>

namespace pvmsim::memscan {
namespace {

using hypervisor::kPageBytes;

/// Files kept open for reading again.
constexpr std::size_t kOpenedMax = 64;
constexpr std::uint64_t kNoBatch = ~std::uint64_t{0};

}  // namespace

RecentBatches::RecentBatches(std::uint64_t bytes) : slots_(std::max<std::uint64_t>(1, bytes / kBatchBytes)) {
    for (auto& slot : slots_) slot.batch = kNoBatch;
}

std::span<std::byte> RecentBatches::make_room(std::uint64_t batch) {
    auto& slot = slots_[batch % slots_.size()];
    if (!slot.bytes) slot.bytes = std::make_unique_for_overwrite<std::byte[]>(kBatchBytes);
    slot.batch = batch;
    return {slot.bytes.get(), kBatchBytes};
}

const std::byte* RecentBatches::page(std::uint64_t stream_page) const {
    const auto batch = stream_page / kBatchPages;
    const auto& slot = slots_[batch % slots_.size()];
    return slot.batch == batch ? slot.bytes.get() + stream_page % kBatchPages * kPageBytes : nullptr;
}

StreamReader::StreamReader(const Sources& sources, const std::vector<ListedFile>& files, const RecentBatches& recent)
    : sources_(sources), files_(files), recent_(recent), first_pages_(files.size()) {}

void StreamReader::place(std::uint32_t file, std::uint64_t stream_page) { first_pages_[file] = stream_page; }

const std::byte* StreamReader::page(std::uint32_t source, std::uint64_t index, std::byte* buffer) {
    if (const auto* kept = recent_.page(first_pages_[source] + index)) return kept;
    if (buffer == nullptr) return nullptr;
    const auto file = open(source);
    if (!file) return nullptr;
    const auto got = file->read_at(index * kPageBytes, {buffer, kPageBytes});
    if (!got || *got == 0) return nullptr;
    std::memset(buffer + *got, 0, kPageBytes - *got);
    return buffer;
}

std::shared_ptr<const SourceFile> StreamReader::open(std::uint32_t file) {
    const std::scoped_lock lock(mutex_);
    ++uses_;
    for (auto& opened : opened_) {
        if (opened.file != file) continue;
        opened.last_used = uses_;
        return opened.source;
    }
    auto found = sources_.open(files_[file].path);
    Opened fresh{.file = file, .last_used = uses_, .source = found ? std::move(*found) : nullptr};
    if (opened_.size() < kOpenedMax) return opened_.emplace_back(std::move(fresh)).source;
    auto& oldest = *std::ranges::min_element(opened_, {}, &Opened::last_used);
    oldest = std::move(fresh);
    return oldest.source;
}

}  // namespace pvmsim::memscan
