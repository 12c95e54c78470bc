// The paging VIOSes as the hypervisor knows them: which offer their service, and which it believes in.
//
// A VIOS offers itself when it boots and is gone when it ends; that is known at once. One that hangs is known by its
// silence: after paging_vios_timeout the hypervisor gives it up, and what it has not answered goes to the other one.
// Simplified: the time runs from the hang, not from the first request without an answer. When it goes on it is asked
// again, and what it still had under way is forgotten.
#include <algorithm>

#include "hypervisor/events.hpp"
#include "hypervisor/managed_system_state.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

ManagedSystem::State::PagingPeer* ManagedSystem::State::peer_of(PartitionId vios) {
    const auto found = std::ranges::find(paging_peers, vios, &PagingPeer::vios);
    return found == paging_peers.end() ? nullptr : &*found;
}

void ManagedSystem::State::connect_paging_peers() {
    if (sharing == nullptr) return;
    const MemoryPoolConfig& pool = sharing->pool();
    for (PagingPeer& peer : paging_peers) {
        const bool is_wanted = peer.vios == pool.primary_paging_vios || peer.vios == pool.secondary_paging_vios;
        if (is_wanted == peer.is_attached || peer.is_silent) continue;
        peer.is_attached = is_wanted;
        if (is_wanted) {
            sharing->attach(peer.vios, *peer.server);
            if (record_of(peer.vios)->partition.hung) watch_silence(peer.vios);
        } else {
            sharing->detach(peer.vios);
        }
    }
}

void ManagedSystem::attach_paging_server(PartitionId vios, PagingServer& server) {
    PVMSIM_ASSERT(state_->peer_of(vios) == nullptr);
    state_->paging_peers.push_back({.vios = vios, .server = &server});
    state_->connect_paging_peers();
}

void ManagedSystem::detach_paging_server(PartitionId vios) {
    State::PagingPeer* const peer = state_->peer_of(vios);
    if (peer == nullptr) return;
    const bool was_attached = peer->is_attached;
    state_->engine.cancel(peer->silence);
    state_->paging_peers.erase(state_->paging_peers.begin() + (peer - state_->paging_peers.data()));
    if (was_attached) state_->sharing->detach(vios);
}

void ManagedSystem::set_paging_device_usable(PartitionId vios, std::uint64_t unit, bool usable) {
    state_->paging_spaces.set_usable(vios, unit, usable);
    const State::PagingPeer* const peer = state_->peer_of(vios);
    if (peer != nullptr && peer->is_attached) state_->sharing->paging_state_changed(vios);
}

void ManagedSystem::paging_done(PartitionId vios, std::uint32_t tag, bool succeeded) {
    const State::PagingPeer* const peer = state_->peer_of(vios);
    if (peer != nullptr && peer->is_attached) state_->sharing->paging_done(vios, tag, succeeded);
}

void ManagedSystem::State::watch_silence(PartitionId vios) {
    PagingPeer* const peer = peer_of(vios);
    if (peer == nullptr || !peer->is_attached) return;
    peer->silence = engine.schedule_in(config.paging_vios_timeout, entity, PagingViosSilent{.lpar_id = vios});
}

void ManagedSystem::State::give_up_silent(PartitionId vios) {
    PagingPeer* const peer = peer_of(vios);
    PVMSIM_ASSERT(peer != nullptr);
    PVMSIM_ASSERT(peer->is_attached);
    peer->silence = {};
    peer->is_silent = true;
    peer->is_attached = false;
    tell(*record_of(vios), "paging-vios-silent", "Paging VIOS does not answer: the hypervisor gives it up");
    sharing->detach(vios);
}

void ManagedSystem::State::heard_again(PartitionId vios) {
    PagingPeer* const peer = peer_of(vios);
    if (peer == nullptr) return;
    engine.cancel(peer->silence);
    if (!peer->is_silent) return;
    peer->is_silent = false;
    peer->server->forget_requests();
    connect_paging_peers();
}

MemorySharing& ManagedSystem::memory_sharing() {
    PVMSIM_ASSERT(state_->sharing != nullptr);
    return *state_->sharing;
}

const MemorySharing& ManagedSystem::memory_sharing() const {
    PVMSIM_ASSERT(state_->sharing != nullptr);
    return *state_->sharing;
}

bool ManagedSystem::has_memory_pool() const { return state_->sharing != nullptr; }

Result<void> ManagedSystem::add_paging_device(PagingDevice device) {
    return state_->paging_spaces.add(std::move(device));
}

const PagingSpaces& ManagedSystem::paging_spaces() const { return state_->paging_spaces; }

}  // namespace pvmsim::hypervisor
