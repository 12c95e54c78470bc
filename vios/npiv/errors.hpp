// What an administrator can get wrong when he maps virtual Fibre Channel adapters to ports (vfcmap, formats A.4). A
// port or adapter that does not exist is found out by whoever looks up its name.
#pragma once

#include <cstdint>

#include "sim/base/result.hpp"

namespace pvmsim::vios {

enum class NpivErrorCode : std::uint8_t {
    kPortFull,        ///< 64 virtual adapters are mapped to the port (R-NPIV-01)
    kNotNpivCapable,  ///< the switch at the port's other end takes no further logins (lsnports: fabric 0)
};

template <class T>
using NpivResult = sim::Result<T, NpivErrorCode>;

}  // namespace pvmsim::vios
