// Rules for Virtual I/O Servers and partitions: sizes, weights, slots, editions (R-VI-01..10, R-LP-03..06, R-ED-01,
// behaviour 7.3). An 8 Gb adapter is assumed where NPIV is used; 10 Gb Ethernet is known as the loader knows it
// (link_speed.hpp).
#include <algorithm>
#include <string>

#include "scenarios/audit/rules.hpp"
#include "scenarios/audit/view.hpp"
#include "scenarios/description/link_speed.hpp"

namespace pvmsim::scenarios::audit {
namespace {

using hypervisor::ProcessorMode;
using hypervisor::SharingMode;

constexpr std::uint32_t kSlotsAdvisedMax = 1024;      ///< R-LP-06
constexpr std::uint64_t kMemoryRatioMax = 4;          ///< [PARAM] our choice: a maximum beyond this is a waste
constexpr std::size_t kExpressPartitionsMax = 3;      ///< R-ED-01
constexpr std::uint64_t kViosMemoryMinMib = 1024;     ///< R-VI-01
constexpr std::int64_t kViosUnitsMinHundredths = 10;  ///< R-VI-01
constexpr std::uint32_t kSmallServerCores = 8;        ///< R-VI-01: fewer are a small server
constexpr std::uint16_t kEthernetSlotMin = 10;        ///< R-VI-10, and the next two
constexpr std::uint16_t kScsiSlotMin = 30;
constexpr std::uint16_t kNpivSlotMin = 70;

template <class Check>
void for_each_vios(const View& view, Check check) {
    for (const auto& partition : view.scenario().partitions)
        if (is_vios(partition)) check(partition);
}

bool shared(const PartitionDescription& partition) {
    return partition.config.profile.proc_mode == ProcessorMode::kShared;
}

bool uncapped(const PartitionDescription& partition) {
    return shared(partition) && partition.config.profile.sharing_mode == SharingMode::kUncapped;
}

std::int64_t units_hundredths(const PartitionDescription& partition) {
    const auto& profile = partition.config.profile;
    return shared(partition) ? profile.desired_proc_units.hundredths : std::int64_t{100} * profile.desired_procs;
}

std::string units_text(std::int64_t hundredths) {
    const auto rest = hundredths % 100;
    return std::to_string(hundredths / 100) + "." + (rest < 10 ? "0" : "") + std::to_string(rest);
}

std::string gib_text(std::uint64_t mib) {
    const auto tenths = (mib * 10 + 512) / 1024;
    return std::to_string(tenths / 10) + (tenths % 10 ? "." + std::to_string(tenths % 10) : "") + " GB";
}

/// What behaviour 7.3 recommends to begin with.
struct ViosSize {
    std::int64_t hundredths;
    std::uint64_t memory_mib;
    std::string why;
};

ViosSize advised_size(const View& view, const PartitionDescription& vios) {
    const auto& system = view.system(vios.system);
    bool ten_gigabit = false;
    for (const auto& adapter : system.adapters) {
        const auto& requests = vios.config.profile.io_slots;
        const bool owned = std::ranges::find(requests, adapter.slot.drc_index, &hypervisor::IoSlotRequest::drc_index) !=
                           requests.end();
        ten_gigabit |= owned && highest_speed_mbps(adapter) >= kTenGigabitMbps;
    }
    if (vios.vios && !vios.vios->vfc_mappings.empty()) return {100, 6 * 1024, "with NPIV"};
    if (ten_gigabit) return {100, 6 * 1024, "with 10 Gb Ethernet"};
    if (system.config.cores > 0 && system.config.cores < kSmallServerCores)
        return {50, 2 * 1024, "on a server of fewer than 8 cores"};
    return {100, 4 * 1024, "without NPIV and 10 Gb Ethernet"};
}

Findings check_single_vios(const View& view) {
    Findings found;
    for (const auto& system : view.scenario().systems) {
        const auto vioses = view.vioses(system.config.name);
        if (vioses.size() == 1 && !view.clients(system.config.name).empty())
            found.push_back({system.config.name + " has one VIOS, " + vioses.front()->config.name,
                             {partition_path(*vioses.front(), {})}});
    }
    return found;
}

Findings check_vios_weight(const View& view) {
    Findings found;
    for_each_vios(view, [&](const PartitionDescription& vios) {
        if (!uncapped(vios)) return;
        const PartitionDescription* heavier = nullptr;
        for (const auto* client : view.clients(vios.system))
            if (uncapped(*client) && client->config.profile.uncap_weight >= vios.config.profile.uncap_weight)
                heavier = client;
        if (heavier)
            found.push_back({vios.config.name + " has weight " + std::to_string(vios.config.profile.uncap_weight) +
                                 ", " + heavier->config.name + " has " +
                                 std::to_string(heavier->config.profile.uncap_weight),
                             {partition_path(vios, {"profile", "uncap_weight"})}});
    });
    return found;
}

Findings check_vios_capped(const View& view) {
    Findings found;
    for_each_vios(view, [&](const PartitionDescription& vios) {
        if (shared(vios) && vios.config.profile.sharing_mode == SharingMode::kCapped)
            found.push_back(
                {vios.config.name + " is capped at " + units_text(units_hundredths(vios)) + " processing units",
                 {partition_path(vios, {"profile", "sharing_mode"})}});
    });
    return found;
}

bool below_minimum(const PartitionDescription& vios) {
    return units_hundredths(vios) < kViosUnitsMinHundredths || vios.config.profile.desired_mem_mib < kViosMemoryMinMib;
}

Findings check_vios_processor(const View& view) {
    Findings found;
    for_each_vios(view, [&](const PartitionDescription& vios) {
        const auto advised = advised_size(view, vios);
        if (!below_minimum(vios) && units_hundredths(vios) < advised.hundredths)
            found.push_back({vios.config.name + " is entitled to " + units_text(units_hundredths(vios)) +
                                 " processing units; " + units_text(advised.hundredths) + " are recommended " +
                                 advised.why,
                             {partition_path(vios, {"profile", "desired_proc_units"})}});
    });
    return found;
}

Findings check_vios_memory(const View& view) {
    Findings found;
    for_each_vios(view, [&](const PartitionDescription& vios) {
        const auto advised = advised_size(view, vios);
        if (!below_minimum(vios) && vios.config.profile.desired_mem_mib < advised.memory_mib)
            found.push_back({vios.config.name + " has " + gib_text(vios.config.profile.desired_mem_mib) + "; " +
                                 gib_text(advised.memory_mib) + " are recommended " + advised.why,
                             {partition_path(vios, {"profile", "desired_mem"})}});
    });
    return found;
}

Findings check_vios_minimum(const View& view) {
    Findings found;
    for_each_vios(view, [&](const PartitionDescription& vios) {
        if (below_minimum(vios))
            found.push_back({vios.config.name + " has " + units_text(units_hundredths(vios)) +
                                 " processing units and " + gib_text(vios.config.profile.desired_mem_mib),
                             {partition_path(vios, {"profile"})}});
    });
    return found;
}

Findings check_required_adapters(const View& view) {
    Findings found;
    for_each_vios(view, [&](const PartitionDescription& vios) {
        std::vector<std::string> names;
        std::vector<Path> places;
        const auto collect = [&](const auto& adapters) {
            for (const auto& adapter : adapters)
                if (adapter.is_required) {
                    names.push_back(slot_text(adapter.slot_num));
                    places.push_back(adapter_path(vios, adapter));
                }
        };
        collect(vios.config.profile.virtual_eth_adapters);
        collect(vios.config.profile.virtual_scsi_adapters);
        collect(vios.config.profile.virtual_fc_adapters);
        if (!names.empty())
            found.push_back(
                {list_text(names) + " of " + vios.config.name + (names.size() == 1 ? " is" : " are") + " required",
                 std::move(places)});
    });
    return found;
}

/// Appends the adapters whose slots are not what R-VI-10 says: from `low` on, even on the first VIOS, odd on the
/// second, the same number on both ends.
template <class Adapter>
void add_unconventional(const std::vector<Adapter>& adapters, std::uint16_t low, bool even,
                        std::vector<std::string>& names) {
    for (const auto& adapter : adapters) {
        if (adapter.adapter_type != hypervisor::AdapterRole::kServer) continue;
        const auto slot = adapter.slot_num.value();
        const std::optional<hypervisor::SlotNumber> remote = adapter.remote_slot_num;
        const bool same = !remote || *remote == adapter.slot_num;
        if (slot < low || (slot % 2 == 0) != even || !same) names.push_back(slot_text(adapter.slot_num));
    }
}

Findings check_slot_convention(const View& view) {
    Findings found;
    for (const auto& system : view.scenario().systems) {
        const auto vioses = view.vioses(system.config.name);
        for (std::size_t i = 0; i < vioses.size(); ++i) {
            const auto& profile = vioses[i]->config.profile;
            std::vector<std::string> names;
            for (const auto& adapter : profile.virtual_eth_adapters)
                if (adapter.slot_num.value() < kEthernetSlotMin) names.push_back(slot_text(adapter.slot_num));
            add_unconventional(profile.virtual_scsi_adapters, kScsiSlotMin, i % 2 == 0, names);
            add_unconventional(profile.virtual_fc_adapters, kNpivSlotMin, i % 2 == 0, names);
            if (!names.empty())
                found.push_back(
                    {vioses[i]->config.name + ": " + list_text(names), {partition_path(*vioses[i], {"profile"})}});
        }
    }
    return found;
}

Findings check_slot_count(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions)
        if (partition.config.profile.max_virtual_slots > kSlotsAdvisedMax)
            found.push_back({partition.config.name + " has max_virtual_slots " +
                                 std::to_string(partition.config.profile.max_virtual_slots),
                             {partition_path(partition, {"profile", "max_virtual_slots"})}});
    return found;
}

Findings check_maximum_memory(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions) {
        const auto& profile = partition.config.profile;
        if (profile.max_mem_mib > kMemoryRatioMax * profile.desired_mem_mib)
            found.push_back({partition.config.name + " has " + gib_text(profile.desired_mem_mib) +
                                 " and a maximum of " + gib_text(profile.max_mem_mib),
                             {partition_path(partition, {"profile", "max_mem"})}});
    }
    return found;
}

