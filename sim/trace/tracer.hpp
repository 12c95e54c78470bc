// Tracer: hands records to whatever sinks the run attached. Costs a branch when nobody listens.
// Sinks are attached by the run before it starts; a sink must not emit.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "sim/trace/record.hpp"

namespace pvmsim::sim {

/// A receiver of records, attached by the run.
class TraceSink {
  public:
    virtual ~TraceSink() = default;
    /// Asked once, when attached: does this sink want details too?
    [[nodiscard]] virtual bool wants_details() const = 0;
    virtual void record(const TraceRecord& record) = 0;
    /// The run is over (or paused): write out what is buffered.
    virtual void flush() {}
};

class Tracer {
  public:
    /// Attaches a sink, which must outlive the tracer or be detached.
    void attach(TraceSink& sink);
    void detach(TraceSink& sink);

    [[nodiscard]] bool wants(TraceLevel level) const {
        return level == TraceLevel::kDetail ? !detail_sinks_.empty() : !sinks_.empty();
    }

    /// Something an administrator would note.
    void milestone(SimTime at, std::string_view entity, std::string_view name, std::string_view text,
                   std::initializer_list<TraceField> fields = {}) {
        if (!sinks_.empty())
            emit(
                {at, TraceKind::kInstant, TraceLevel::kMilestone, entity, name, text, {fields.begin(), fields.size()}});
    }
    void detail(SimTime at, std::string_view entity, std::string_view name,
                std::initializer_list<TraceField> fields = {}) {
        if (!detail_sinks_.empty())
            emit({at, TraceKind::kInstant, TraceLevel::kDetail, entity, name, {}, {fields.begin(), fields.size()}});
    }
    /// Spans and counters, or anything else, ready made.
    void emit(const TraceRecord& record);
    void flush();

  private:
    std::vector<TraceSink*> sinks_;         ///< in order of attachment
    std::vector<TraceSink*> detail_sinks_;  ///< those of them that want details
};

}  // namespace pvmsim::sim
