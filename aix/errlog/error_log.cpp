// Appending to the error log; see error_log.hpp.
// Half of a full log is dropped at once, so that dropping costs nothing on average.
#include "aix/errlog/error_log.hpp"

#include <utility>

namespace pvmsim::aix {

void ErrorLog::add(sim::SimTime at, const ErrorLogTemplate& what, std::string resource, std::string detail) {
    if (entries_.size() >= kEntriesMax)
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(kEntriesMax / 2));
    entries_.push_back({at, &what, std::move(resource), std::move(detail)});
    ++written_;
}

}  // namespace pvmsim::aix
