// Changes: what an administrator types in a timeline: chdev, chhwres, schedo, smtctl.
// Each is done, or the reason says why the present state does not allow it. What is named exists: the loader checked.
#pragma once

#include <expected>
#include <string>

#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// chdev on a device of a running partition.
[[nodiscard]] std::expected<void, std::string> apply_chdev(Site& site, const ChdevStep& step);
/// chhwres -r proc: processors of a running partition.
[[nodiscard]] std::expected<void, std::string> apply_processor_change(Site& site, const ProcessorChangeStep& step);
/// chhwres -r procpool.
[[nodiscard]] std::expected<void, std::string> apply_pool_change(Site& site, const PoolChangeStep& step);
/// schedo and smtctl in a running partition.
[[nodiscard]] std::expected<void, std::string> apply_tuning(Site& site, const ProcessorsStep& step);

/// As the timeline prints them.
[[nodiscard]] std::string describe(const ChdevStep& step);
[[nodiscard]] std::string describe(const ProcessorChangeStep& step);
[[nodiscard]] std::string describe(const PoolChangeStep& step);
[[nodiscard]] std::string describe(const ProcessorsStep& step);

}  // namespace pvmsim::scenarios
