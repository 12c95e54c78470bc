// Linking, registering and sending. Order: entries and transport events travel with the same latency, so what a partner
// sent before it failed arrives before the news of its failure.
//
// Transport events are written even into a full queue: firmware keeps an entry for them. Left out: suspend and resume
// of a queue (H_ENABLE_CRQ), interrupts disabled by the receiver. Source: behaviour 4.1 (PAPR CRQ).
#include "hypervisor/crq/crq_transport.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

std::uint32_t place(PartitionId owner, SlotNumber slot) { return std::uint32_t{owner.value()} << 16 | slot.value(); }

}  // namespace

CrqTransport::CrqTransport(sim::Engine& engine, sim::Duration latency) : engine_(engine), latency_(latency) {}

CrqTransport::Adapter& CrqTransport::defined_adapter(CrqAdapterId id) {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    Adapter& adapter = adapters_[id.value()];
    PVMSIM_ASSERT(adapter.defined);
    return adapter;
}

CrqAdapterId CrqTransport::define(PartitionId owner, SlotNumber slot, PartitionId remote, SlotNumber remote_slot,
                                  bool remote_any) {
    const auto next = static_cast<std::uint32_t>(adapters_.size());
    const auto [entry, is_new] = index_by_place_.try_emplace(place(owner, slot), next);
    const std::uint32_t index = entry->second;
    if (is_new) adapters_.emplace_back();
    Adapter& adapter = adapters_[index];
    PVMSIM_ASSERT(!adapter.defined);
    adapter = {.owner = owner, .slot = slot, .remote = remote, .remote_slot = remote_slot, .remote_any = remote_any};
    adapter.defined = true;
    adapter.defined_as = ++definitions_;
    link(index);
    return CrqAdapterId{index};
}

void CrqTransport::undefine(CrqAdapterId id) {
    Adapter& adapter = defined_adapter(id);
    if (adapter.registered) free_queue(id);
    adapter.defined = false;
    if (adapter.partner == kNone) return;
    const std::uint32_t partner = adapter.partner;
    adapter.partner = kNone;
    adapters_[partner].partner = kNone;
    link(partner);
}

CrqAdapterId CrqTransport::find(PartitionId owner, SlotNumber slot) const {
    const auto found = index_by_place_.find(place(owner, slot));
    PVMSIM_ASSERT(found != index_by_place_.end());
    PVMSIM_ASSERT(adapters_[found->second].defined);
    return CrqAdapterId{found->second};
}

bool CrqTransport::is_defined(PartitionId owner, SlotNumber slot) const {
    const auto found = index_by_place_.find(place(owner, slot));
    return found != index_by_place_.end() && adapters_[found->second].defined;
}

bool CrqTransport::accepts(const Adapter& adapter, const Adapter& other) {
    if (adapter.remote_any) return adapter.remote == kNoPartition || adapter.remote == other.owner;
    return adapter.remote == other.owner && adapter.remote_slot == other.slot;
}

/// Looks for the partner of an unlinked adapter: both must accept each other, and one must name the other exactly.
void CrqTransport::link(std::uint32_t index) {
    Adapter& adapter = adapters_[index];
    const auto fits = [&](const Adapter& other) {
        return other.defined && other.partner == kNone && &other != &adapter && accepts(adapter, other) &&
               accepts(other, adapter) && !(adapter.remote_any && other.remote_any);
    };
    std::uint32_t chosen = kNone;
    if (!adapter.remote_any) {
        const auto named = index_by_place_.find(place(adapter.remote, adapter.remote_slot));
        if (named != index_by_place_.end() && fits(adapters_[named->second])) chosen = named->second;
    } else {
        for (std::uint32_t i = 0; i < adapters_.size(); ++i) {
            if (!fits(adapters_[i])) continue;
            if (chosen == kNone || adapters_[i].defined_as < adapters_[chosen].defined_as) chosen = i;
        }
    }
    if (chosen == kNone) return;
    adapter.partner = chosen;
    adapters_[chosen].partner = index;
}

