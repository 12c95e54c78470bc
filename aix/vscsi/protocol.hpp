// What virtual SCSI puts into CRQ entries: initialization, MADs, SRP login, commands and answers (PAPR, behaviour 4.1).
//
// Shared by the client's adapter driver (aix/vscsi) and the server's (vios/vscsi). A real entry points at an
// information unit in the sender's memory, which the other side copies; here the little that the model needs of it
// rides along in the entry's `data`. Left out: descriptors of client memory, the OS-specific formats, transfer lengths
// of answers.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "aix/storage/initiator.hpp"
#include "fabric/wire/scsi.hpp"
#include "hypervisor/crq/crq_transport.hpp"

namespace pvmsim::aix::vscsi {

/// Second byte of a command/response entry. A ping is a whole message, answered at interrupt level.
enum class Format : std::uint8_t { kSrp = 0x01, kMad = 0x02, kPing = 0xF5, kPingResponse = 0xF6 };

/// `word` of a kSrp entry: the information unit's type (SRP).
enum class SrpType : std::uint32_t { kLoginRequest = 0x00, kCommand = 0x02, kLoginResponse = 0xC0, kResponse = 0xC1 };

/// `word` of a kMad entry: management datagrams, one at a time.
enum class MadType : std::uint32_t { kAdapterInfo = 0x03, kCapabilities = 0x05, kEnableFastFail = 0x08 };

enum class MadStatus : std::uint64_t { kSuccess = 0x00, kNotSupported = 0xF1 };

/// Command elements of one client adapter, those it keeps for itself, and those of each disk beyond its queue depth
/// (behaviour 4.2). What remains is the server's request limit: the credits it gives at login.
inline constexpr std::uint32_t kCommandElements = 512;
inline constexpr std::uint32_t kReservedElements = 2;
inline constexpr std::uint32_t kElementsPerDisk = 3;
inline constexpr std::uint32_t kRequestLimit = kCommandElements - kReservedElements;

/// Disks that one client adapter can drive when all have this queue depth (V46).
[[nodiscard]] constexpr std::uint32_t max_luns_per_adapter(std::uint32_t queue_depth) {
    return kRequestLimit / (queue_depth + kElementsPerDisk);
}

/// Pages of 4 KiB with 256 entries each. [PARAM] our choice: the credits, and room for pings and logins between them.
inline constexpr std::uint32_t kQueueEntriesMax = 4 * 256;

/// Units of a server adapter are numbered 0x81, 0x82 ... in the first byte (formats A.1), so there are 127.
inline constexpr std::uint32_t kUnitsMax = 0x7f;
[[nodiscard]] constexpr wire::LunNumber lun_of_unit(std::uint32_t unit) {
    return wire::LunNumber{(std::uint64_t{0x81} + unit) << 56};
}

/// The page of an INQUIRY stands in the command's block. Device Identification is answered by the server itself, from
/// what it knows; the standard page (0) asks the backing device.
inline constexpr std::uint64_t kDeviceIdentificationPage = 0x83;

/// Which units a server has: bit n is unit n. Stands for the list that REPORT LUNS returns.
struct UnitSet {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    constexpr void add(std::uint32_t unit) { (unit < 64 ? low : high) |= std::uint64_t{1} << (unit % 64); }
    [[nodiscard]] constexpr bool contains(std::uint32_t unit) const {
        return ((unit < 64 ? low : high) >> (unit % 64) & 1) != 0;
    }
};

using hypervisor::CrqHeader;
using hypervisor::CrqMessage;

[[nodiscard]] constexpr CrqMessage initialization(std::uint8_t code) {
    return {.header = CrqHeader::kInitialization, .code = code};
}
[[nodiscard]] constexpr CrqMessage ping(Format direction) { return {.code = static_cast<std::uint8_t>(direction)}; }
[[nodiscard]] constexpr CrqMessage mad_request(MadType type, hypervisor::PartitionId sender) {
    return {.code = static_cast<std::uint8_t>(Format::kMad),
            .word = static_cast<std::uint32_t>(type),
            .data = {0, sender.value()}};
}
[[nodiscard]] constexpr CrqMessage mad_answer(std::uint32_t type, MadStatus status) {
    return {
        .code = static_cast<std::uint8_t>(Format::kMad), .word = type, .data = {static_cast<std::uint64_t>(status)}};
}
[[nodiscard]] constexpr CrqMessage srp(SrpType type) {
    return {.code = static_cast<std::uint8_t>(Format::kSrp), .word = static_cast<std::uint32_t>(type)};
}
[[nodiscard]] constexpr CrqMessage login_response(std::uint32_t request_limit) {
    auto message = srp(SrpType::kLoginResponse);
    message.data[0] = request_limit;
    return message;
}

[[nodiscard]] inline CrqMessage command(const wire::ScsiCommand& command) {
    auto message = srp(SrpType::kCommand);
    static_assert(sizeof(command) == sizeof(message.data));
    std::memcpy(message.data, &command, sizeof(command));
    return message;
}
[[nodiscard]] inline wire::ScsiCommand command_of(const CrqMessage& message) {
    wire::ScsiCommand command;
    std::memcpy(&command, message.data, sizeof(command));
    return command;
}

[[nodiscard]] inline CrqMessage response(const wire::ScsiResponse& response) {
    auto message = srp(SrpType::kResponse);
    message.data[0] = std::bit_cast<std::uint64_t>(response);
    return message;
}
[[nodiscard]] inline wire::ScsiResponse response_of(const CrqMessage& message) {
    return std::bit_cast<wire::ScsiResponse>(message.data[0]);
}

/// REPORT LUNS and INQUIRY bring data with their status.
[[nodiscard]] inline CrqMessage report_luns_response(std::uint32_t tag, const UnitSet& units) {
    auto message = response({.tag = tag});
    message.data[1] = units.low;
    message.data[2] = units.high;
    return message;
}
[[nodiscard]] inline UnitSet units_of(const CrqMessage& message) { return {message.data[1], message.data[2]}; }
[[nodiscard]] inline CrqMessage identification_response(std::uint32_t tag, DiskIdentity identity,
                                                        std::uint64_t size_bytes) {
    auto message = response({.tag = tag});
    message.data[1] = identity.value;
    message.data[2] = size_bytes;
    return message;
}
[[nodiscard]] inline DiscoveredUnit identified_unit(const CrqMessage& message, wire::LunNumber lun) {
    return {{.lun = lun}, {message.data[1]}, message.data[2]};
}

}  // namespace pvmsim::aix::vscsi
