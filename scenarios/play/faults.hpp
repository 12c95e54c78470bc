// Faults: what a fault or repair step does to the site. The vocabulary is play_description.hpp's FaultKind.
// A repair undoes its fault and no other: a port that was shut and whose cable was cut needs both.
#pragma once

#include <expected>
#include <string>

#include "scenarios/play/site.hpp"

namespace pvmsim::scenarios {

/// Does it, or says why the present state does not allow it (the partition is off already). The target exists: the
/// loader checked it.
[[nodiscard]] std::expected<void, std::string> apply_fault(Site& site, const FaultStep& fault);

}  // namespace pvmsim::scenarios
