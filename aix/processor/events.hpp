// Events of a partition's processors.
// One is pending only while folding may still change something; an idle partition has none.
#pragma once

#include <string_view>

#include "sim/engine/event.hpp"

namespace pvmsim::aix {

/// processors -> themselves: a second of processor use is over; fold or unfold.
struct FoldingDue {
    static constexpr std::string_view kName = "folding-due";
};

}  // namespace pvmsim::aix
