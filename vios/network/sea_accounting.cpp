// The table of clients behind seastat; see sea_accounting.hpp. Open addressing over an index of the rows: one probe for
// most frames, no allocation once every client has been seen.
#include "vios/network/sea_accounting.hpp"

#include <algorithm>

#include "vios/network/sea.hpp"

namespace pvmsim::vios {
namespace {

constexpr std::size_t kFirstSlots = 64;

std::uint64_t hash_of(const SeaClientKey& key) {
    std::uint64_t word = key.mac.to_integer() | std::uint64_t{key.vlan.value()} << 48;
    word *= 0x9e37'79b9'7f4a'7c15u;
    word ^= (std::uint64_t{key.ip.value()} << 8 | key.priority) * 0xc2b2'ae3d'27d4'eb4fu;
    return word ^ word >> 32;
}

void add(SeaClientCounts& to, bool is_transmit, std::uint64_t packets, std::uint64_t bytes) {
    (is_transmit ? to.packets_transmitted : to.packets_received) += packets;
    (is_transmit ? to.bytes_transmitted : to.bytes_received) += bytes;
}

}  // namespace

/// Where the client is, or where it would go.
std::size_t SeaAccounting::slot_of(const SeaClientKey& key) const {
    std::size_t at = static_cast<std::size_t>(hash_of(key)) & (slots_.size() - 1);
    while (slots_[at] != 0 && rows_[slots_[at] - 1].client != key) at = (at + 1) & (slots_.size() - 1);
    return at;
}

SeaClientCounts* SeaAccounting::find(const SeaClientKey& key) {
    if (!slots_.empty()) {
        const std::uint32_t index = slots_[slot_of(key)];
        if (index != 0) return &rows_[index - 1].counts;
    }
    if (rows_.size() >= kClientsMax) {
        ++uncounted_packets_;
        return nullptr;
    }
    if (rows_.size() * 2 >= slots_.size()) grow();
    const std::size_t at = slot_of(key);
    rows_.push_back({.client = key, .counts = {}});
    slots_[at] = static_cast<std::uint32_t>(rows_.size());
    return &rows_.back().counts;
}

void SeaAccounting::grow() {
    slots_.assign(slots_.empty() ? kFirstSlots : slots_.size() * 2, 0);
    for (std::uint32_t i = 0; i < rows_.size(); ++i) slots_[slot_of(rows_[i].client)] = i + 1;
}

std::vector<SeaClientRow> SeaAccounting::rows() const { return rows_with({}); }

std::vector<SeaClientRow> SeaAccounting::rows_with(std::span<const aix::FlowCarried> flows) const {
    auto all = rows_;
    for (const auto& flow : flows) {
        const auto& frame = flow.frame;
        const SeaClientKey key =
            flow.is_transmit ? SeaClientKey{frame.source, frame.vlan, frame.priority, frame.source_ip}
                             : SeaClientKey{frame.destination, frame.vlan, frame.priority, frame.destination_ip};
        all.push_back({.client = key, .counts = {}});
        add(all.back().counts, flow.is_transmit, flow.packets, flow.bytes);
    }
    std::ranges::stable_sort(all, {}, &SeaClientRow::client);
    std::vector<SeaClientRow> merged;
    for (const auto& row : all) {
        if (merged.empty() || merged.back().client != row.client)
            merged.push_back({.client = row.client, .counts = {}});
        add(merged.back().counts, true, row.counts.packets_transmitted, row.counts.bytes_transmitted);
        add(merged.back().counts, false, row.counts.packets_received, row.counts.bytes_received);
    }
    return merged;
}

void SeaAccounting::clear() { *this = {}; }

void SeaAccounting::digest(sim::Digest& digest) const {
    digest.add(rows_.size());
    for (const auto& row : rows_) {
        digest.add(row.client.mac.to_integer());
        digest.add(row.client.vlan);
        digest.add(row.client.ip);
        digest.add(row.counts.packets_transmitted);
        digest.add(row.counts.bytes_transmitted);
        digest.add(row.counts.packets_received);
        digest.add(row.counts.bytes_received);
    }
    digest.add(group_packets_);
    digest.add(uncounted_packets_);
}

// --- the adapter's part ---

/// Counts begin anew each time accounting is enabled.
void SharedEthernetAdapter::take_accounting() {
    if (!attributes().is("accounting", "enabled")) {
        accounting_.reset();
        return;
    }
    if (accounting_ != nullptr) return;
    accounting_ = std::make_unique<SeaAccounting>();
    ++counting_.accounting;
}

void SharedEthernetAdapter::account(Side from, const wire::Frame& frame) {
    if (from == Side::kVirtual)
        accounting_->transmitted(frame);
    else
        accounting_->received(frame);
}

}  // namespace pvmsim::vios
