// XXH3 as a header: inlined for the fixed length of a page. The same value on every machine and with every vector
// width.
#include "hypervisor/memory/deduplication/page_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

std::uint64_t page_hash(const std::byte* page) { return XXH3_64bits(page, kPageBytes); }

}  // namespace pvmsim::hypervisor
