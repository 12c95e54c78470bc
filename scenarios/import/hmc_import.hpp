// import_hmc: recorded HMC listings of a managed system become the text of a scenario that can be played.
//
// The steps: find and recognise the listings (listing_set), read the machine out of them (recorded_machine,
// adapter_pairs), add what they do not tell (assumed_site); then write it down (scenario_text). How to record:
// docs/import.md.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/recordings/recorded_text.hpp"

namespace pvmsim::scenarios {

/// YAML text, or everything that is wrong with the listings.
std::expected<std::string, std::vector<RecordingError>> import_hmc(const std::filesystem::path& directory);

}  // namespace pvmsim::scenarios
