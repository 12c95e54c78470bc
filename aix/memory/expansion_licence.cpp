// The conditions one by one, from the partition's operating system down; see expansion_licence.hpp.
// The first that fails is the one that is told: the others may follow from it.
#include "aix/memory/expansion_licence.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace pvmsim::aix {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// 740 of "AL740_156".
std::optional<std::uint32_t> firmware_release(std::string_view level) {
    const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    while (!level.empty() && is_letter(level.front())) level.remove_prefix(1);
    return number(level.substr(0, level.find('_')));
}

std::string_view name_of(GuestSystem os) {
    switch (os) {
        case GuestSystem::kAix:
            return "AIX";
        case GuestSystem::kLinux:
            return "Linux";
        case GuestSystem::kIbmI:
            return "IBM i";
        case GuestSystem::kVios:
            return "the Virtual I/O Server";
    }
    std::unreachable();
}

}  // namespace

std::optional<AixLevel> parse_aix_level(std::string_view text) {
    AixLevel level;
    for (std::uint32_t* part : {&level.version, &level.technology_level, &level.service_pack}) {
        const auto dash = text.find('-');
        const auto value = number(text.substr(0, dash));
        if (!value) return std::nullopt;
        *part = *value;
        if (dash == std::string_view::npos) return level;
        text.remove_prefix(dash + 1);
    }
    // A fourth part, the build date of `oslevel -s`, says nothing that matters here.
    return number(text) ? std::optional{level} : std::nullopt;
}

ExpansionResult<void> check_expansion_licence(const ExpansionSite& site, ExpansionFactor factor) {
    if (!factor.expands()) return {};
    const auto refuse = [&](ExpansionErrorCode code, const std::string& why) {
        return sim::fail(code, "partition " + site.partition + ": Active Memory Expansion " + why);
    };
    using enum ExpansionErrorCode;
    if (site.os != GuestSystem::kAix)
        return refuse(kNotSupported, "is for AIX partitions, not for " + std::string(name_of(site.os)));
    if (site.aix_level && *site.aix_level < kExpansionAixLevelMin)
        return refuse(kNotSupported, "needs AIX 6.1 TL4 SP2 (6100-04-02) or later");
    if (!site.processor.starts_with("POWER7"))
        return refuse(kNotSupported, "needs a POWER7 system; " + site.system + " has " + site.processor);
    if (!site.power7_mode) return refuse(kNotSupported, "needs the POWER7 processor compatibility mode");
    const auto release = firmware_release(site.firmware_level);
    if (release && *release < kExpansionFirmwareMin)
        return refuse(kNotSupported, "needs firmware 7.1 or later; " + site.system + " has " + site.firmware_level);
    if (!site.active_mem_expansion_capable)
        return refuse(kNotLicensed, "is not activated on system " + site.system +
                                        "; its activation code sets active_mem_expansion_capable");
    return {};
}

}  // namespace pvmsim::aix
