// The way of a request: it waits for a frame, then for a paging VIOS, then for its answer. When a VIOS ends or loses a
// partition's device, all that it had and would get goes to the other one, or waits until one is back (behaviour 2.2).
// A partition stays with the VIOS that took over until that one fails, too [our choice: nothing says it goes back].
#include <algorithm>
#include <utility>

#include "hypervisor/memory/sharing/memory_sharing_events.hpp"
#include "hypervisor/memory/sharing/memory_sharing_state.hpp"
#include "hypervisor/memory/sharing/page_range.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

using State = MemorySharing::State;

State::Vios* State::find_vios(PartitionId id) {
    const auto found = std::find_if(vioses.begin(), vioses.end(), [id](const Vios& vios) { return vios.id == id; });
    return found == vioses.end() ? nullptr : &*found;
}

const State::Vios* State::find_vios(PartitionId id) const { return const_cast<State*>(this)->find_vios(id); }

bool State::serves(PartitionId vios, PartitionId id) const {
    const Vios* found = vios == kNoPartition ? nullptr : find_vios(vios);
    return found != nullptr && found->server->serves(id);
}

PartitionId State::choose_vios(const Member& member) const {
    for (const PartitionId vios : {member.vios, member.primary, member.secondary})
        if (serves(vios, member.id)) return vios;
    return kNoPartition;
}

PartitionId State::other_vios(const PageRequest& request) const {
    const Member& member = members[request.page.member.value()];
    const PartitionId other = request.vios == member.primary ? member.secondary : member.primary;
    return other != request.vios && serves(other, member.id) ? other : kNoPartition;
}

void MemorySharing::attach(PartitionId vios, PagingServer& server) {
    PVMSIM_ASSERT(state_->find_vios(vios) == nullptr);
    state_->vioses.push_back({vios, &server, 0});
    state_->paging_vioses_changed();
}

void MemorySharing::detach(PartitionId vios) {
    std::erase_if(state_->vioses, [vios](const State::Vios& one) { return one.id == vios; });
    state_->paging_vioses_changed();
}

void MemorySharing::paging_state_changed(PartitionId vios) {
    if (state_->find_vios(vios) != nullptr) state_->paging_vioses_changed();
}

PartitionId MemorySharing::paging_vios(PartitionId id) const { return state_->at(id).vios; }

void State::paging_vioses_changed() {
    for (Member& member : members) {
        if (member.id == kNoPartition) continue;
        const PartitionId before = std::exchange(member.vios, choose_vios(member));
        if (before == member.vios || member.vios == kNoPartition) continue;
        if (before != kNoPartition)
            engine.trace().milestone(
                engine.now(), path, "paging-vios",
                name_of(member.id) + " is paged by partition " + std::to_string(member.vios.value()) + " now",
                {{"lpar_id", std::int64_t{member.id.value()}}, {"paging_vios", std::int64_t{member.vios.value()}}});
        if (!std::exchange(member.is_stalled, false)) continue;
        engine.trace().milestone(engine.now(), path, "paging-resumed",
                                 name_of(member.id) + " has a paging VIOS again and goes on",
                                 {{"lpar_id", std::int64_t{member.id.value()}}});
    }
    const auto is_astray = [this](const PageRequest& request) {
        if (request.phase == RequestPhase::kWaitsForVios)
            return members[request.page.member.value()].vios != kNoPartition;
        return request.phase == RequestPhase::kAtVios && !serves(request.vios, request.lpar_id);
    };
    for (const Slot slot : requests.select(is_astray)) reroute(slot);
    pool.look_again();
    if (pool.is_stealing()) pool.begin_stealing();
    balance();
    wake();
}

/// To the VIOS that pages for the partition now. A page-out without one is given up: the page stays.
void State::reroute(Slot slot) {
    requests.renew(slot);
    PageRequest& request = requests.at(slot);
    if (request.kind == RequestKind::kPageOut && request.phase == RequestPhase::kAtVios)
        if (Vios* left = find_vios(request.vios)) --left->page_outs;
    const bool is_hopeless = members[request.page.member.value()].vios == kNoPartition;
    if (request.kind == RequestKind::kPageOut && is_hopeless) {
        const LogicalPage page = request.page;
        requests.close(slot);
        pool.page_out_done(page, false);
        return;
    }
    submit(slot);
}

