// Delivery and the life cycle of entities. What an event costs here is paid some million times a second of wall time:
// the membership table holds just what delivery looks at, and the event is handed over where it lies.
#include "sim/engine/engine.hpp"

#include <utility>

namespace pvmsim::sim {

Engine::Engine(std::uint64_t seed) : seed_(seed) {}

Engine::~Engine() = default;

EntityId Engine::add(Entity& entity, std::string path) {
    PVMSIM_ASSERT(!path.empty());
    PVMSIM_ASSERT(members_.size() < kNoEntity.value());
    const EntityId id{static_cast<std::uint32_t>(members_.size())};
    const bool path_is_new = ids_by_path_.emplace(path, id).second;
    PVMSIM_ASSERT(path_is_new);
    Digest path_digest;
    path_digest.add(path);
    members_.push_back({&entity, path_digest.value(), 0, false});
    biographies_.push_back({std::move(path), {}});
    return id;
}

Engine::Membership& Engine::living(EntityId id) {
    PVMSIM_ASSERT(id.value() < members_.size());
    Membership& member = members_[id.value()];
    PVMSIM_ASSERT(member.entity != nullptr);
    return member;
}

void Engine::remove(EntityId id) {
    forget_pending(id);
    living(id).entity = nullptr;
    ids_by_path_.erase(biographies_[id.value()].path);
}

void Engine::forget_pending(EntityId id) {
    Membership& member = living(id);
    ++member.epoch;
    member.on_hold = false;
    for (const EventHandle waiting : std::exchange(biographies_[id.value()].waiting, {})) {
        if (!queue_.is_current(waiting)) continue;
        discard(waiting);
        ++counters_.dropped_forgotten;
    }
}

void Engine::hold(EntityId id) { living(id).on_hold = true; }

void Engine::release(EntityId id) {
    living(id).on_hold = false;
    for (const EventHandle waiting : std::exchange(biographies_[id.value()].waiting, {}))
        if (queue_.is_current(waiting)) queue_.requeue(waiting, now_);
}

std::string_view Engine::path_of(EntityId id) const {
    PVMSIM_ASSERT(id.value() < biographies_.size());
    return biographies_[id.value()].path;
}

EntityId Engine::find(std::string_view path) const {
    const auto found = ids_by_path_.find(path);
    return found != ids_by_path_.end() ? found->second : kNoEntity;
}

bool Engine::cancel(EventHandle& handle) {
    const bool was_to_come = queue_.cancel(std::exchange(handle, {}));
    counters_.cancelled += was_to_come ? 1 : 0;
    return was_to_come;
}

void Engine::discard(EventHandle handle) {
    queue_.begin_delivery(handle);
    queue_.end_delivery(handle);
}

inline void Engine::record_history(const EventSlot& slot, std::uint64_t path_hash) {
    const EventKind& kind = *slot.event.kind;
    history_.block(static_cast<std::uint64_t>(now_.time_since_epoch().count()),
                   path_hash ^ (std::uint64_t{kind.name_hash} << 8 | kind.payload_bytes), slot.event.payload,
                   kind.payload_bytes);
}

[[gnu::always_inline]] inline bool Engine::deliver_next(SimTime until) {
    EventQueue::Due due;
    while (queue_.pop(until, due)) {
        now_ = due.at;
        const EventSlot& slot = queue_.slot(due.handle);
        const Membership& member = members_[slot.target.value()];
        if (member.entity == nullptr || member.epoch != slot.epoch) [[unlikely]] {
            ++counters_.dropped_forgotten;
            discard(due.handle);
        } else if (member.on_hold) [[unlikely]] {
            if (slot.event.kind->when_held == WhenHeld::kDrop) {
                ++counters_.dropped_held;
                discard(due.handle);
            } else {
                biographies_[slot.target.value()].waiting.push_back(due.handle);
            }
        } else {
            record_history(slot, member.path_hash);
            ++counters_.delivered;
            queue_.begin_delivery(due.handle);
            member.entity->on_event(slot.event);
            queue_.end_delivery(due.handle);
            return true;
        }
    }
    return false;
}

bool Engine::step(SimTime until) {
    PVMSIM_ASSERT(!delivering_);
    delivering_ = true;
    const bool delivered = deliver_next(until);
    delivering_ = false;
    return delivered;
}

void Engine::run_until(SimTime until) {
    PVMSIM_ASSERT(!delivering_);
    PVMSIM_ASSERT(until >= now_);
    delivering_ = true;
    while (deliver_next(until)) {
    }
    now_ = until;
    delivering_ = false;
}

RandomStream Engine::random_stream(std::string_view path, std::string_view purpose) const {
    return RandomStream{seed_, path, purpose};
}

std::uint64_t Engine::fingerprint() const {
    Digest total = history_;
    for (const Membership& member : members_) {
        if (member.entity == nullptr) continue;
        total.word(member.path_hash);
        member.entity->digest(total);
    }
    return total.value();
}

}  // namespace pvmsim::sim
