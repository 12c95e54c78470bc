// Overrides from the command line: "partitions.vios1.devices.hdisk.hcheck_interval=30" changes the tree before it is
// judged, so that an override can be as wrong as a line of the file and is told so in the same way.
#pragma once

#include <span>
#include <string>

#include "scenarios/loader/document.hpp"

namespace pvmsim::scenarios {

/// Override k gets source number k + 1. A path goes through map keys (ranges allowed) and list positions from 0.
void apply_overrides(Node& root, std::span<const std::string> overrides, Errors& errors);

/// What errors call the k-th override: "--set partitions.vios1.lpar_id".
std::string override_name(const std::string& override_text);

}  // namespace pvmsim::scenarios
