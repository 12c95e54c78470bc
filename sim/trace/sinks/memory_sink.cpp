// Copies every view of a record: the views are valid during the call only, and whoever asks later asks after the models
// that made them are gone.
#include "sim/trace/sinks/memory_sink.hpp"

namespace pvmsim::sim {

namespace {

OwnedTraceValue owned(const TraceValue& value) {
    return std::visit(
        []<class T>(const T& held) -> OwnedTraceValue {
            if constexpr (std::is_same_v<T, std::string_view>)
                return std::string{held};
            else
                return held;
        },
        value);
}

}  // namespace

const OwnedTraceValue* OwnedTraceRecord::field(std::string_view key) const {
    for (const OwnedTraceField& candidate : fields)
        if (candidate.key == key) return &candidate.value;
    return nullptr;
}

void MemorySink::record(const TraceRecord& record) {
    OwnedTraceRecord& kept = records_.emplace_back(record.at, record.kind, record.level, std::string{record.entity},
                                                   std::string{record.name}, std::string{record.text});
    kept.fields.reserve(record.fields.size());
    for (const TraceField& field : record.fields) kept.fields.push_back({std::string{field.key}, owned(field.value)});
}

std::vector<OwnedTraceRecord> MemorySink::named(std::string_view name) const {
    std::vector<OwnedTraceRecord> found;
    for (const OwnedTraceRecord& record : records_)
        if (record.name == name) found.push_back(record);
    return found;
}

}  // namespace pvmsim::sim
