// XXH3 with the widest vectors that the processor has, chosen by libxxhash at run time. The value is the same on every
// machine and with every width.
#include "hypervisor/memory/deduplication/page_hash.hpp"

#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // XXH3_64bits is the choosing one from here on
#endif

#include "hypervisor/memory/page.hpp"

namespace pvmsim::hypervisor {

std::uint64_t page_hash(const std::byte* page) { return XXH3_64bits(page, kPageBytes); }

}  // namespace pvmsim::hypervisor
