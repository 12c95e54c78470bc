// Words that the Fibre Channel drivers share in their log lines. These are our own log book's words, not those of any
// AIX command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fabric/wire/wwn.hpp"

namespace pvmsim::aix {

/// "0x010203"
[[nodiscard]] std::string address_text(wire::FcId address);
/// "1 command", "3 commands"
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace pvmsim::aix
