// Scenario: a whole scenario file as plain data. Made by the loader (scenarios/loader), played by scenarios/play.
// Whoever builds scenarios in code (tests, later studies) fills the same structs, without the loader's checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/description/fabric_description.hpp"
#include "scenarios/description/play_description.hpp"
#include "scenarios/description/system_description.hpp"

namespace pvmsim::scenarios {

struct Scenario {
    std::string name;
    std::string description;
    std::uint64_t seed = 1;
    sim::Duration duration{0};
    FabricDescription fabric;
    std::vector<SystemDescription> systems;
    std::vector<PartitionDescription> partitions;  ///< in order of declaration; names are unique over all systems
    std::vector<TimelineStep> timeline;            ///< sorted by time, stable
    WatchDescription watch;
    std::string explain;
    std::vector<Expectation> expect;
};

}  // namespace pvmsim::scenarios
