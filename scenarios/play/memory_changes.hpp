// Changes of memory in a timeline: chhwres: mem and mempool, vmo, update_os, another working set.
// Each is done or begun, or the reason says why the present state does not allow it. What is named exists.
#pragma once

#include <expected>
#include <string>

#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// chhwres -r mem: memory of a running partition. It comes and goes over time: memory_operation_of tells how it went.
[[nodiscard]] std::expected<void, std::string> apply_memory_change(Site& site, const MemoryChangeStep& step);
/// chhwres -r mempool.
[[nodiscard]] std::expected<void, std::string> apply_memory_pool_change(Site& site, const MemoryPoolChangeStep& step);
[[nodiscard]] std::expected<void, std::string> apply_operating_system(Site& site, const OperatingSystemStep& step);
[[nodiscard]] std::expected<void, std::string> apply_workload(Site& site, const WorkloadStep& step);

/// The partition's last change of memory; nullptr: none.
[[nodiscard]] const hypervisor::MemoryOperation* memory_operation_of(Site& site, const std::string& partition);

/// As the timeline prints them.
[[nodiscard]] std::string describe(const MemoryChangeStep& step);
[[nodiscard]] std::string describe(const MemoryPoolChangeStep& step);
[[nodiscard]] std::string describe(const OperatingSystemStep& step);
[[nodiscard]] std::string describe(const WorkloadStep& step);

}  // namespace pvmsim::scenarios
