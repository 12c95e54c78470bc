// ViosLevel: the level of a Virtual I/O Server as ioslevel prints it, "2.2.6.0", and the levels that brought what the
// model knows: load sharing (2.2.1.0), the simplified control channel (2.2.3.0), the state UNHEALTHY (2.2.5.0) and the
// repair of APAR IV97991, of which IBM says only that it came after 2.2.5.0 (behaviour 3.3, 3.4, V52).
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pvmsim::vios {

struct ViosLevel {
    std::uint16_t version = 2;
    std::uint16_t release = 2;
    std::uint16_t modification = 6;
    std::uint16_t fix = 0;

    friend constexpr auto operator<=>(const ViosLevel&, const ViosLevel&) = default;
};

inline constexpr ViosLevel kViosLevelDefault{2, 2, 6, 0};             ///< [PARAM] our choice: late in POWER7's life
inline constexpr ViosLevel kViosLevelSharing{2, 2, 1, 0};             ///< ha_mode=sharing
inline constexpr ViosLevel kViosLevelSimplifiedChannel{2, 2, 3, 0};   ///< SEA failover without ctl_chan
inline constexpr ViosLevel kViosLevelUnhealthy{2, 2, 5, 0};           ///< health_time, 600 s and with the defect
inline constexpr ViosLevel kViosLevelUnhealthyRepaired{2, 2, 5, 10};  ///< [PARAM] the first with IV97991: 60 s

/// "2.2.5.0"; fewer parts mean zeros. Nullopt for anything else.
inline std::optional<ViosLevel> parse_vios_level(std::string_view text) {
    ViosLevel level{0, 0, 0, 0};
    for (std::uint16_t* part : {&level.version, &level.release, &level.modification, &level.fix}) {
        const auto dot = text.find('.');
        const auto digits = text.substr(0, dot);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *part);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        if (dot == std::string_view::npos) return level;
        text.remove_prefix(dot + 1);
    }
    return std::nullopt;
}

}  // namespace pvmsim::vios
