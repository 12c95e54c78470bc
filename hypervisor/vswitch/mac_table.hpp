// MacTable: which port of a virtual switch an address was learned behind. Open addressing over one flat array, looked
// up on every frame: no allocation once it has grown, no walking of buckets.
//
// A key is a VLAN and an address: the same outside station may be seen in two VLANs behind two trunk adapters (SEA load
// sharing). Limit: kEntriesMax; beyond it nothing more is learned and such addresses go the way of unknown ones.
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

class MacTable {
  public:
    static constexpr std::size_t kEntriesMax = 16'384;  ///< [PARAM] no published number
    static constexpr std::uint32_t kNowhere = 0xffff'ffff;

    /// Key of an address in a VLAN; kUntagged for addresses that hold in every VLAN.
    static std::uint64_t key(wire::MacAddress mac, wire::VlanId vlan) {
        return mac.to_integer() | std::uint64_t{vlan.value()} << 48;
    }

    /// The port, or kNowhere.
    [[nodiscard]] std::uint32_t find(std::uint64_t key) const {
        if (slots_.empty()) return kNowhere;
        for (std::size_t at = home(key);; at = (at + 1) & (slots_.size() - 1)) {
            if (slots_[at].port == kNowhere) return kNowhere;
            if (slots_[at].key == key) return slots_[at].port;
        }
    }
    /// Remembers or moves an address; false when it was there already, or there is no more room.
    bool put(std::uint64_t key, std::uint32_t port);
    /// Forgets every address for which `unwanted(key, port)` holds.
    template <class Predicate>
    void erase_if(Predicate unwanted) {
        std::vector<Slot> old(slots_.size());
        old.swap(slots_);
        entries_ = 0;
        for (const Slot& slot : old)
            if (slot.port != kNowhere && !unwanted(slot.key, slot.port)) put(slot.key, slot.port);
    }
    [[nodiscard]] std::size_t size() const { return entries_; }

    void digest(sim::Digest& digest) const;

  private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t port = kNowhere;
    };
    [[nodiscard]] std::size_t home(std::uint64_t key) const {
        return static_cast<std::size_t>((key * 0x9e37'79b9'7f4a'7c15u) >> 32) & (slots_.size() - 1);
    }
    void grow();

    std::vector<Slot> slots_;  ///< a power of two, at most half full
    std::size_t entries_ = 0;
};

}  // namespace pvmsim::hypervisor
