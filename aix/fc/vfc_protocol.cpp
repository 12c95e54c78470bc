// Encodings off the fast path; the protocol is told in vfc_protocol.hpp. Words of an entry hold what fits them; nothing
// of a sender's memory travels.
#include "aix/fc/vfc_protocol.hpp"

#include <algorithm>
#include <cstring>

namespace pvmsim::aix::vfc {
namespace {

constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kNameWords = kNameBytes / 8;

}  // namespace

CrqMessage encode(const NpivLogin& login) {
    auto message = say(Verb::kNpivLogin);
    message.data[0] = login.wwpn.value();
    char text[kNameBytes]{};
    std::copy_n(login.client_device.data(), std::min(login.client_device.size(), kNameBytes), text);
    std::memcpy(&message.data[1], text, kNameWords * sizeof(std::uint64_t));
    return message;
}

NpivLogin decode_login(const CrqMessage& message) {
    char text[kNameBytes];
    std::memcpy(text, &message.data[1], kNameBytes);
    return {.wwpn = wire::Wwpn{message.data[0]}, .client_device = {text, strnlen(text, kNameBytes)}};
}

CrqMessage encode(const LoginAnswer& answer) {
    auto message = say(Verb::kLoginAnswer);
    message.reserved = static_cast<std::uint16_t>(answer.status);
    message.word = answer.address.value();
    return message;
}

LoginAnswer decode_answer(const CrqMessage& message) {
    return {.status = static_cast<LoginStatus>(message.reserved), .address = wire::FcId{message.word}};
}

CrqMessage encode(const FcTarget& target) {
    auto message = say(Verb::kTargetFound);
    message.word = target.address.value();
    message.data[0] = target.wwpn.value();
    message.data[1] = target.login_serial;
    return message;
}

FcTarget decode_target(const CrqMessage& message) {
    return {.wwpn = wire::Wwpn{message.data[0]},
            .address = wire::FcId{message.word},
            .login_serial = static_cast<std::uint32_t>(message.data[1])};
}

CrqMessage encode(const DiscoveredUnit& unit) {
    auto message = say(Verb::kUnitFound);
    message.data[0] = unit.address.target;
    message.data[1] = unit.address.lun.value();
    message.data[2] = unit.identity.value;
    message.data[3] = unit.size_bytes;
    return message;
}

DiscoveredUnit decode_unit(const CrqMessage& message) {
    return {.address = {.target = message.data[0], .lun = wire::LunNumber{message.data[1]}},
            .identity = {message.data[2]},
            .size_bytes = message.data[3]};
}

}  // namespace pvmsim::aix::vfc
