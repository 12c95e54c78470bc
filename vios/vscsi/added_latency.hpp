// What virtual SCSI adds to the service time of a physical volume, by request size.
//
// Source: behaviour 7.1, IBM's table for physical volumes (4..128 KiB), which agrees with IBM's bandwidth table to the
// microsecond: t_virtual = t_physical + L(size) (V41). Between the sizes of the table it is interpolated; smaller
// requests cost what 4 KiB costs, larger ones go on with the slope of the last two. A VIOS that is short of processor
// adds its wait (processor/io_processor.hpp). Left out: LV-backed devices.
#pragma once

#include <cstdint>

#include "sim/base/time.hpp"

namespace pvmsim::vios {

[[nodiscard]] sim::Duration vscsi_added_latency(std::uint32_t size_bytes);

}  // namespace pvmsim::vios
