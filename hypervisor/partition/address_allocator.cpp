// Layout of generated addresses, as the header tells.
// Numbers run up only: what was given once is never given again.
#include "hypervisor/partition/address_allocator.hpp"

#include <string>

#include "sim/base/assert.hpp"
#include "sim/engine/event.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint32_t kDigitsMask = 0xff'ffff;
constexpr std::uint32_t kLocallyAdministered = 0x02'0000;
constexpr std::uint32_t kGroup = 0x01'0000;
constexpr std::uint64_t kVirtualWwpnPrefix = 0xc05076;

}  // namespace

std::uint32_t system_digits(std::string_view type_model, std::string_view serial_num) {
    const std::uint32_t hash = sim::stable_name_hash(std::string{type_model} + "*" + std::string{serial_num});
    return (hash >> 24 ^ hash) & kDigitsMask;
}

wire::MacAddress default_mac(std::uint32_t system_digits, PartitionId id, SlotNumber slot) {
    const std::uint32_t system = (system_digits | kLocallyAdministered) & ~kGroup & kDigitsMask;
    // Slots beyond three digits, rare as they are, change the system's last digit: addresses stay distinct.
    const std::uint64_t prefix = system ^ std::uint32_t{slot.value()} >> 12;
    return wire::MacAddress::from_integer(prefix << 24 | std::uint64_t{id.value()} << 12 | (slot.value() & 0xfffu));
}

WwpnAllocator::WwpnAllocator(std::uint32_t system_digits)
    : base_(kVirtualWwpnPrefix << 40 | std::uint64_t{system_digits & kDigitsMask} << 16) {}

bool WwpnAllocator::is_known(const wire::WwpnPair& pair) const {
    return known_.contains(pair.first) || known_.contains(pair.second);
}

void WwpnAllocator::remember(const wire::WwpnPair& pair) {
    PVMSIM_ASSERT(!is_known(pair));
    PVMSIM_ASSERT(pairs_left() > 0);
    known_.insert(pair.first);
    known_.insert(pair.second);
    ++pairs_used_;
}

wire::WwpnPair WwpnAllocator::generate() {
    wire::WwpnPair pair;
    do {
        pair = {wire::Wwpn{base_ | next_}, wire::Wwpn{base_ | (next_ + 1)}};
        next_ += 2;
    } while (is_known(pair));
    remember(pair);
    return pair;
}

}  // namespace pvmsim::hypervisor
