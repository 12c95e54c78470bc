// The hash of a frame and the table of its repetitions.
// The mixing is splitmix64's finalizer: any change of a field changes the identity.
#include "fabric/lan/repetition_table.hpp"

#include "fabric/lan/lan_parameters.hpp"

namespace pvmsim::fabric {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    std::uint64_t z = (hash ^ word) + 0x9e37'79b9'7f4a'7c15u;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
    return z ^ (z >> 31);
}

}  // namespace

std::uint64_t identity_of(wire::VlanId vlan, const wire::Frame& frame) {
    std::uint64_t hash = mix(frame.destination.to_integer(), vlan.value());
    hash = mix(hash, frame.source.to_integer() << 16 | static_cast<std::uint64_t>(frame.type) << 8 | frame.priority);
    hash = mix(hash, std::uint64_t{frame.source_ip.value()} << 32 | frame.destination_ip.value());
    hash = mix(hash, std::uint64_t{frame.size_bytes} << 32 | frame.serial);
    return mix(hash, frame.data);
}

std::uint32_t RepetitionTable::note(std::uint64_t identity, sim::SimTime now) {
    Row& row = rows_[identity % rows_.size()];
    if (row.identity != identity || now - row.since >= kLoopWindow) row = {identity, now, 0};
    return ++row.times;
}

void RepetitionTable::forget(std::uint64_t identity) {
    Row& row = rows_[identity % rows_.size()];
    if (row.identity == identity) row = {};
}

void RepetitionTable::digest(sim::Digest& digest) const {
    for (const Row& row : rows_) {
        if (row.times == 0) continue;
        digest.add(row.identity);
        digest.add(row.since);
        digest.add(row.times);
    }
}

}  // namespace pvmsim::fabric
