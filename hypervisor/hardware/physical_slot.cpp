// Location codes of physical slots.
// Every slot is taken to sit on the first planar (P1), as in the recorded listings.
#include "hypervisor/hardware/physical_slot.hpp"

namespace pvmsim::hypervisor {

std::string PhysicalSlot::drc_name() const { return config.unit_phys_loc + "-P1-" + config.location; }

}  // namespace pvmsim::hypervisor
