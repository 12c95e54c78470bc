// The `partitions:` section of an imported scenario: the larger half of scenario_text, in a file of its own.
// Notes of a partition become comments at its head, assumptions comments at their line.
#pragma once

#include "scenarios/import/assumed_site.hpp"
#include "scenarios/import/recorded_machine.hpp"
#include "scenarios/import/yaml_writer.hpp"

namespace pvmsim::scenarios {

/// Appends `partitions:` with a block for each partition.
void write_partitions(YamlWriter& out, const RecordedMachine& machine, const AssumedSite& site);

}  // namespace pvmsim::scenarios
