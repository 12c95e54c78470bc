// The signature of a page's bytes: XXH3 with 64 bits. Only equal signatures are ever compared, so nothing hangs on it
// but speed; what the hypervisor itself computes is not published.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pvmsim::hypervisor {

/// Of kPageBytes bytes.
[[nodiscard]] std::uint64_t page_hash(const std::byte* page);

}  // namespace pvmsim::hypervisor
