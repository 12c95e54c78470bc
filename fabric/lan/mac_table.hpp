// MacTable: what a switch has learned: behind which port a station of a VLAN lives. Entries age.
//
// A sorted array: the tables of one simulated site are small, lookups are a binary search, and its order is the same in
// every build.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fabric/lan/events.hpp"
#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::fabric {

class MacTable {
  public:
    /// [PARAM] Capacity of a data centre access switch; when full, new stations are not learned and are flooded to.
    static constexpr std::size_t kEntriesMax = 16'384;

    /// An address was heard at another port than before.
    struct Move {
        SwitchPort from;
        std::uint32_t moves;  ///< within the interval, this one included
    };

    MacTable(sim::Duration ageing, sim::Duration flap_interval) : ageing_(ageing), flap_interval_(flap_interval) {}

    std::optional<Move> learn(wire::VlanId vlan, wire::MacAddress mac, SwitchPort port, sim::SimTime now);
    [[nodiscard]] std::optional<SwitchPort> lookup(wire::VlanId vlan, wire::MacAddress mac, sim::SimTime now) const;
    void forget(SwitchPort port);
    void forget_all() {
        entries_.clear();
        ++changes_;
    }
    /// How often an address came, went or moved, ageing aside.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    /// Entries held, aged ones included until they are in the way.
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    void digest(sim::Digest& digest) const;

  private:
    struct Entry {
        std::uint64_t key;
        SwitchPort port;
        sim::SimTime seen;
        sim::SimTime moves_since{};
        std::uint32_t moves = 0;
    };
    [[nodiscard]] bool is_aged(const Entry& entry, sim::SimTime now) const { return now - entry.seen >= ageing_; }

    sim::Duration ageing_;
    sim::Duration flap_interval_;
    std::vector<Entry> entries_;  ///< by key
    std::uint64_t changes_ = 0;
};

}  // namespace pvmsim::fabric
