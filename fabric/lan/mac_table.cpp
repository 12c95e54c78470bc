// The learned table of a switch.
// Ageing is looked at when an entry is asked for, so that no timer runs; IEEE 802.1D 7.9.
#include "fabric/lan/mac_table.hpp"

#include <algorithm>

namespace pvmsim::fabric {
namespace {

std::uint64_t key_of(wire::VlanId vlan, wire::MacAddress mac) {
    return static_cast<std::uint64_t>(vlan.value()) << 48 | mac.to_integer();
}

}  // namespace

void MacTable::learn(wire::VlanId vlan, wire::MacAddress mac, SwitchPort port, sim::SimTime now) {
    const auto key = key_of(vlan, mac);
    auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    if (at != entries_.end() && at->key == key) {
        at->port = port;
        at->seen = now;
        return;
    }
    if (entries_.size() >= kEntriesMax) {
        std::erase_if(entries_, [&](const Entry& entry) { return is_aged(entry, now); });
        if (entries_.size() >= kEntriesMax) return;
        at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    }
    entries_.insert(at, {key, port, now});
}

std::optional<SwitchPort> MacTable::lookup(wire::VlanId vlan, wire::MacAddress mac, sim::SimTime now) const {
    const auto key = key_of(vlan, mac);
    const auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    if (at == entries_.end() || at->key != key || is_aged(*at, now)) return std::nullopt;
    return at->port;
}

void MacTable::forget(SwitchPort port) {
    std::erase_if(entries_, [port](const Entry& entry) { return entry.port == port; });
}

void MacTable::digest(sim::Digest& digest) const {
    for (const auto& entry : entries_) {
        digest.add(entry.key);
        digest.add(entry.port);
        digest.add(entry.seen);
    }
}

}  // namespace pvmsim::fabric
