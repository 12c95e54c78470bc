// Events: small, trivially copyable, named data delivered to an entity at an instant.
//
// A module declares each of its events in its events.hpp as a plain struct with a stable name:
//
//     struct LinkDown { static constexpr std::string_view kName = "link-down"; std::uint32_t port; };
//
// No closures, no pointers, no floating point, no padding: the bytes of the payload go into the run's fingerprint, so
// they must mean the same in every build. The compiler checks it (EventData).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "sim/base/strong_id.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::sim {

struct EntityTag;
/// An entity of one engine. Never reused within a run.
using EntityId = StrongId<EntityTag>;
inline constexpr EntityId kNoEntity{0xffff'ffff};

/// Largest payload: an Ethernet frame header with its port, or a SCSI command with its addresses.
inline constexpr std::size_t kPayloadBytesMax = 48;

/// FNV-1a: a name's hash that is the same in every build.
constexpr std::uint32_t stable_name_hash(std::string_view name) {
    std::uint32_t hash = 0x811c9dc5u;
    for (char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x01000193u;
    return hash;
}

/// What a struct must be to travel as an event.
template <class T>
concept EventData = std::is_trivially_copyable_v<T> && sizeof(T) <= kPayloadBytesMax && alignof(T) <= 8 &&
                    (std::is_empty_v<T> || std::has_unique_object_representations_v<T>)&&requires {
    { T::kName } -> std::convertible_to<std::string_view>;
};

/// What happens to an event that reaches an entity on hold (a hung machine): most wait, some are lost.
enum class WhenHeld : std::uint8_t { kWait, kDrop };

/// The description of one type of event; one object a type, compared by address.
struct EventKind {
    std::string_view name;
    std::uint32_t name_hash;
    std::uint8_t payload_bytes;
    WhenHeld when_held;
};

template <EventData T>
consteval WhenHeld when_held_of() {
    if constexpr (requires { T::kWhenHeld; }) return T::kWhenHeld;
    return WhenHeld::kWait;
}

template <EventData T>
inline constexpr EventKind kEventKind{T::kName, stable_name_hash(T::kName),
                                      std::is_empty_v<T> ? std::uint8_t{0} : static_cast<std::uint8_t>(sizeof(T)),
                                      when_held_of<T>()};

/// An event as an entity receives it.
struct Event {
    const EventKind* kind;
    alignas(8) std::byte payload[kPayloadBytesMax];

    template <EventData T>
    [[nodiscard]] bool is() const {
        return kind == &kEventKind<T>;
    }
    /// The payload when the event is a T, nullptr when it is another kind.
    template <EventData T>
    [[nodiscard]] const T* as() const {
        return is<T>() ? reinterpret_cast<const T*>(payload) : nullptr;
    }
};

/// Names one scheduled event, to cancel it. Valid until the event is delivered or cancelled; stale handles are
/// harmless.
struct EventHandle {
    std::uint32_t slot = 0xffff'ffff;
    std::uint32_t generation = 0;
};

}  // namespace pvmsim::sim
