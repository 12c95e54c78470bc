// ScsiInitiator: the adapter drivers through which disks are reached (vscsi, fscsi). DiskPathUser: what they tell
// disks.
//
// Contract. submit() either refuses at once (returns a status other than kGood, and forgets the command) or answers
// exactly once with on_command_done, later, never from inside submit. An adapter that loses its other end answers every
// outstanding command with the failure it found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fabric/wire/scsi.hpp"

namespace pvmsim::aix {

/// Identity of a logical unit: the same through every path to it (64-bit hash of "array.lun").
struct DiskIdentity {
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(DiskIdentity, DiskIdentity) = default;
};
[[nodiscard]] DiskIdentity identity_of(std::string_view unit_name);

/// Where a logical unit is, seen from one adapter.
struct UnitAddress {
    std::uint64_t target = 0;  ///< fscsi: the target port's WWPN; vscsi: 0
    wire::LunNumber lun;
    friend constexpr auto operator<=>(const UnitAddress&, const UnitAddress&) = default;
};

/// A unit as an adapter found it.
struct DiscoveredUnit {
    UnitAddress address;
    DiskIdentity identity;
    std::uint64_t size_bytes = 0;
};

/// Who a command's outcome goes to: the multipath disk, with its own words for the request and the path.
class DiskPathUser {
  public:
    virtual ~DiskPathUser() = default;
    virtual void on_command_done(std::uint32_t request, std::uint32_t path, wire::ScsiStatus status) = 0;
};

struct PathCommand {
    DiskPathUser* user = nullptr;
    std::uint32_t request = 0;
    std::uint32_t path = 0;
    UnitAddress unit;
    wire::ScsiOperation operation = wire::ScsiOperation::kRead;
    std::uint64_t block = 0;
    std::uint32_t size_bytes = 0;
    std::uint32_t timeout_s = 0;  ///< rw_timeout; 0: none
};

class ScsiInitiator {
  public:
    virtual ~ScsiInitiator() = default;
    [[nodiscard]] virtual const std::string& initiator_name() const = 0;
    virtual wire::ScsiStatus submit(const PathCommand& command) = 0;
    /// With this set, a disk whose last path is gone holds its requests for a while instead of failing them
    /// (vscsi_err_recov=delayed_fail, R-STO-04).
    [[nodiscard]] virtual bool holds_when_alone() const { return false; }
};

}  // namespace pvmsim::aix
