// Addresses that a managed system gives its virtual adapters: MAC addresses and WWPN pairs.
//
// MAC: three bytes of the system, then partition id and slot: 26:e6:b0:00:20:07 is slot 7 of partition 2 (formats C.5).
// WWPN: c05076, six digits of the system, a running number; even and odd make a pair, and no pair is ever given twice
// (R-LP-09, V56). Where a real system's digits come from is not published: here a hash of model and serial number.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "fabric/wire/ethernet.hpp"
#include "fabric/wire/wwn.hpp"
#include "hypervisor/ids.hpp"

namespace pvmsim::hypervisor {

/// 24 bits that are the same for one machine in every build.
[[nodiscard]] std::uint32_t system_digits(std::string_view type_model, std::string_view serial_num);

/// The default address of a virtual Ethernet adapter. Locally administered, different for every (partition, slot).
[[nodiscard]] wire::MacAddress default_mac(std::uint32_t system_digits, PartitionId id, SlotNumber slot);

class WwpnAllocator {
  public:
    static constexpr std::uint32_t kPairsMax = 32'000;  ///< of one server (behaviour 5)

    explicit WwpnAllocator(std::uint32_t system_digits);

    [[nodiscard]] std::uint32_t pairs_left() const { return kPairsMax - pairs_used_; }
    [[nodiscard]] bool is_known(const wire::WwpnPair& pair) const;
    /// A pair given from outside (a profile, a recording) counts and is never generated. Asserts that it is new and
    /// that one is left.
    void remember(const wire::WwpnPair& pair);
    /// A new pair. Asserts that one is left.
    wire::WwpnPair generate();

  private:
    std::uint64_t base_;
    std::uint64_t next_ = 0;
    std::uint32_t pairs_used_ = 0;
    std::set<wire::Wwpn> known_;
};

}  // namespace pvmsim::hypervisor
