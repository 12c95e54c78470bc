// JsonLinesSink: one JSON object a line, for other programs.
//
//     {"t":"30.000000000","ns":30000000000,"kind":"instant","level":"milestone","entity":"site/host1","name":"power-off",
//      "text":"...","fields":{"cause":"fault","lost_ns":20}}
//
// "t" is a string so that no reader rounds it. "text" and "fields" are left out when empty. A duration's key gets the
// suffix _ns and an integer; a number that JSON cannot say (infinite, not a number) becomes null; bytes that are not
// UTF-8 become U+FFFD. An output that fails is the stream owner's to notice.
#pragma once

#include <iosfwd>
#include <string>

#include "sim/trace/tracer.hpp"

namespace pvmsim::sim {

class JsonLinesSink final : public TraceSink {
  public:
    explicit JsonLinesSink(std::ostream& out) : out_(out) {}

    [[nodiscard]] bool wants_details() const override { return true; }
    void record(const TraceRecord& record) override;
    void flush() override;

  private:
    std::ostream& out_;
    std::string line_;  ///< reused
};

}  // namespace pvmsim::sim
