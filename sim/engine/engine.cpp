// Delivery and the life cycle of entities. What an event costs here is paid some million times a second of wall time:
// the table of addresses holds just what delivery looks at, and the event is handed over where it lies.
#include "sim/engine/engine.hpp"

#include <utility>

namespace pvmsim::sim {

Engine::Engine(std::uint64_t seed) : seed_(seed) {}

Engine::~Engine() = default;

EntityId Engine::add(Entity& entity, std::string path) {
    PVMSIM_ASSERT(!path.empty());
    PVMSIM_ASSERT(address_of_.size() < kNoEntity.value());
    const EntityId id{static_cast<std::uint32_t>(address_of_.size())};
    const bool path_is_new = ids_by_path_.emplace(path, id).second;
    PVMSIM_ASSERT(path_is_new);
    Digest path_digest;
    path_digest.add(path);
    address_of_.push_back(static_cast<std::uint32_t>(addresses_.size()));
    addresses_.push_back({&entity, path_digest.value(), id, false});
    biographies_.push_back({std::move(path), {}});
    return id;
}

Engine::Address& Engine::living(EntityId id) {
    PVMSIM_ASSERT(id.value() < address_of_.size());
    Address& address = addresses_[address_of_[id.value()]];
    PVMSIM_ASSERT(address.entity != nullptr);
    return address;
}

void Engine::remove(EntityId id) {
    living(id).entity = nullptr;
    drop_waiting(id);
    ids_by_path_.erase(biographies_[id.value()].path);
}

void Engine::forget_pending(EntityId id) {
    Address& left = living(id);
    const Address moved_to{left.entity, left.path_hash, id, false};
    left.entity = nullptr;
    address_of_[id.value()] = static_cast<std::uint32_t>(addresses_.size());
    addresses_.push_back(moved_to);
    drop_waiting(id);
}

void Engine::drop_waiting(EntityId id) {
    for (const EventHandle waiting : std::exchange(biographies_[id.value()].waiting, {})) {
        if (!queue_.is_current(waiting)) continue;
        queue_.discard(waiting);
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
        EventSlot& slot = *due.slot;
        const Address& address = addresses_[slot.address];
        if (address.entity == nullptr) [[unlikely]] {
            ++counters_.dropped_forgotten;
            queue_.discard(due.handle);
        } else if (address.on_hold) [[unlikely]] {
            if (slot.event.kind->when_held == WhenHeld::kDrop) {
                ++counters_.dropped_held;
                queue_.discard(due.handle);
            } else {
                biographies_[address.id.value()].waiting.push_back(due.handle);
            }
        } else {
            record_history(slot, address.path_hash);
            ++counters_.delivered;
            queue_.begin_delivery(slot);
            address.entity->on_event(slot.event);
            queue_.end_delivery(due.handle, slot);
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
    for (const std::uint32_t number : address_of_) {
        const Address& address = addresses_[number];
        if (address.entity == nullptr) continue;
        total.word(address.path_hash);
        address.entity->digest(total);
    }
    return total.value();
}

}  // namespace pvmsim::sim
