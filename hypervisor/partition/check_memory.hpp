// Checks of a profile's memory: sizes, page table, what sharing it rules out, expansion.
// A part of check_profile; nobody else includes it.
#pragma once

#include "hypervisor/partition/check_adapters.hpp"

namespace pvmsim::hypervisor {

void check_memory(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context);

}  // namespace pvmsim::hypervisor
