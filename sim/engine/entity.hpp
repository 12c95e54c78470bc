// Entity: whatever receives events. It has a path ("site/host1/port8"), which names it in traces and keys its
// randomness.
#pragma once

#include "sim/engine/event.hpp"

namespace pvmsim::sim {

class Digest;

class Entity {
  public:
    Entity() = default;
    Entity(const Entity&) = delete;
    Entity& operator=(const Entity&) = delete;
    virtual ~Entity() = default;

    /// An event addressed to this entity. The engine's now() is the event's time.
    virtual void on_event(const Event& event) = 0;

    /// Every field that can change behaviour, in declared order. The run's fingerprint ends with all digests.
    virtual void digest(Digest& digest) const = 0;
};

}  // namespace pvmsim::sim
