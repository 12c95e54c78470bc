// Checks of processors, and the frame around all checks; those of memory and adapters are in check_memory.cpp and
// check_adapters.cpp. Whether a shared processor pool is active is known at activation.
#include "hypervisor/partition/check_profile.hpp"

#include <fmt/format.h>

#include <array>

#include "hypervisor/partition/check_adapters.hpp"
#include "hypervisor/partition/check_memory.hpp"
#include "hypervisor/partition/processor_pool.hpp"
#include "hypervisor/units_text.hpp"

namespace pvmsim::hypervisor {

namespace {

struct NamedValue {
    std::string_view attribute;
    std::uint64_t value;
};

void check_order(ProblemList& problems, const std::array<NamedValue, 3>& range) {
    for (std::size_t i = 1; i < range.size(); ++i) {
        const auto& [name, value] = range[i];
        const auto& [lower_name, lower] = range[i - 1];
        if (value < lower)
            problems.add(name, fmt::format("{} is less than {} {}; min <= desired <= max", value, lower_name, lower));
    }
}

void check_virtual_processors(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    struct Level {
        std::string_view attribute;
        ProcUnits units;
        std::uint32_t procs;
    };
    const std::array levels{Level{"min_proc_units", profile.min_proc_units, profile.min_procs},
                            Level{"desired_proc_units", profile.desired_proc_units, profile.desired_procs},
                            Level{"max_proc_units", profile.max_proc_units, profile.max_procs}};
    for (const auto& [attribute, units, procs] : levels) {
        if (procs > context.virtual_procs_max) continue;  // told already
        const ProcUnits least{static_cast<std::int32_t>(procs * context.proc_units_min_hundredths)};
        const ProcUnits most{static_cast<std::int32_t>(procs * 100)};
        if (units < least) {
            problems.add(attribute, fmt::format("{} is too little for {} virtual processors; at least {}",
                                                units_text(units), procs, units_text(least)));
        } else if (units > most) {
            problems.add(attribute,
                         fmt::format("{} is too much for {} virtual processors; at most {}, or more processors",
                                     units_text(units), procs, units_text(most)));
        }
    }
    for (std::size_t i = 1; i < levels.size(); ++i) {
        if (levels[i].units >= levels[i - 1].units) continue;
        problems.add(levels[i].attribute,
                     fmt::format("{} is less than {} {}; min <= desired <= max", units_text(levels[i].units),
                                 levels[i - 1].attribute, units_text(levels[i - 1].units)));
    }
}

void check_processors(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context) {
    if (profile.min_procs == 0) problems.add("min_procs", "0 is too few; at least 1");
    if (profile.max_procs > context.virtual_procs_max)
        problems.add("max_procs",
                     fmt::format("{} is too many; at most {}", profile.max_procs, context.virtual_procs_max));
    check_order(problems,
                {NamedValue{"min_procs", profile.min_procs}, NamedValue{"desired_procs", profile.desired_procs},
                 NamedValue{"max_procs", profile.max_procs}});
    const bool has_shared_mode =
        profile.sharing_mode == SharingMode::kCapped || profile.sharing_mode == SharingMode::kUncapped;
    if (profile.proc_mode == ProcessorMode::kShared) {
        check_virtual_processors(problems, profile, context);
        if (!has_shared_mode) problems.add("sharing_mode", "proc_mode shared takes cap or uncap");
        if (profile.shared_proc_pool_id.value() >= kProcessorPools)
            problems.add("shared_proc_pool_id", fmt::format("{} is no shared processor pool; 0..{}",
                                                            profile.shared_proc_pool_id.value(), kProcessorPools - 1));
    } else if (has_shared_mode) {
        problems.add("sharing_mode",
                     "proc_mode ded takes keep_idle_procs, share_idle_procs, share_idle_procs_active or "
                     "share_idle_procs_always");
    }
}

}  // namespace

std::vector<ProfileProblem> find_profile_problems(const PartitionProfile& profile, const ProfileContext& context) {
    ProblemList problems;
    check_memory(problems, profile, context);
    check_processors(problems, profile, context);
    check_adapters(problems, profile, context);
    return std::move(problems).take();
}

Result<void> check_profile(const PartitionProfile& profile, const ProfileContext& context) {
    const std::vector<ProfileProblem> problems = find_profile_problems(profile, context);
    if (problems.empty()) return {};
    std::string text = fmt::format("profile {}:", profile.name);
    for (std::size_t i = 0; i < problems.size(); ++i)
        text += fmt::format("{} {}: {}", i == 0 ? "" : ";", problems[i].attribute, problems[i].text);
    return sim::fail(ErrorCode::kInvalidProfile, std::move(text));
}

}  // namespace pvmsim::hypervisor
