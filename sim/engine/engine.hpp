// Engine: the one who knows what time it is. Delivers events to entities in the order (time, sequence).
//
// An engine is a value: any number live in one process, each on one thread. Everything random comes from its root seed,
// everything it delivered is in its fingerprint, everything worth telling goes to its tracer.
//
// Life of an entity: add() gives it an id; remove() ends it, and what was under way to it is dropped at delivery and
// counted. forget_pending() drops what is under way but keeps the entity (a machine that lost power). hold() keeps
// arriving events waiting, or drops those whose kind says so, until release() (a machine that hangs).
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/assert.hpp"
#include "sim/engine/digest.hpp"
#include "sim/engine/entity.hpp"
#include "sim/engine/event.hpp"
#include "sim/engine/event_queue.hpp"
#include "sim/random/random_stream.hpp"
#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

/// What an engine did so far.
struct EngineCounters {
    std::uint64_t delivered = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t dropped_forgotten = 0;  ///< addressee removed, or forgot what was pending
    std::uint64_t dropped_held = 0;       ///< addressee on hold, kind WhenHeld::kDrop
};

class Engine {
  public:
    explicit Engine(std::uint64_t seed);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    /// Registers an entity; no living entity of this engine may have its path. The entity must outlive its membership.
    EntityId add(Entity& entity, std::string path);
    /// Ends an entity. Its id is never given again; events under way to it are dropped.
    void remove(EntityId id);
    /// Drops whatever is under way to the entity now (also what waits because of a hold, and ends the hold); what is
    /// scheduled later arrives.
    void forget_pending(EntityId id);
    /// From now on events to the entity wait (or drop, by kind) until release(). Holding twice is holding once.
    void hold(EntityId id);
    /// Delivers what waited, in order, at the present instant (as events of this instant), and ends the hold.
    void release(EntityId id);

    /// The path an entity was added with; known after its end too.
    [[nodiscard]] std::string_view path_of(EntityId id) const;
    /// The living entity of that path; kNoEntity when there is none.
    [[nodiscard]] EntityId find(std::string_view path) const;

    /// Schedules data for an entity. `at` must not lie in the past.
    template <EventData T>
    [[gnu::always_inline]] EventHandle schedule_at(SimTime at, EntityId target, const T& data) {
        const EventQueue::Scheduled scheduled = schedule(at, target, kEventKind<T>);
        constexpr std::size_t kBytes = kEventKind<T>.payload_bytes;
        if constexpr (kBytes > 0) std::memcpy(scheduled.payload, &data, kBytes);
        if constexpr (kBytes < kPayloadBytesMax) std::memset(scheduled.payload + kBytes, 0, kPayloadBytesMax - kBytes);
        return scheduled.handle;
    }
    /// Schedules data `delay` (>= 0) from now; what would lie beyond kEndOfTime lies at it.
    template <EventData T>
    [[gnu::always_inline]] EventHandle schedule_in(Duration delay, EntityId target, const T& data) {
        return schedule_at(after(delay), target, data);
    }
    /// O(1). True when the event was still to come; false for a stale handle. Clears the handle.
    bool cancel(EventHandle& handle);

    [[nodiscard]] SimTime now() const { return now_; }

    /// Delivers the next event unless it lies after `until`. False when there was none. Time also passes to events that
    /// are dropped or held on the way.
    bool step(SimTime until = kEndOfTime);
    /// Delivers every event up to and including `until`; then now() == until.
    void run_until(SimTime until);

    /// The stream of one entity (by path) for one purpose: adding another entity shifts no other's numbers.
    [[nodiscard]] RandomStream random_stream(std::string_view path, std::string_view purpose) const;

    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    [[nodiscard]] const EngineCounters& counters() const { return counters_; }
    /// Events under way, those that wait because of a hold included.
    [[nodiscard]] std::size_t pending() const { return queue_.size(); }
    /// Hash over (time, path, kind, payload) of every delivered event so far, then the digest of every living entity.
    [[nodiscard]] std::uint64_t fingerprint() const;

    [[nodiscard]] Tracer& trace() { return tracer_; }
    [[nodiscard]] const Tracer& trace() const { return tracer_; }

  private:
    /// What delivery looks at. An entity has one address at a time; when it forgets what is under way it moves to a new
    /// one, and what arrives at the old address is dropped. Addresses are never used again.
    struct alignas(32) Address {
        Entity* entity;  ///< nullptr once the entity has left
        std::uint64_t path_hash;
        EntityId id;
        bool on_hold;
    };
    struct Biography {
        std::string path;
        std::vector<EventHandle> waiting;  ///< arrived during the hold, in order
    };

    [[nodiscard]] SimTime after(Duration delay) const {
        PVMSIM_ASSERT(delay >= Duration::zero());
        return delay < kEndOfTime - now_ ? now_ + delay : kEndOfTime;
    }
    EventQueue::Scheduled schedule(SimTime at, EntityId target, const EventKind& kind) {
        PVMSIM_ASSERT(at >= now_);
        PVMSIM_ASSERT(target.value() < address_of_.size());
        return queue_.push(at, kind, address_of_[target.value()]);
    }
    [[nodiscard]] Address& living(EntityId id);
    void drop_waiting(EntityId id);
    bool deliver_next(SimTime until);
    void record_history(const EventSlot& slot, std::uint64_t path_hash);

    std::uint64_t seed_;
    SimTime now_ = kStartOfRun;
    bool delivering_ = false;
    EngineCounters counters_;
    Digest history_;
    std::vector<Address> addresses_;
    std::vector<std::uint32_t> address_of_;  ///< by entity id: its address, or its last one
    std::vector<Biography> biographies_;     ///< by entity id
    std::map<std::string, EntityId, std::less<>> ids_by_path_;
    Tracer tracer_;
    EventQueue queue_;
};

}  // namespace pvmsim::sim
