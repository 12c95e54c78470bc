// PagingSpaces: the paging space devices of the shared memory pool, as the HMC lists them (lshwres -r mempool
// --rsubtype pgdev): through which paging VIOS each is reached, and which partition uses it.
//
// A device that both paging VIOSes reach is one space with two ways: it is redundant. Choosing one for a partition is
// the HMC's doing: an inactive one that is large enough, redundant if the partition has two paging VIOSes, the smallest
// of these (behaviour 2.2). Left out: devices of the operator's own choice, logical volumes (they are of one VIOS).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hypervisor/errors.hpp"
#include "hypervisor/ids.hpp"
#include "hypervisor/partition/profile.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

/// A disk of a paging VIOS.
struct PagingDevice {
    PartitionId vios = kNoPartition;
    std::string name{};          ///< "hdisk4", or the unit's own name where the disk has none yet
    std::uint64_t unit = 0;      ///< the same from both VIOSes
    std::uint64_t size_mib = 0;  ///< rounded down
    bool usable = false;         ///< the VIOS is up and reaches it
};

struct PagingSpace {
    std::uint64_t unit = 0;
    std::uint64_t size_mib = 0;
    std::vector<PagingDevice> devices{};  ///< one or two
    PartitionId user = kNoPartition;      ///< kNoPartition: inactive

    [[nodiscard]] const PagingDevice* at(PartitionId vios) const;  ///< nullptr: not reached from there
    [[nodiscard]] bool is_redundant() const { return devices.size() > 1; }
};

/// What a partition needs to be activated.
struct PagingSpaceWish {
    PartitionId user = kNoPartition;  ///< what it uses already counts as free
    std::uint64_t min_size_mib = 0;
    PartitionId primary = kNoPartition;
    PartitionId secondary = kNoPartition;  ///< kNoPartition: redundancy is not wanted
    bool usable_now = true;                ///< through one of the two at least; else it will be soon
};

/// Maximum memory; an IBM i partition keeps a tag for every 4 KiB page beside it: 129/128 (general knowledge).
[[nodiscard]] std::uint64_t paging_space_needed_mib(PartitionEnvironment environment, std::uint64_t max_mem_mib);

class PagingSpaces {
  public:
    /// kDuplicate: the VIOS has given the disk already; kInvalidPool: it is not the size the other VIOS told.
    Result<void> add(PagingDevice device);
    void set_usable(PartitionId vios, std::uint64_t unit, bool usable);

    /// nullptr: none fits.
    [[nodiscard]] const PagingSpace* choose(const PagingSpaceWish& wish) const;
    void assign(std::uint64_t unit, PartitionId user);
    void release(PartitionId user);

    [[nodiscard]] const PagingSpace* space_of(PartitionId user) const;
    [[nodiscard]] const PagingSpace* find(std::uint64_t unit) const;
    [[nodiscard]] const std::vector<PagingSpace>& all() const { return spaces_; }  ///< in the order of adding

    void digest(sim::Digest& digest) const;

  private:
    std::vector<PagingSpace> spaces_;
};

}  // namespace pvmsim::hypervisor
