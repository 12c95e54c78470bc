// pvmsim validate, pvmsim schema and pvmsim import: everything that reads or writes scenarios without playing them.
//
// validate builds the site too, so that what only the hypervisor can refuse (no room for a partition) is found.
#include <iostream>

#include "apps/commands.hpp"
#include "apps/console_output.hpp"
#include "apps/scenario_input.hpp"
#include "scenarios/import/hmc_import.hpp"
#include "scenarios/play/rehearsal.hpp"
#include "scenarios/schema/json_schema.hpp"

namespace pvmsim::apps {

int validate_command(const ValidateOptions& options) {
    const auto scenario = load_or_complain(options.scenario, options.overrides);
    if (!scenario) return kExitBadInput;
    if (const auto rehearsal = scenarios::Rehearsal::create(*scenario); !rehearsal) {
        complain(options.scenario + ": " + rehearsal.error());
        return kExitBadInput;
    }
    const auto& fabric = scenario->fabric;
    const auto text = options.scenario + ": valid: " + scenario->name + ": " +
                      std::to_string(scenario->systems.size()) + " systems, " +
                      std::to_string(scenario->partitions.size()) + " partitions, " +
                      std::to_string(fabric.lan.switches.size()) + " Ethernet switches, " +
                      std::to_string(fabric.san.size()) + " SAN fabrics, " + std::to_string(fabric.arrays.size()) +
                      " arrays, " + std::to_string(scenario->timeline.size()) + " timeline steps, " +
                      std::to_string(scenario->expect.size()) + " expectations\n";
    return print(text) ? kExitOk : kExitBadInput;
}

int import_hmc_command(const ImportHmcOptions& options) {
    const auto imported = scenarios::import_hmc(options.directory);
    if (!imported) {
        for (const auto& error : imported.error()) std::cerr << error.to_string() << '\n';
        return kExitBadInput;
    }
    return print(*imported) ? kExitOk : kExitBadInput;
}

int schema_command() { return print(scenarios::scenario_schema_json()) ? kExitOk : kExitBadInput; }

}  // namespace pvmsim::apps
