// What a model tells about itself: typed records. Sinks decide what becomes of them; no model names a sink.
// Telling never changes a run: no record is read back by a model.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "sim/base/time.hpp"

namespace pvmsim::sim {

enum class TraceKind : std::uint8_t { kInstant, kSpanBegin, kSpanEnd, kCounter };

/// Milestones are what an administrator would note in a log book; details are for machines and debugging.
enum class TraceLevel : std::uint8_t { kMilestone, kDetail };

using TraceValue = std::variant<std::int64_t, double, bool, std::string_view, Duration>;

struct TraceField {
    std::string_view key;
    TraceValue value;
};

/// Views are valid during the call only; a sink that keeps a record copies it.
struct TraceRecord {
    SimTime at;
    TraceKind kind;
    TraceLevel level;
    std::string_view entity;  ///< path, e.g. "site/host1/port8"
    std::string_view name;    ///< stable, e.g. "sea-state"
    std::string_view text;    ///< one line for people; may be empty
    std::span<const TraceField> fields;
};

}  // namespace pvmsim::sim
