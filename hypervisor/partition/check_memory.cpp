// Rules of a profile's memory (behaviour 2.1, 2.2, 2.4, R-MEM-02, R-ED-05). Shared memory goes with shared processors
// and virtual adapters alone, never in a Virtual I/O Server; its paging VIOSes are of the pool's. That an operating
// system knows expansion is checked where operating systems are known.
#include "hypervisor/partition/check_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hypervisor/memory/paging/io_entitlement.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::array<std::uint32_t, 5> kHptRatios{32, 64, 128, 256, 512};
constexpr std::uint32_t kExpansionMinHundredths = 100;
constexpr std::uint32_t kExpansionMaxHundredths = 1000;

struct NamedValue {
    std::string_view attribute;
    std::uint64_t value;
};

void check_sizes(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    const std::array range{NamedValue{"min_mem", profile.min_mem_mib},
                           NamedValue{"desired_mem", profile.desired_mem_mib},
                           NamedValue{"max_mem", profile.max_mem_mib}};
    for (const auto& [attribute, value] : range) {
        if (value == 0 || value % context.lmb_mib != 0)
            problems.add(attribute, fmt::format("{} MB is not a multiple of the {} MB logical memory block", value,
                                                context.lmb_mib));
    }
    for (std::size_t i = 1; i < range.size(); ++i) {
        const auto& [name, value] = range[i];
        const auto& [lower_name, lower] = range[i - 1];
        if (value < lower)
            problems.add(name, fmt::format("{} is less than {} {}; min <= desired <= max", value, lower_name, lower));
    }
    if (std::ranges::find(kHptRatios, profile.hpt_ratio) == kHptRatios.end())
        problems.add("hpt_ratio", fmt::format("1:{} is not one of 1:32, 1:64, 1:128, 1:256, 1:512", profile.hpt_ratio));
}

void check_paging_vioses(ProblemList& problems, const PartitionProfile& profile, const MemoryPoolConfig& pool) {
    const PartitionId primary = profile.shared_memory.primary_paging_vios;
    const PartitionId secondary = profile.shared_memory.secondary_paging_vios;
    const auto check = [&](std::string_view attribute, PartitionId vios) {
        if (vios == kNoPartition || vios == pool.primary_paging_vios || vios == pool.secondary_paging_vios) return;
        const std::string second = pool.secondary_paging_vios == kNoPartition
                                       ? std::string{}
                                       : fmt::format(" or {}", pool.secondary_paging_vios.value());
        problems.add(attribute, fmt::format("partition {} is not a paging VIOS of the shared memory pool; {}{}",
                                            vios.value(), pool.primary_paging_vios.value(), second));
    };
    check("primary_paging_vios_name", primary);
    check("secondary_paging_vios_name", secondary);
    if (secondary == kNoPartition) return;
    if (primary == kNoPartition)
        problems.add("secondary_paging_vios_name", "without primary_paging_vios_name; give both, or none");
    else if (primary == secondary)
        problems.add("secondary_paging_vios_name", "is primary_paging_vios_name, too; take the other one, or none");
}

void check_shared(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    if (context.lpar_env == PartitionEnvironment::kVioServer)
        problems.add("mem_mode", "a Virtual I/O Server cannot share its memory; use ded");
    if (context.memory_pool == nullptr) {
        problems.add("mem_mode", "shared needs a shared memory pool, and the managed system has none; use ded");
    } else {
        check_paging_vioses(problems, profile, *context.memory_pool);
    }
    if (profile.proc_mode != ProcessorMode::kShared)
        problems.add("proc_mode", "ded does not go with mem_mode shared; use shared");
    if (!profile.io_slots.empty())
        problems.add("io_slots", fmt::format("{} physical slot{}; with mem_mode shared all I/O is virtual",
                                             profile.io_slots.size(), profile.io_slots.size() == 1 ? "" : "s"));
    const std::uint64_t entitled = profile.shared_memory.desired_io_entitled_mem_mib;
    if (entitled == 0) return;
    const std::uint64_t least = io_entitled_min_mib(profile);
    if (entitled < least)
        problems.add(
            "desired_io_entitled_mem",
            fmt::format("{} MB is too little for its virtual adapters; at least {} MB, or auto", entitled, least));
    if (entitled > profile.desired_mem_mib)
        problems.add("desired_io_entitled_mem",
                     fmt::format("{} MB is more than desired_mem {} MB", entitled, profile.desired_mem_mib));
}

void check_expansion(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    const std::uint32_t factor = profile.mem_expansion_hundredths;
    if (factor == 0) return;
    const std::string text = fmt::format("{}.{:02}", factor / 100, factor % 100);
    if (factor < kExpansionMinHundredths || factor > kExpansionMaxHundredths)
        problems.add("mem_expansion", fmt::format("{} is out of range; 1.00 to 10.00, or 0 for off", text));
    if (context.lpar_env != PartitionEnvironment::kAixLinux)
        problems.add("mem_expansion", fmt::format("{} needs AIX in the partition; use 0", text));
    if (!context.mem_expansion_capable)
        problems.add("mem_expansion",
                     fmt::format("{} needs the activation code of Active Memory Expansion on POWER7, and the managed "
                                 "system has none; use 0",
                                 text));
}

}  // namespace

void check_memory(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    check_sizes(problems, profile, context);
    check_expansion(problems, profile, context);
    if (profile.mem_mode == MemoryMode::kShared) return check_shared(problems, profile, context);
    if (profile.shared_memory.primary_paging_vios != kNoPartition)
        problems.add("primary_paging_vios_name", "goes with mem_mode shared only");
    if (profile.shared_memory.secondary_paging_vios != kNoPartition)
        problems.add("secondary_paging_vios_name", "goes with mem_mode shared only");
}

}  // namespace pvmsim::hypervisor
