// MemorySink: keeps copies of all records, for tests and for whoever judges a run after its end.
// It has no limit; a long run with details belongs in a file.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

using OwnedTraceValue = std::variant<std::int64_t, double, bool, std::string, Duration>;

struct OwnedTraceField {
    std::string key;
    OwnedTraceValue value;

    friend bool operator==(const OwnedTraceField&, const OwnedTraceField&) = default;
};

/// A TraceRecord that owns what it names.
struct OwnedTraceRecord {
    SimTime at;
    TraceKind kind;
    TraceLevel level;
    std::string entity;
    std::string name;
    std::string text;
    std::vector<OwnedTraceField> fields;

    /// The value of a field, nullptr when the record has none of that key.
    [[nodiscard]] const OwnedTraceValue* field(std::string_view key) const;

    friend bool operator==(const OwnedTraceRecord&, const OwnedTraceRecord&) = default;
};

class MemorySink final : public TraceSink {
  public:
    enum class Keep : std::uint8_t { kMilestones, kEverything };

    explicit MemorySink(Keep keep = Keep::kEverything) : keep_(keep) {}

    [[nodiscard]] bool wants_details() const override { return keep_ == Keep::kEverything; }
    void record(const TraceRecord& record) override;

    [[nodiscard]] const std::vector<OwnedTraceRecord>& records() const { return records_; }
    /// The records of that name, in order.
    [[nodiscard]] std::vector<OwnedTraceRecord> named(std::string_view name) const;
    void clear() { records_.clear(); }

  private:
    Keep keep_;
    std::vector<OwnedTraceRecord> records_;
};

}  // namespace pvmsim::sim
