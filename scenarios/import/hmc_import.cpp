// The steps of an import in their order; see hmc_import.hpp. Listings that were not there are told at the head of the
// scenario, with what stands in for them.
#include "scenarios/import/hmc_import.hpp"

#include <array>

#include "scenarios/import/adapter_pairs.hpp"
#include "scenarios/import/assumed_site.hpp"
#include "scenarios/import/listing_set.hpp"
#include "scenarios/import/recorded_machine.hpp"
#include "scenarios/import/scenario_text.hpp"
#include "sim/base/result.hpp"

namespace pvmsim::scenarios {

namespace {

/// What follows when a listing is not there, for those an import can do without.
struct Fallback {
    ListingKind kind;
    std::string_view instead;
};
constexpr std::array kFallbacks = {
    Fallback{ListingKind::kProcessorsOfPartitions, "processors are those of the profiles"},
    Fallback{ListingKind::kMemoryOfPartitions, "memory is that of the profiles"},
    Fallback{ListingKind::kVirtualEthernet,
             "virtual Ethernet adapters are those of the profiles, without MAC addresses"},
    Fallback{ListingKind::kVirtualScsi, "virtual SCSI adapters are those of the profiles"},
    Fallback{ListingKind::kVirtualFibreChannel, "virtual Fibre Channel adapters are those of the profiles"},
    Fallback{ListingKind::kVirtualSlots, "max_virtual_slots is that of the profiles"},
};

}  // namespace

std::expected<std::string, std::vector<RecordingError>> import_hmc(const std::filesystem::path& directory) {
    PVMSIM_TRY_ASSIGN(const auto listings, find_listings(directory));
    PVMSIM_TRY_ASSIGN(auto machine, read_machine(listings));
    for (const auto& [kind, instead] : kFallbacks) {
        if (listings.find(kind) != nullptr) continue;
        machine.notes.push_back("no data from '" + std::string(listing_kind_info(kind).command) + "' (" +
                                listings.why_absent(kind) + "): " + std::string(instead));
    }
    mend_adapter_pairs(machine);
    return write_scenario(machine, assume_site(machine));
}

}  // namespace pvmsim::scenarios