HcallStatus CrqTransport::register_queue(CrqAdapterId id, sim::EntityId receiver, std::uint32_t entries_max) {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    PVMSIM_ASSERT(receiver != sim::kNoEntity);
    PVMSIM_ASSERT(entries_max > 0);
    Adapter& adapter = adapters_[id.value()];
    if (!adapter.defined) return HcallStatus::kNotFound;
    if (adapter.registered) return HcallStatus::kResource;
    PVMSIM_ASSERT(adapter.entries.size() == 0);
    adapter.registered = true;
    adapter.receiver = receiver;
    adapter.entries_max = entries_max;
    const bool partner_ready = adapter.partner != kNone && adapters_[adapter.partner].registered;
    return partner_ready ? HcallStatus::kSuccess : HcallStatus::kClosed;
}

void CrqTransport::unregister(Adapter& adapter) {
    adapter.registered = false;
    adapter.receiver = sim::kNoEntity;
    adapter.entries.drain([this](sim::EventHandle handle) { engine_.cancel(handle); });
}

void CrqTransport::tell_partner(const Adapter& adapter, std::uint8_t transport_event) {
    if (adapter.partner == kNone) return;
    Adapter& partner = adapters_[adapter.partner];
    if (!partner.registered) return;
    post(partner, {.header = CrqHeader::kTransportEvent, .code = transport_event});
}

void CrqTransport::free_queue(CrqAdapterId id) {
    Adapter& adapter = defined_adapter(id);
    if (!adapter.registered) return;
    unregister(adapter);
    tell_partner(adapter, kCrqPartnerDeregistered);
}

void CrqTransport::fail_partition(PartitionId owner) {
    for (Adapter& adapter : adapters_) {
        if (adapter.owner != owner || !adapter.registered) continue;
        unregister(adapter);
        tell_partner(adapter, kCrqPartnerFailed);
    }
}

HcallStatus CrqTransport::send(CrqAdapterId from, const CrqMessage& message) {
    const Adapter& adapter = defined_adapter(from);
    PVMSIM_ASSERT(message.header != CrqHeader::kTransportEvent);
    if (!adapter.registered || adapter.partner == kNone) return HcallStatus::kClosed;
    Adapter& partner = adapters_[adapter.partner];
    if (!partner.registered) return HcallStatus::kClosed;
    if (partner.entries.size() >= partner.entries_max) return HcallStatus::kDropped;
    post(partner, message);
    return HcallStatus::kSuccess;
}

void CrqTransport::post(Adapter& receiver, const CrqMessage& message) {
    const CrqArrived arrived{.message = message, .slot = receiver.slot};
    receiver.entries.push(engine_.schedule_in(latency_, receiver.receiver, arrived));
}

void CrqTransport::take(CrqAdapterId id) { defined_adapter(id).entries.pop(); }

bool CrqTransport::is_registered(CrqAdapterId id) const {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    return adapters_[id.value()].registered;
}

CrqAdapterId CrqTransport::partner_of(CrqAdapterId id) const {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    const std::uint32_t partner = adapters_[id.value()].partner;
    return partner == kNone ? id : CrqAdapterId{partner};
}

PartitionId CrqTransport::owner_of(CrqAdapterId id) const {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    return adapters_[id.value()].owner;
}

SlotNumber CrqTransport::slot_of(CrqAdapterId id) const {
    PVMSIM_ASSERT(id.value() < adapters_.size());
    return adapters_[id.value()].slot;
}

void CrqTransport::digest(sim::Digest& digest) const {
    digest.add(latency_);
    for (const Adapter& adapter : adapters_) {
        digest.add(adapter.owner);
        digest.add(adapter.slot);
        digest.add(adapter.remote);
        digest.add(adapter.remote_slot);
        digest.add(adapter.remote_any);
        digest.add(adapter.defined);
        digest.add(adapter.defined_as);
        digest.add(adapter.registered);
        digest.add(adapter.partner);
        digest.add(adapter.receiver);
        digest.add(adapter.entries_max);
        digest.add(adapter.entries.size());
    }
}

}  // namespace pvmsim::hypervisor