void State::submit(Slot slot) {
    Member& member = members[requests.at(slot).page.member.value()];
    if (member.vios == kNoPartition || !serves(member.vios, member.id)) member.vios = choose_vios(member);
    if (member.vios != kNoPartition) {
        submit_to(slot, member.vios);
        return;
    }
    requests.at(slot).phase = RequestPhase::kWaitsForVios;
    note_stall(member);
}

void State::submit_to(Slot slot, PartitionId vios) {
    PageRequest& request = requests.at(slot);
    Vios* const to = find_vios(vios);
    PVMSIM_ASSERT(to != nullptr);
    request.phase = RequestPhase::kAtVios;
    request.vios = vios;
    const bool is_page_out = request.kind == RequestKind::kPageOut;
    if (is_page_out) ++to->page_outs;
    to->server->submit({requests.tag(slot), request.lpar_id, request.page.page, is_page_out});
}

void State::note_stall(Member& member) {
    if (std::exchange(member.is_stalled, true)) return;
    engine.trace().milestone(engine.now(), path, "paging-stalled", name_of(member.id) + " waits for its paging VIOS",
                             {{"lpar_id", std::int64_t{member.id.value()}}});
}

void MemorySharing::paging_done(PartitionId vios, std::uint32_t tag, bool succeeded) {
    State& state = *state_;
    State::Slot slot = 0;
    const PageRequest* const found = state.requests.find(tag, slot);
    if (found == nullptr || found->vios != vios) return;
    const PageRequest request = *found;
    if (!succeeded && !state.serves(vios, request.lpar_id)) {
        state.paging_vioses_changed();  // the VIOS lost the device and has not said so yet
        return;
    }
    if (request.kind == RequestKind::kPageOut) {
        if (State::Vios* from = state.find_vios(vios)) --from->page_outs;
        state.requests.close(slot);
        state.pool.page_out_done(request.page, succeeded);
        if (state.room(request.page.member) > 0) state.balance();
    } else if (!succeeded) {
        state.read_failed(slot);
    } else {
        state.pool.restore(request.page, request.is_write);
        state.finish(slot);
        state.balance();
    }
    state.wake();
}

/// The other VIOS may be able to read it; when it is not, what was in the page is lost.
void State::read_failed(Slot slot) {
    PageRequest& request = requests.at(slot);
    const PartitionId other = request.was_refused ? kNoPartition : other_vios(request);
    if (other != kNoPartition) {
        request.was_refused = true;
        requests.renew(slot);
        submit_to(slot, other);
        return;
    }
    const PageRequest lost = request;
    requests.close(slot);
    pool.release_frame();
    pool.lose(lost.page);
    engine.trace().milestone(engine.now(), path, "page-lost",
                             name_of(lost.lpar_id) + ": a page cannot be read from paging space",
                             {{"lpar_id", std::int64_t{lost.lpar_id.value()}}, {"page", std::int64_t{lost.page.page}}});
    SharedMemoryClient* const client = members[lost.page.member.value()].client;
    if (lost.kind == RequestKind::kFault && client != nullptr) client->on_page_lost(lost.page.page);
}

void State::ask(PartitionId id, LogicalPage page, RequestKind kind, bool is_write) {
    PageWord& bits = pool.pages().words(page.member)[page.page / kPagesInWord];
    if ((~bits.backed & bits.busy & bit_of(page.page)) != 0) {
        for (const Slot slot : requests.select([&](const PageRequest& one) { return one.page == page; })) {
            PageRequest& known = requests.at(slot);
            known.is_write |= is_write;
            if (kind == RequestKind::kMapping || known.kind == RequestKind::kFault) continue;
            known.kind = kind;
            known.since = engine.now();
        }
        return;
    }
    bits.busy |= ~bits.backed & bit_of(page.page);
    PageRequest request;
    request.kind = kind;
    request.phase = RequestPhase::kWaitsForFrame;
    request.is_write = is_write;
    request.lpar_id = id;
    request.page = page;
    request.since = engine.now();
    place(requests.open(request));
}

/// Reads begin at once when there is a frame; what needs no read is answered by an event, never from inside a call.
void State::place(Slot slot) {
    if (queue.empty() && pool.needs_contents(requests.at(slot).page) && pool.spare_frames() > 0) {
        pool.reserve_frame();
        pool.pages().prefetch(requests.at(slot).page);
        submit(slot);
    } else {
        queue.push_back(slot);
        queue_changed();
    }
    balance();
    wake();
}

