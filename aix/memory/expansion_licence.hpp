// What a partition needs before it may expand its memory: the system's activation code, processor, firmware, management
// console, processor mode and an AIX that knows how.
//
// Sources: R-ED-05, behaviour 2.4. The texts are ours: the console's own message numbers are not published.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aix/memory/expansion.hpp"

namespace pvmsim::aix {

enum class GuestSystem : std::uint8_t { kAix, kLinux, kIbmI, kVios };

/// "6100-04-02": AIX 6.1, technology level 4, service pack 2.
struct AixLevel {
    std::uint32_t version = 0;  ///< 6100 is 6.1
    std::uint32_t technology_level = 0;
    std::uint32_t service_pack = 0;
    friend constexpr auto operator<=>(const AixLevel&, const AixLevel&) = default;
};
/// nullopt when the text is not of this form; level and pack may be missing and are then 0.
[[nodiscard]] std::optional<AixLevel> parse_aix_level(std::string_view text);

inline constexpr AixLevel kExpansionAixLevelMin{.version = 6100, .technology_level = 4, .service_pack = 2};
/// Firmware 7.1: the number within "AL710_065".
inline constexpr std::uint32_t kExpansionFirmwareMin = 710;

/// One partition and what it stands on.
struct ExpansionSite {
    std::string system;                         ///< for the message
    std::string partition;                      ///< for the message
    bool active_mem_expansion_capable = false;  ///< the activation code is entered
    std::string processor;                      ///< "POWER7", "POWER7+"
    std::string firmware_level;                 ///< "AL740_156"; empty: not checked
    GuestSystem os = GuestSystem::kAix;
    std::optional<AixLevel> aix_level;  ///< absent: recent enough
    bool power7_mode = true;            ///< processor compatibility mode of the partition
};

/// Whether the partition may have a factor above 1.00; 1.00 itself is always allowed.
[[nodiscard]] ExpansionResult<void> check_expansion_licence(const ExpansionSite& site, ExpansionFactor factor);

}  // namespace pvmsim::aix
