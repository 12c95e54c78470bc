// amepat: what several expansion factors would gain and cost a workload, and which one to take.
//
// Modelled: the table, the recommendation (the largest gain that stays under the processor cap) and the report's text.
// Left out: watching a running system (-P, -R recordings); whoever asks brings the statistics.
// Sources: behaviour 2.4, V36 to V38. The layout is from memory of public listings, it is marked unverified.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aix/memory/expansion.hpp"

namespace pvmsim::aix {

struct ExpansionEstimate {
    ExpansionFactor factor;
    std::uint64_t true_mib = 0;
    std::uint64_t gain_mib = 0;
    std::uint32_t gain_percent = 0;  ///< of true memory
    hypervisor::CoreRate cpu;
    std::uint32_t cpu_percent = 0;  ///< of the partition's maximum capacity
    std::uint64_t deficit_mib = 0;  ///< not 0: the factor cannot be reached

    friend bool operator==(const ExpansionEstimate&, const ExpansionEstimate&) = default;
};

struct AmepatQuestion {
    ExpansionModel model;
    std::uint64_t expanded_mib = 0;  ///< what the workload is to see, whatever the factor
    std::uint64_t lmb_mib = 256;
    hypervisor::CoreRate capacity_max;  ///< processors of the partition
    hypervisor::CoreRate base_peak;     ///< processors the workload takes at its peak, without expansion
    /// -c: estimates above this share of the maximum capacity are not recommended.
    std::uint32_t cpu_cap_percent = 15;
    /// -m: smaller gains are not recommended.
    std::uint64_t gain_mib_min = 0;
};

[[nodiscard]] ExpansionEstimate estimate(const AmepatQuestion& question, ExpansionFactor factor);
[[nodiscard]] std::vector<ExpansionEstimate> estimates(const AmepatQuestion& question,
                                                       const std::vector<ExpansionFactor>& factors);

/// amepat's default table: `entries` factors from 1.00 to the largest that is reached, in even steps of true memory.
[[nodiscard]] std::vector<ExpansionFactor> default_factors(const AmepatQuestion& question, std::uint32_t entries = 7);

struct Recommendation {
    ExpansionEstimate estimate;
    hypervisor::CoreRate peak_total;  ///< base_peak and the cost of expansion
};
/// nullopt when none of the factors gains anything under the cap without a deficit.
[[nodiscard]] std::optional<Recommendation> recommend(const AmepatQuestion& question,
                                                      const std::vector<ExpansionEstimate>& estimates);

/// A line of the system's resource statistics.
struct ObservedMean {
    std::uint64_t mean = 0;
    std::uint64_t min = 0;
    std::uint64_t max = 0;
};
/// What the report says before its table.
struct AmepatSystem {
    std::string command = "amepat";
    std::string invoked_at;  ///< "Mon Nov  9 14:39:28 CST 2009"
    std::uint64_t monitored_s = 0;
    std::uint64_t samples = 0;
    std::string partition_name;
    std::string processor_mode = "POWER7";
    std::uint32_t logical_cpus = 0;
    hypervisor::CoreRate entitled;
    std::uint64_t true_mib = 0;
    std::uint32_t smt_threads = 4;
    std::string shared_processor_mode = "Disabled";  ///< "Disabled", "Enabled-Capped", "Enabled-Uncapped"
    bool memory_sharing = false;
    bool memory_expansion = false;
    ObservedMean cpu_millicores{};
    ObservedMean virtual_mib{};
    ObservedMean in_use_mib{};
    ObservedMean pinned_mib{};
    ObservedMean file_cache_mib{};
    ObservedMean available_mib{};
};

/// The report as amepat prints it.
[[nodiscard]] std::string amepat_text(const AmepatSystem& system, const AmepatQuestion& question,
                                      const std::vector<ExpansionEstimate>& estimates);

}  // namespace pvmsim::aix
