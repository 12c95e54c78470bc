// What the virtual FC client adapter and the virtual FC host adapter of a VIOS say to one another over their CRQ.
//
// The life of a connection follows the real one (ibmvfc): INITIALIZE / INITIALIZATION COMPLETE, NPIV_LOGIN,
// DISC_TARGETS, commands, and link events that the server sends unasked. Simplified: the port and process logins to
// each target and REPORT LUNS, which the real client drives itself, are part of discovery, whose result the server
// sends as records; entries hold the command itself and not its address. Source: behaviour 4.1, 5 (PAPR CRQ, Linux
// ibmvfc.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "aix/fc/fc_transport.hpp"
#include "hypervisor/crq/crq_transport.hpp"

namespace pvmsim::aix::vfc {

using hypervisor::CrqMessage;

/// Second byte of a kCommandResponse entry. The first rows are asked by the client, the others said by the server.
enum class Verb : std::uint8_t {
    kNpivLogin = 0x01,
    kDiscoverTargets = 0x02,
    kCommand = 0x10,

    kLoginAnswer = 0x81,
    kTargetFound = 0x82,
    kUnitFound = 0x83,
    kDiscoveryDone = 0x84,
    kResponse = 0x90,
    kLinkDown = 0xa0,
    kLinkUp = 0xa1,
    kStateChange = 0xa2,
};

enum class LoginStatus : std::uint16_t {
    kLoggedIn,
    kLinkDown,  ///< not mapped, or no light: a link event will follow when it is worth trying again
    kRefused,   ///< the switch does not take the login
};

/// Entries in each side's queue: 16 pages (n x 4 KiB) of 16 bytes. [PARAM] Twice what a client may have under way, so
/// that control entries always find room.
inline constexpr std::uint32_t kQueueEntries = 4096;
/// Commands a client may have under way: what the host accepts at most (behaviour 5).
inline constexpr std::uint32_t kCommandsMax = 2048;
/// num_cmd_elems of a virtual FC client adapter, unless changed (behaviour 5).
inline constexpr std::string_view kClientCommandElements = "200";

[[nodiscard]] inline Verb verb_of(const CrqMessage& message) { return static_cast<Verb>(message.code); }

[[nodiscard]] inline CrqMessage say(Verb verb) { return {.code = static_cast<std::uint8_t>(verb)}; }

struct NpivLogin {
    wire::Wwpn wwpn;
    std::string client_device;  ///< at most 16 characters travel
};
[[nodiscard]] CrqMessage encode(const NpivLogin& login);
[[nodiscard]] NpivLogin decode_login(const CrqMessage& message);

struct LoginAnswer {
    LoginStatus status = LoginStatus::kLinkDown;
    wire::FcId address;
};
[[nodiscard]] CrqMessage encode(const LoginAnswer& answer);
[[nodiscard]] LoginAnswer decode_answer(const CrqMessage& message);

[[nodiscard]] CrqMessage encode(const FcTarget& target);
[[nodiscard]] FcTarget decode_target(const CrqMessage& message);

[[nodiscard]] CrqMessage encode(const DiscoveredUnit& unit);
[[nodiscard]] DiscoveredUnit decode_unit(const CrqMessage& message);

struct Command {
    wire::FcId target;
    wire::ScsiCommand scsi;
};
[[nodiscard]] inline CrqMessage encode(const Command& command) {
    auto message = say(Verb::kCommand);
    message.reserved = static_cast<std::uint16_t>(command.scsi.operation);
    message.word = command.scsi.tag;
    message.data[0] = command.scsi.lun.value();
    message.data[1] = command.scsi.block;
    message.data[2] = command.scsi.size_bytes;
    message.data[3] = command.target.value();
    return message;
}
[[nodiscard]] inline Command decode_command(const CrqMessage& message) {
    return {.target = wire::FcId{static_cast<std::uint32_t>(message.data[3])},
            .scsi = {.lun = wire::LunNumber{message.data[0]},
                     .block = message.data[1],
                     .size_bytes = static_cast<std::uint32_t>(message.data[2]),
                     .tag = message.word,
                     .operation = static_cast<wire::ScsiOperation>(message.reserved)}};
}

[[nodiscard]] inline CrqMessage encode(const wire::ScsiResponse& response) {
    auto message = say(Verb::kResponse);
    message.reserved = static_cast<std::uint16_t>(response.status);
    message.word = response.tag;
    return message;
}
[[nodiscard]] inline wire::ScsiResponse decode_response(const CrqMessage& message) {
    return {.tag = message.word, .status = static_cast<wire::ScsiStatus>(message.reserved)};
}

}  // namespace pvmsim::aix::vfc
