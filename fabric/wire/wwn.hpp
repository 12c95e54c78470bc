// World wide port names and fibre channel addresses. No behaviour.
// Source: FC-FS for the names, R-NPIV-04 for the pairs of virtual adapters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/strong_id.hpp"

namespace pvmsim::wire {

struct WwpnTag;
/// A 64-bit world wide port name; 0 is none. Virtual ones begin with c0 (c05076...).
using Wwpn = sim::StrongId<WwpnTag, std::uint64_t>;
inline constexpr Wwpn kNoWwpn{0};

/// 16 hex digits, with or without colons and a leading 0x.
std::optional<Wwpn> parse_wwpn(std::string_view text);
/// "c0507602f9ac000a"
std::string to_string(Wwpn name);

/// The pair a virtual Fibre Channel client adapter owns: the first is in use, the second after a move (R-NPIV-04).
struct WwpnPair {
    Wwpn first;
    Wwpn second;
    friend constexpr bool operator==(const WwpnPair&, const WwpnPair&) = default;
};

struct FcIdTag;
/// The 24-bit address a switch assigns at login (domain, area, port); 0 is none.
using FcId = sim::StrongId<FcIdTag, std::uint32_t>;
inline constexpr FcId kNoFcId{0};

}  // namespace pvmsim::wire
