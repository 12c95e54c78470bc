// Virtual adapters whose partner is not in the listings.
//
// A site grows crooked: a client is removed and its server adapter stays, a profile names a slot that the running VIOS
// no longer has. The HMC lists such adapters; they carry nothing, and a scenario, which holds both sides to each other,
// has no place for them. Server adapters for virtual SCSI are opened to any client instead; the others are left out.
#pragma once

#include "scenarios/import/recorded_machine.hpp"

namespace pvmsim::scenarios {

/// Changes what cannot stand, with a note at its partition.
void mend_adapter_pairs(RecordedMachine& machine);

}  // namespace pvmsim::scenarios
