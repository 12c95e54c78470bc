// Rules that a shared memory pool must keep: edition, machine, firmware, sizes, paging VIOSes (R-MEM-02, R-ED-04,
// R-ED-05, behaviour 2.2, 2.3). Whether the machine has the memory, and what the partitions there say to it, is decided
// by ManagedSystem.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hypervisor/errors.hpp"
#include "hypervisor/hardware/system_model.hpp"
#include "hypervisor/memory/sharing/memory_pool.hpp"

namespace pvmsim::hypervisor {

inline constexpr std::uint64_t kMemoryPoolMinMib = 256;

/// Release and service pack of a firmware level: "AL740_156" is 740 and 156; zeros if it is not of that form.
struct FirmwareRelease {
    std::uint32_t release = 0;
    std::uint32_t pack = 0;
    friend constexpr auto operator<=>(const FirmwareRelease&, const FirmwareRelease&) = default;
};
[[nodiscard]] FirmwareRelease firmware_release(std::string_view level);

struct MemoryPoolContext {
    std::string_view system;  ///< its name
    const SystemModel* model = nullptr;
    std::string_view firmware_level;
    bool has_edition = false;  ///< PowerVM Enterprise
    std::uint64_t lmb_mib = 256;
};

[[nodiscard]] Result<void> check_pool_rules(const MemoryPoolConfig& pool, const MemoryPoolContext& context);

}  // namespace pvmsim::hypervisor
