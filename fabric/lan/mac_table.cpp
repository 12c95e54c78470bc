// The learned table of a switch.
// Ageing is looked at when an entry is asked for, so that no timer runs; IEEE 802.1D 7.9.
#include "fabric/lan/mac_table.hpp"

#include <algorithm>
#include <utility>

namespace pvmsim::fabric {
namespace {

std::uint64_t key_of(wire::VlanId vlan, wire::MacAddress mac) {
    return static_cast<std::uint64_t>(vlan.value()) << 48 | mac.to_integer();
}

}  // namespace

std::optional<MacTable::Move> MacTable::learn(wire::VlanId vlan, wire::MacAddress mac, SwitchPort port,
                                              sim::SimTime now) {
    const auto key = key_of(vlan, mac);
    auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    if (at != entries_.end() && at->key == key) {
        const auto from = std::exchange(at->port, port);
        if (from != port) ++changes_;
        const bool moved = from != port && !is_aged(*at, now);
        at->seen = now;
        if (!moved) return std::nullopt;
        if (at->moves == 0 || now - at->moves_since >= flap_interval_) {
            at->moves_since = now;
            at->moves = 0;
        }
        return Move{from, ++at->moves};
    }
    if (entries_.size() >= kEntriesMax) {
        std::erase_if(entries_, [&](const Entry& entry) { return is_aged(entry, now); });
        if (entries_.size() >= kEntriesMax) return std::nullopt;
        at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    }
    ++changes_;
    entries_.insert(at, {.key = key, .port = port, .seen = now});
    return std::nullopt;
}

std::optional<SwitchPort> MacTable::lookup(wire::VlanId vlan, wire::MacAddress mac, sim::SimTime now) const {
    const auto key = key_of(vlan, mac);
    const auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    if (at == entries_.end() || at->key != key || is_aged(*at, now)) return std::nullopt;
    return at->port;
}

void MacTable::forget(SwitchPort port) {
    ++changes_;
    std::erase_if(entries_, [port](const Entry& entry) { return entry.port == port; });
}

void MacTable::digest(sim::Digest& digest) const {
    for (const auto& entry : entries_) {
        digest.add(entry.key);
        digest.add(entry.port);
        digest.add(entry.seen);
        digest.add(entry.moves_since);
        digest.add(entry.moves);
    }
}

}  // namespace pvmsim::fabric
