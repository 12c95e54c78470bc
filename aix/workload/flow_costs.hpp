// What sending a flow costs the partition that sends: the copy to the receiver's buffer is the sender's (PAPR ILLAN).
//
// Cycles of the reference machine, a POWER5 of 1.65 GHz, as in vios/processor/io_costs. Calibrated so that one core of
// it sends 1 Gb/s at MTU 1500 and 3 Gb/s at MTU 65394, what behaviour 3.1 calls typical: so much for each frame and so
// much for each byte. Left out: what receiving costs.
#pragma once

#include <cstdint>

#include "hypervisor/hardware/system_model.hpp"

namespace pvmsim::aix {

/// [PARAM] A frame costs this much, and each byte of it.
inline constexpr std::int64_t kSendCyclesPerFrame = 13'600;
inline constexpr std::int64_t kSendMillicyclesPerByte = 4'200;
/// [PARAM] Per cycle a POWER7 does 1.75 times as much of this work as a POWER5 (behaviour 7.2).
inline constexpr std::int64_t kSendWorkPermillePower7 = 1750;

[[nodiscard]] inline std::int64_t send_millicycles_per_byte(std::uint32_t frame_bytes) {
    return kSendCyclesPerFrame * 1000 / frame_bytes + kSendMillicyclesPerByte;
}

/// Reference cycles that one core does in a second.
[[nodiscard]] inline std::int64_t send_cycles_per_second(const hypervisor::SystemModel& model) {
    const std::int64_t work_permille = model.processor == "POWER5" ? 1000 : kSendWorkPermillePower7;
    return std::int64_t{model.clock_mhz} * 1000 * work_permille;
}

}  // namespace pvmsim::aix
