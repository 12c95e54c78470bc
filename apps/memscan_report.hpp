// The answer of memscan for people and for programs. docs/memscan.md explains the numbers and keeps the JSON format.
//
// What Active Memory Expansion would reach is worked out here with the operating system's own model
// (aix/memory/expansion.hpp) from the measured compression.
#pragma once

#include <string>

#include "apps/memscan/scan.hpp"

namespace pvmsim::apps {

[[nodiscard]] std::string memscan_text(const memscan::ScanResult& result);
[[nodiscard]] std::string memscan_json(const memscan::ScanResult& result);

}  // namespace pvmsim::apps
