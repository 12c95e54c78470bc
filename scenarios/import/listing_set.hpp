// ListingSet: the HMC listings of one managed system, found in a directory and recognised by what they hold.
//
// The attributes of a listing say what it is; the end of its file name decides only where they cannot (an empty
// listing, or server adapters alone, where virtual SCSI and virtual Fibre Channel look the same). Other files are left
// alone.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/recordings/hmc_listing.hpp"

namespace pvmsim::scenarios {

enum class ListingKind : std::uint8_t {
    kSystem,
    kPartitions,
    kProfiles,
    kProcessorsOfSystem,
    kProcessorsOfPartitions,
    kMemoryOfSystem,
    kMemoryOfPartitions,
    kVirtualEthernet,
    kVirtualScsi,
    kVirtualFibreChannel,
    kVirtualSerial,
    kVirtualSlots,
    kPhysicalSlots,
};
inline constexpr std::size_t kListingKinds = 13;

/// What an import knows of a kind of listing.
struct ListingKindInfo {
    ListingKind kind;
    std::string_view file_name_end;  ///< "_prof.txt"
    std::string_view command;        ///< what makes it; M stands for the managed system
    bool essential;                  ///< without it there is nothing to import
};

[[nodiscard]] const ListingKindInfo& listing_kind_info(ListingKind kind);

struct ListingSet {
    /// "9131-52A-6535CCG" of the file names; empty when they have no such beginning.
    std::string system_name;
    std::array<std::optional<HmcListing>, kListingKinds> listings;
    std::vector<std::string> other_files;  ///< names of files that are no listings

    /// nullptr when it is not there, or has no record.
    [[nodiscard]] const HmcListing* find(ListingKind kind) const;
    /// Why there is no record of this kind, in words: the HMC's own message, or that the file is missing.
    [[nodiscard]] std::string why_absent(ListingKind kind) const;
};

/// Every problem at once: unreadable lines, two listings of one kind, essential listings that are not there.
std::expected<ListingSet, std::vector<RecordingError>> find_listings(const std::filesystem::path& directory);

}  // namespace pvmsim::scenarios
