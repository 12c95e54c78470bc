// Growing and filling of the table of learned addresses.
// What it holds, and in which order, depends on the order of learning alone.
#include "hypervisor/vswitch/mac_table.hpp"

namespace pvmsim::hypervisor {

namespace {
constexpr std::size_t kFirstSlots = 64;
}

bool MacTable::put(std::uint64_t key, std::uint32_t port) {
    if (entries_ * 2 >= slots_.size()) grow();
    std::size_t at = home(key);
    while (slots_[at].port != kNowhere && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at].port == kNowhere) {
        if (entries_ >= kEntriesMax) return false;
        ++entries_;
    } else if (slots_[at].port == port) {
        return false;
    }
    slots_[at] = {key, port};
    return true;
}

void MacTable::grow() {
    std::vector<Slot> old(slots_.empty() ? kFirstSlots : slots_.size() * 2);
    old.swap(slots_);
    entries_ = 0;
    for (const Slot& slot : old)
        if (slot.port != kNowhere) put(slot.key, slot.port);
}

void MacTable::digest(sim::Digest& digest) const {
    digest.add(entries_);
    for (const Slot& slot : slots_) {
        if (slot.port == kNowhere) continue;
        digest.add(slot.key);
        digest.add(slot.port);
    }
}

}  // namespace pvmsim::hypervisor
