// Cores that can be used: the activated ones; in TurboCore mode at most half of those installed, because half of each
// chip's cores are off to leave the others its cache and a higher clock (behaviour 8, V25).
//
// Left out: the higher clock and the larger cache of the remaining cores.
#include <fmt/format.h>

#include <algorithm>

#include "hypervisor/managed_system_state.hpp"

namespace pvmsim::hypervisor {

std::uint32_t usable_cores_of(const SystemConfig& config) {
    return config.turbo_core ? std::min(config.cores, config.cores_installed / 2) : config.cores;
}

Result<void> check_cores(const SystemConfig& config, const SystemModel& model) {
    const auto too_many = [&](std::string_view what, std::uint32_t cores) {
        return sim::fail(ErrorCode::kBeyondModel,
                         fmt::format("managed system {}: {} {}; a {} ({}) has at most {}", config.name, cores, what,
                                     model.type_model, model.name, model.cores_max));
    };
    if (config.cores > model.cores_max) return too_many("cores", config.cores);
    if (config.cores_installed > model.cores_max) return too_many("cores installed", config.cores_installed);
    if (config.cores_installed != 0 && config.cores > config.cores_installed)
        return sim::fail(ErrorCode::kBeyondModel,
                         fmt::format("managed system {}: {} cores activated and only {} installed; at most {}",
                                     config.name, config.cores, config.cores_installed, config.cores_installed));
    if (config.turbo_core && !model.has_turbo_core)
        return sim::fail(ErrorCode::kNotSupported,
                         fmt::format("managed system {}: turbo_core: a {} ({}) has no TurboCore mode; a Power 780 "
                                     "(9179) or 795 (9119) has",
                                     config.name, model.type_model, model.name));
    if (config.turbo_core && (config.cores_installed != 0 ? config.cores_installed : config.cores) == 1)
        return sim::fail(
            ErrorCode::kInvalidProfile,
            fmt::format("managed system {}: turbo_core leaves half of 1 core installed; at least 2", config.name));
    return {};
}

void complete_cores(SystemConfig& config, const SystemModel& model) {
    if (config.cores_installed == 0) config.cores_installed = config.cores != 0 ? config.cores : model.cores_max;
    if (config.cores == 0) config.cores = config.cores_installed;
}

}  // namespace pvmsim::hypervisor
