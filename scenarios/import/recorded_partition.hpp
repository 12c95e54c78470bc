// One partition out of the listings: its profile, and its running configuration laid over it.
// Each listing is split by partition once; what belongs to a partition nobody knows is an error there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/import/recorded_machine.hpp"

namespace pvmsim::scenarios {

/// The rows of each listing by the partition they belong to.
class RowsByPartition {
  public:
    /// Rows of partitions that `known` does not have are errors; `lpar_id=none` is nobody's.
    RowsByPartition(const HmcListing* listing, const std::map<hypervisor::PartitionId, std::string>& known,
                    std::vector<RecordingError>& errors);

    [[nodiscard]] const HmcListing* listing() const { return listing_; }  ///< nullptr: there is no such listing
    [[nodiscard]] const std::vector<const HmcRecord*>& of(hypervisor::PartitionId id) const;
    /// The only row of the partition, or nullptr.
    [[nodiscard]] const HmcRecord* one(hypervisor::PartitionId id) const;

  private:
    const HmcListing* listing_;
    std::map<hypervisor::PartitionId, std::vector<const HmcRecord*>> rows_;
};

/// Everything that says something about a single partition.
struct PartitionRows {
    const RowsByPartition& profiles;
    const RowsByPartition& processors;
    const RowsByPartition& memory;
    const RowsByPartition& ethernet;
    const RowsByPartition& scsi;
    const RowsByPartition& fibre_channel;
    const RowsByPartition& virtual_slots;
    const RowsByPartition& physical_slots;
};

RecordedPartition read_partition(const HmcListing& partitions, const HmcRecord& record, const PartitionRows& rows,
                                 std::vector<RecordingError>& errors);

}  // namespace pvmsim::scenarios