void State::queue_changed() { pool.set_queue(!queue.empty()); }

void State::wake() {
    if (queue.empty() || is_serving_due) return;
    const PageRequest& first = requests.at(queue.front());
    if (pool.spare_frames() <= 0 && !pool.is_ready(first.page, first.is_write)) return;
    is_serving_due = true;
    engine.schedule_in(sim::Duration{0}, entity, MemoryFramesAtHand{});
}

void State::serve_waiting() {
    is_serving_due = false;
    while (!queue.empty()) {
        const Slot slot = queue.front();
        const PageRequest request = requests.at(slot);
        const bool is_ready = pool.is_ready(request.page, request.is_write);
        if (!is_ready && pool.spare_frames() <= 0) break;
        queue.pop_front();
        queue_changed();
        if (is_ready) {
            finish(slot);
        } else if (pool.needs_contents(request.page)) {
            pool.reserve_frame();
            submit(slot);
        } else {
            pool.give_frame(request.page, request.is_write);
            finish(slot);
        }
    }
    balance();
    wake();
}

void State::finish(Slot slot) {
    const PageRequest request = requests.at(slot);
    requests.close(slot);
    Member& member = members[request.page.member.value()];
    const sim::Duration waited = engine.now() - request.since;
    if (request.is_write && member.has_contents) contents.of(request.page.member).write(request.page.page);
    if (request.kind != RequestKind::kFault) return;
    if (request.phase == RequestPhase::kAtVios) {
        member.page_in_time += waited;
        member.page_in_max = std::max(member.page_in_max, waited);
    }
    if (member.client != nullptr) member.client->on_page_restored(request.page.page, waited);
}

void State::cancel_page_outs(MemberId member, PageNumber first, std::uint32_t count) {
    if (pool.use(member).leaving == 0) return;
    const auto is_within = [&](const PageRequest& request) {
        return request.kind == RequestKind::kPageOut && request.page.member == member && request.page.page >= first &&
               request.page.page - first < count;
    };
    for (const Slot slot : requests.select(is_within)) {
        const PageRequest request = requests.at(slot);
        if (Vios* vios = find_vios(request.vios)) --vios->page_outs;
        requests.close(slot);
        pool.page_out_done(request.page, false);
    }
}

void State::forget_requests(MemberId member) {
    cancel_page_outs(member, 0, pool.terms(member).logical);
    for (const Slot slot : requests.select([&](const PageRequest& request) { return request.page.member == member; })) {
        if (requests.at(slot).has_frame()) pool.release_frame();
        std::erase(queue, slot);
        requests.close(slot);
    }
    queue_changed();
}

bool State::has_paging_space(MemberId member) const { return members[member.value()].vios != kNoPartition; }

/// Nothing until a quarter is free again, so that a scan is worth its start.
std::uint32_t State::room(MemberId member) const {
    const Vios* const vios = find_vios(members[member.value()].vios);
    if (vios == nullptr) return 0;
    const std::uint32_t most = config.page_outs_max;
    return vios->page_outs <= most - (most + 3) / 4 ? most - vios->page_outs : 0;
}

void State::page_out(LogicalPage page) {
    PageRequest request;
    request.kind = RequestKind::kPageOut;
    request.phase = RequestPhase::kAtVios;
    request.lpar_id = members[page.member.value()].id;
    request.page = page;
    request.since = engine.now();
    submit_to(requests.open(request), members[page.member.value()].vios);
}

void State::balance() {
    const bool was_stealing = pool.is_stealing();
    if (!was_stealing && !pool.is_low()) return;
    pool.steal(*this);
    if (!was_stealing && (!has_told_low || engine.now() - told_low_at >= kLowToldEvery)) {
        has_told_low = true;
        told_low_at = engine.now();
        engine.trace().milestone(engine.now(), path, "memory-pool-low",
                                 "Free list low: pages of shared memory partitions are taken",
                                 {{"free", std::int64_t{pool.pages().free_frames()}}});
    }
    if (!pool.is_stuck()) {
        if (!is_steal_due) steal_again_in = kStealPauseMin;
        return;
    }
    if (is_steal_due) return;
    is_steal_due = true;
    engine.schedule_in(steal_again_in, entity, MemoryStealAgain{});
    steal_again_in = std::min(2 * steal_again_in, kStealPauseMax);
}

}  // namespace pvmsim::hypervisor
