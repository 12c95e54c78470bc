// Memory over time, as `watch: { memory: true }` asks: for partitions whose memory is shared the lines of lparstat -mp,
// for those whose memory is expanded the columns of lparstat -c, for each shared memory pool its use; and what amepat
// says at the end.
#pragma once

#include <string>

#include "scenarios/results/run_result.hpp"

namespace pvmsim::scenarios {

/// Empty when no memory was watched.
[[nodiscard]] std::string memory_watch_tables(const RunResult& result);

}  // namespace pvmsim::scenarios
