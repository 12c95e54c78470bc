// The table is anonymous memory of the operating system: zeros that cost nothing until they are used, and in large
// pages where there are some, since every look-up goes to a random place.
#include "hypervisor/memory/deduplication/signature_table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace pvmsim::hypervisor {

SignatureTable::SignatureTable(std::uint64_t bytes)
    : count_(std::max<std::uint64_t>(1, bytes / sizeof(Bucket))),
      buckets_(nullptr, Release{static_cast<std::size_t>(count_ * sizeof(Bucket))}) {
    const std::size_t size = buckets_.get_deleter().bytes;
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    (void)::madvise(memory, size, MADV_HUGEPAGE);
    buckets_.reset(static_cast<Bucket*>(memory));
}

void SignatureTable::Release::operator()(Bucket* buckets) const { ::munmap(buckets, bytes); }

std::uint64_t SignatureTable::entries() const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count_; ++i) sum += buckets_[i].used();
    return sum;
}

}  // namespace pvmsim::hypervisor
