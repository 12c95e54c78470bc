// What an operator can get wrong with a managed system. One code for each reaction a caller could have (R-ED-06); the
// text beside it names the object and what would be right.
#pragma once

#include "sim/base/result.hpp"

namespace pvmsim::hypervisor {

enum class ErrorCode {
    kUnknownModel,       ///< type_model is not in the table
    kBeyondModel,        ///< more cores or memory than the model takes
    kInvalidProfile,     ///< breaks a rule of its own: granularity, ranges, slots, VLANs
    kDuplicate,          ///< partition id or name, slot number
    kTooManyPartitions,  ///< edition or model limit (R-ED-01)
    kNotEnoughMemory,
    kNotEnoughProcessors,
    kNoPagingSpace,    ///< no free paging space device that is large enough and can be reached
    kSlotUnavailable,  ///< a required physical slot belongs to another running partition or does not exist
    kWrongState,       ///< the partition's state does not allow it
    kNotSupported,     ///< the edition or the model does not have it (R-ED-03)
    kInvalidPool,      ///< limits or state of a shared processor or memory pool do not allow it
    kInvalidChange,    ///< a dynamic change outside of what the partition may have
    kWwpnsExhausted,   ///< 32000 pairs used (V56)
    kNotFound,
};

using Error = sim::Error<ErrorCode>;
template <class T>
using Result = sim::Result<T, ErrorCode>;

}  // namespace pvmsim::hypervisor