Findings check_express(const View& view) {
    Findings found;
    for (const auto& system : view.scenario().systems) {
        const auto clients = view.clients(system.config.name).size();
        const auto partitions = clients + view.vioses(system.config.name).size();
        if (system.config.edition == hypervisor::Edition::kExpress && partitions > kExpressPartitionsMax)
            found.push_back(
                {system.config.name + " has the Express edition and " + std::to_string(partitions) + " partitions",
                 {{"systems", system.config.name, "edition"}}});
    }
    return found;
}

Findings check_weight_zero(const View& view) {
    Findings found;
    for (const auto& partition : view.scenario().partitions)
        if (uncapped(partition) && partition.config.profile.uncap_weight == 0)
            found.push_back({partition.config.name + " is uncapped with weight 0",
                             {partition_path(partition, {"profile", "uncap_weight"})}});
    return found;
}

}  // namespace

std::vector<Rule> partition_rules() {
    using enum Severity;
    return {
        {"VIO-001", kWarning, "One VIOS for all clients",
         "Its failure stops the disks and the network of every client, and its updates need all of them down.",
         "Install a second VIOS and give each client paths through both.", "R-VI-03, R-VI-06", check_single_vios},
        {"VIO-002", kAdvice, "VIOS with no more weight than its clients",
         "When processors are scarce the clients take what the VIOS would need to serve them.",
         "Weights: VIOS 255, production 200, pre-production 100, development 50, test 25.", "R-LP-03",
         check_vios_weight},
        {"VIO-003", kAdvice, "Capped VIOS",
         "A burst of I/O cannot use idle processors; latency grows for every client.",
         "Make it uncapped with weight 255.", "R-LP-03, R-VI-01", check_vios_capped},
        {"VIO-004", kAdvice, "VIOS with less processor than recommended",
         "An under-sized VIOS adds latency to its clients' I/O.",
         "Raise desired_proc_units, or measure: run the scenario with its real load.", "R-VI-01; behaviour 7.3",
         check_vios_processor},
        {"VIO-005", kAdvice, "VIOS with less memory than recommended",
         "NPIV and fast adapters need memory for their commands and buffers; an update may not fit.",
         "Raise desired_mem.", "R-VI-01; behaviour 7.3", check_vios_memory},
        {"VIO-006", kWarning, "VIOS below the minimum", "A VIOS needs 0.1 processors and 1 GB of memory.",
         "Raise desired_proc_units and desired_mem.", "R-VI-01", check_vios_minimum},
        {"VIO-007", kAdvice, "Required virtual adapters in a VIOS",
         "A required adapter cannot be removed or moved while the VIOS runs, nor can the profile be activated without "
         "it.",
         "Make the virtual adapters of a VIOS desired.", "R-LP-06", check_required_adapters},
        {"VIO-008", kAdvice, "Slot numbers off the convention",
         "The convention tells by the number what an adapter is and where its other end is: Ethernet from 10, virtual "
         "SCSI from "
         "30, virtual Fibre Channel from 70; even on the first VIOS, odd on the second, the same on both ends.",
         "Renumber when the adapters are made anew.", "R-VI-10", check_slot_convention},
        {"PAR-001", kWarning, "More than 1024 virtual slots",
         "Activation can fail, and the hypervisor needs more memory.", "Lower max_virtual_slots to what is needed.",
         "R-LP-06", check_slot_count},
        {"PAR-002", kAdvice, "Maximum memory far above what the partition has",
         "The page table grows with the maximum and takes memory of the server that nobody uses.",
         "Choose a maximum of at most four times the desired memory.", "R-LP-04", check_maximum_memory},
        {"PAR-003", kCritical, "Express edition with more than three partitions",
         "The fourth partition cannot be made.", "Activate the Standard edition, or merge partitions.", "R-ED-01",
         check_express},
        {"PAR-004", kAdvice, "Uncapped with weight 0", "Weight 0 behaves as capped: no unused capacity is ever given.",
         "Choose a weight above 0, or say that it is capped.", "R-LP-03", check_weight_zero},
    };
}

}  // namespace pvmsim::scenarios::audit
