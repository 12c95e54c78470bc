// The tracer's side of emission; the branch that makes an unheard record free is inline in the header.
// Sinks receive in the order of attachment.
#include "sim/trace/tracer.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::sim {

void Tracer::attach(TraceSink& sink) {
    PVMSIM_ASSERT(std::find(sinks_.begin(), sinks_.end(), &sink) == sinks_.end());
    sinks_.push_back(&sink);
    if (sink.wants_details()) detail_sinks_.push_back(&sink);
}

void Tracer::detach(TraceSink& sink) {
    std::erase(sinks_, &sink);
    std::erase(detail_sinks_, &sink);
}

void Tracer::emit(const TraceRecord& record) {
    for (TraceSink* sink : record.level == TraceLevel::kDetail ? detail_sinks_ : sinks_) sink->record(record);
}

void Tracer::flush() {
    for (TraceSink* sink : sinks_) sink->flush();
}

}  // namespace pvmsim::sim
