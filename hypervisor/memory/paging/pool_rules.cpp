// One rule after another; the first that is broken is told.
// Texts name the value and what would be right.
#include "hypervisor/memory/paging/pool_rules.hpp"

#include <fmt/format.h>

#include <charconv>

namespace pvmsim::hypervisor {

namespace {

constexpr FirmwareRelease kDeduplicationFirmware{740, 42};  ///< R-ED-05
constexpr std::size_t kReleaseAt = 2;                       ///< "AL" is the machine's family
constexpr std::size_t kReleaseLength = 3;
constexpr std::uint32_t kTableRatioMin = 256;
constexpr std::uint32_t kTableRatioMax = 8192;
constexpr sim::Duration kSamplingIntervalEnd{10'000'000'000};
constexpr std::uint32_t kPerMille = 1000;

bool number_of(std::string_view text, std::uint32_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

std::unexpected<Error> refused(ErrorCode code, const MemoryPoolContext& context, std::string_view why) {
    return sim::fail(code, fmt::format("shared memory pool of {}: {}", context.system, why));
}

Result<void> check_support(const MemoryPoolConfig& pool, const MemoryPoolContext& context) {
    if (!context.has_edition)
        return refused(ErrorCode::kNotSupported, context, "Active Memory Sharing needs PowerVM Enterprise Edition");
    if (context.model->processor == "POWER5")
        return refused(ErrorCode::kNotSupported, context,
                       fmt::format("Active Memory Sharing needs POWER6 or later; a {} has {}",
                                   context.model->type_model, context.model->processor));
    if (!pool.mem_dedup) return {};
    if (firmware_release(context.firmware_level) < kDeduplicationFirmware)
        return refused(ErrorCode::kNotSupported, context,
                       fmt::format("Active Memory Deduplication needs POWER7 with firmware 740_042 or later; it has {}",
                                   context.firmware_level));
    return {};
}

Result<void> check_sizes(const MemoryPoolConfig& pool, const MemoryPoolContext& context) {
    if (pool.pool_mem_mib == 0 && pool.mem_dedup)
        return refused(
            ErrorCode::kInvalidPool, context,
            "mem_dedup without memory in the pool; deduplication works on Active Memory Sharing's pool only");
    if (pool.pool_mem_mib < kMemoryPoolMinMib)
        return refused(
            ErrorCode::kInvalidPool, context,
            fmt::format("pool_mem {} MB is too small; at least {} MB", pool.pool_mem_mib, kMemoryPoolMinMib));
    if (pool.pool_mem_mib % context.lmb_mib != 0)
        return refused(ErrorCode::kInvalidPool, context,
                       fmt::format("pool_mem {} MB is not a multiple of the {} MB logical memory block",
                                   pool.pool_mem_mib, context.lmb_mib));
    if (pool.max_pool_mem_mib % context.lmb_mib != 0)
        return refused(ErrorCode::kInvalidPool, context,
                       fmt::format("max_pool_mem {} MB is not a multiple of the {} MB logical memory block",
                                   pool.max_pool_mem_mib, context.lmb_mib));
    if (pool.pool_mem_mib > pool.max_pool_mem_mib)
        return refused(
            ErrorCode::kInvalidPool, context,
            fmt::format("pool_mem {} MB is more than max_pool_mem {} MB", pool.pool_mem_mib, pool.max_pool_mem_mib));
    return {};
}

Result<void> check_parameters(const MemoryPoolConfig& pool, const MemoryPoolContext& context) {
    const std::uint32_t ratio = pool.dedup_table_ratio;
    if (ratio < kTableRatioMin || ratio > kTableRatioMax || (ratio & (ratio - 1)) != 0)
        return refused(
            ErrorCode::kInvalidPool, context,
            fmt::format("dedup_table_ratio 1:{} is not one of 1:256, 1:512, 1:1024, 1:2048, 1:4096, 1:8192", ratio));
    if (pool.sampling_interval <= sim::Duration{0} || pool.sampling_interval >= kSamplingIntervalEnd)
        return refused(ErrorCode::kInvalidPool, context,
                       fmt::format("sampling_interval {} ms is out of range; more than 0 and less than 10 s",
                                   pool.sampling_interval.count() / 1'000'000));
    if (pool.low_water_per_mille > pool.high_water_per_mille || pool.high_water_per_mille > kPerMille)
        return refused(ErrorCode::kInvalidPool, context,
                       fmt::format("marks of the free list {} and {} per mille; low <= high <= 1000",
                                   pool.low_water_per_mille, pool.high_water_per_mille));
    if (pool.paging_latency < sim::Duration{0})
        return refused(ErrorCode::kInvalidPool, context, "paging_latency is negative; 0 or more");
    return {};
}

Result<void> check_vioses(const MemoryPoolConfig& pool, const MemoryPoolContext& context) {
    if (pool.primary_paging_vios == kNoPartition)
        return refused(ErrorCode::kInvalidPool, context, "no paging VIOS; one or two are needed");
    if (pool.primary_paging_vios == pool.secondary_paging_vios)
        return refused(ErrorCode::kInvalidPool, context,
                       fmt::format("VIOS {} is given as primary and as secondary paging VIOS; take two, or one alone",
                                   pool.primary_paging_vios.value()));
    return {};
}

}  // namespace

FirmwareRelease firmware_release(std::string_view level) {
    FirmwareRelease found;
    const std::size_t line = level.find('_');
    if (line != kReleaseAt + kReleaseLength) return {};
    const bool is_sound = number_of(level.substr(kReleaseAt, kReleaseLength), found.release) &&
                          number_of(level.substr(line + 1), found.pack);
    return is_sound ? found : FirmwareRelease{};
}

Result<void> check_pool_rules(const MemoryPoolConfig& pool, const MemoryPoolContext& context) {
    PVMSIM_TRY(check_support(pool, context));
    PVMSIM_TRY(check_sizes(pool, context));
    PVMSIM_TRY(check_parameters(pool, context));
    return check_vioses(pool, context);
}

}  // namespace pvmsim::hypervisor
