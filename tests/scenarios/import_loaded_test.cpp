// The generated scenario is loaded, and every imported value is held against its listing, row by row, with a plain
// reading of the listing: for a machine of our own making, and for a real one where the recordings are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/import/hmc_import.hpp"
#include "scenarios/import/listing_set.hpp"
#include "scenarios/loader/load.hpp"
#include "tests/scenarios/import_fixture.hpp"

namespace pvmsim::scenarios {
namespace {

/// Attributes of one row as the numbers and texts they are.
class Row {
  public:
    explicit Row(const HmcRecord& record) : record_(record) {}

    [[nodiscard]] std::string text(std::string_view attribute) const {
        const auto* value = record_.find(attribute);
        return value == nullptr ? std::string() : *value;
    }
    [[nodiscard]] unsigned long number(std::string_view attribute) const { return std::stoul(text(attribute)); }
    [[nodiscard]] long hundredths(std::string_view attribute) const {
        return std::lround(std::stod(text(attribute)) * 100);
    }
    [[nodiscard]] bool flag(std::string_view attribute) const { return text(attribute) == "1"; }

  private:
    const HmcRecord& record_;
};

/// A loaded scenario beside the listings it was made of.
class Agreement {
  public:
    Agreement(const ListingSet& listings, const Scenario& scenario) : listings_(listings), scenario_(scenario) {}

    void check() {
        ASSERT_EQ(scenario_.systems.size(), 1u);
        check_system();
        check_partitions();
        for_rows(ListingKind::kProcessorsOfPartitions, [&](const Row& row) { check_processors(row); });
        for_rows(ListingKind::kMemoryOfPartitions, [&](const Row& row) { check_memory(row); });
        for_rows(ListingKind::kVirtualEthernet, [&](const Row& row) { check_ethernet(row); });
        for_rows(ListingKind::kVirtualScsi, [&](const Row& row) { check_scsi(row); });
        for_rows(ListingKind::kVirtualFibreChannel, [&](const Row& row) { check_fibre_channel(row); });
        for_rows(ListingKind::kVirtualSlots, [&](const Row& row) {
            EXPECT_EQ(partition(row).config.profile.max_virtual_slots, row.number("curr_max_virtual_slots"));
        });
        for_rows(ListingKind::kPhysicalSlots, [&](const Row& row) { check_slot(row); });
        check_profiles_of_inactive_partitions();
        check_nothing_else();
    }

  private:
    template <class Check>
    void for_rows(ListingKind kind, Check check) {
        const auto* listing = listings_.find(kind);
        if (listing == nullptr) return;
        for (const auto& record : listing->records) {
            SCOPED_TRACE(listing->file + ":" + std::to_string(record.line));
            check(Row(record));
        }
    }

    const PartitionDescription& partition(const Row& row, std::string_view attribute = "lpar_id") const {
        const hypervisor::PartitionId id(static_cast<std::uint16_t>(row.number(attribute)));
        for (const auto& candidate : scenario_.partitions) {
            if (candidate.config.lpar_id == id) return candidate;
        }
        throw std::out_of_range("no partition " + row.text(attribute));
    }

    void check_system() {
        const auto& config = scenario_.systems[0].config;
        for_rows(ListingKind::kProcessorsOfSystem, [&](const Row& row) {
            EXPECT_EQ(static_cast<long>(config.cores) * 100, row.hundredths("configurable_sys_proc_units"));
        });
        for_rows(ListingKind::kMemoryOfSystem, [&](const Row& row) {
            EXPECT_EQ(config.memory_bytes, row.number("configurable_sys_mem") << 20);
            EXPECT_EQ(config.mem_region_size_mib, row.number("mem_region_size"));
        });
        for_rows(ListingKind::kSystem, [&](const Row& row) {
            EXPECT_EQ(config.name, row.text("name"));
            EXPECT_EQ(config.type_model, row.text("type_model"));
            EXPECT_EQ(config.serial_num, row.text("serial_num"));
        });
    }

    void check_partitions() {
        std::size_t rows = 0;
        for_rows(ListingKind::kPartitions, [&](const Row& row) {
            const auto& found = partition(row);
            EXPECT_EQ(found.config.name, row.text("name"));
            EXPECT_EQ(found.running, row.text("state") == "Running");
            EXPECT_EQ(found.config.lpar_env == hypervisor::PartitionEnvironment::kVioServer,
                      row.text("lpar_env") == "vioserver");
            EXPECT_EQ(found.config.profile.name,
                      row.text(row.text("curr_profile").empty() ? "default_profile" : "curr_profile"));
            ++rows;
        });
        EXPECT_EQ(rows, scenario_.partitions.size());
    }

    void check_processors(const Row& row) {
        const auto& found = partition(row);
        if (!found.running) return;  // its curr_ values are 0: it has nothing
        const auto& profile = found.config.profile;
        EXPECT_EQ(profile.min_procs, row.number("curr_min_procs"));
        EXPECT_EQ(profile.desired_procs, row.number("curr_procs"));
        EXPECT_EQ(profile.max_procs, row.number("curr_max_procs"));
        const bool shared = row.text("curr_proc_mode") == "shared";
        EXPECT_EQ(profile.proc_mode == hypervisor::ProcessorMode::kShared, shared);
        const auto sharing = row.text("curr_sharing_mode");
        EXPECT_EQ(profile.sharing_mode == hypervisor::SharingMode::kCapped, sharing == "cap");
        EXPECT_EQ(profile.sharing_mode == hypervisor::SharingMode::kUncapped, sharing == "uncap");
        if (!shared) return;
        EXPECT_EQ(profile.min_proc_units.hundredths, row.hundredths("curr_min_proc_units"));
        EXPECT_EQ(profile.desired_proc_units.hundredths, row.hundredths("curr_proc_units"));
        EXPECT_EQ(profile.max_proc_units.hundredths, row.hundredths("curr_max_proc_units"));
        EXPECT_EQ(profile.uncap_weight, row.number("curr_uncap_weight"));
        EXPECT_EQ(profile.shared_proc_pool_id.value(), row.number("curr_shared_proc_pool_id"));
    }

    void check_memory(const Row& row) {
        const auto& found = partition(row);
        if (!found.running) return;
        EXPECT_EQ(found.config.profile.min_mem_mib, row.number("curr_min_mem"));
        EXPECT_EQ(found.config.profile.desired_mem_mib, row.number("curr_mem"));
        EXPECT_EQ(found.config.profile.max_mem_mib, row.number("curr_max_mem"));
        EXPECT_EQ("1:" + std::to_string(found.config.profile.hpt_ratio), row.text("curr_hpt_ratio"));
    }

    template <class Adapter>
    static const Adapter* at_slot(const std::vector<Adapter>& adapters, const Row& row) {
        const hypervisor::SlotNumber slot(static_cast<std::uint16_t>(row.number("slot_num")));
        const auto found = std::ranges::find(adapters, slot, &Adapter::slot_num);
        EXPECT_NE(found, adapters.end());
        return found == adapters.end() ? nullptr : &*found;
    }

    void check_ethernet(const Row& row) {
        ++ethernet_rows_;
        const auto* adapter = at_slot(partition(row).config.profile.virtual_eth_adapters, row);
        if (adapter == nullptr) return;
        EXPECT_EQ(adapter->port_vlan_id.value(), row.number("port_vlan_id"));
        EXPECT_EQ(adapter->is_trunk(), row.flag("is_trunk"));
        if (row.flag("is_trunk")) {
            EXPECT_EQ(adapter->trunk_priority, row.number("trunk_priority"));
        }
        EXPECT_EQ(adapter->is_required, row.flag("is_required"));
        EXPECT_EQ(adapter->mac_addr, wire::MacAddress::parse(row.text("mac_addr")));
        EXPECT_EQ(adapter->vswitch, row.text("vswitch").empty() ? "ETHERNET0" : row.text("vswitch"));
        if (!row.flag("state")) return;  // an inactive adapter gets its VLANs from the profile
        EXPECT_EQ(adapter->ieee_virtual_eth, row.flag("ieee_virtual_eth"));
        std::string vlans;
        for (const auto vlan : adapter->addl_vlan_ids)
            vlans += (vlans.empty() ? "" : ",") + std::to_string(vlan.value());
        EXPECT_EQ(vlans, row.text("addl_vlan_ids"));
    }

    void check_scsi(const Row& row) {
        ++scsi_rows_;
        const auto* adapter = at_slot(partition(row).config.profile.virtual_scsi_adapters, row);
        if (adapter == nullptr) return;
        EXPECT_EQ(adapter->adapter_type == hypervisor::AdapterRole::kServer, row.text("adapter_type") == "server");
        EXPECT_EQ(adapter->is_required, row.flag("is_required"));
        EXPECT_EQ(adapter->remote_lpar_id.value(), row.number("remote_lpar_id"));
        ASSERT_TRUE(adapter->remote_slot_num.has_value());
        EXPECT_EQ(adapter->remote_slot_num->value(), row.number("remote_slot_num"));
        EXPECT_EQ(partition(row, "remote_lpar_id").config.name, row.text("remote_lpar_name"));
    }

    void check_fibre_channel(const Row& row) {
        const auto* adapter = at_slot(partition(row).config.profile.virtual_fc_adapters, row);
        if (adapter == nullptr) return;
        EXPECT_EQ(adapter->adapter_type == hypervisor::AdapterRole::kServer, row.text("adapter_type") == "server");
        EXPECT_EQ(adapter->is_required, row.flag("is_required"));
        EXPECT_EQ(adapter->remote_lpar_id.value(), row.number("remote_lpar_id"));
        EXPECT_EQ(adapter->remote_slot_num.value(), row.number("remote_slot_num"));
        const auto names = row.text("wwpns");
        ASSERT_EQ(adapter->wwpns.has_value(), !names.empty());
        if (adapter->wwpns) {
            EXPECT_EQ(to_string(adapter->wwpns->first) + "," + to_string(adapter->wwpns->second), names);
        }
    }

    void check_slot(const Row& row) {
        const auto index = static_cast<std::uint32_t>(std::stoul(row.text("drc_index"), nullptr, 16));
        const auto& slots = scenario_.systems[0].config.slots;
        const auto has_index = [&](const auto& slot) { return slot.drc_index.value() == index; };
        const auto slot = std::ranges::find_if(slots, has_index);
        ASSERT_NE(slot, slots.end());
        EXPECT_EQ(slot->location, row.text("phys_loc"));
        EXPECT_EQ(slot->unit_phys_loc, row.text("unit_phys_loc"));
        EXPECT_EQ(slot->description, row.text("description"));
        EXPECT_EQ(slot->bus_id, row.number("bus_id"));
        using hypervisor::AdapterKind;
        const auto pci_class = row.text("pci_class");
        EXPECT_EQ(slot->kind == AdapterKind::kEmpty, pci_class == "FFFF");
        EXPECT_EQ(slot->kind == AdapterKind::kFibreChannel, pci_class == "0C04");
        EXPECT_EQ(slot->kind == AdapterKind::kStorage, pci_class.starts_with("01"));
        if (pci_class == "0200") {
            EXPECT_EQ(slot->kind, AdapterKind::kEthernet);
        }
        for (const auto& candidate : scenario_.partitions) {
            if (!candidate.running) continue;
            const bool owns = std::ranges::any_of(candidate.config.profile.io_slots, has_index);
            EXPECT_EQ(owns, row.text("lpar_id") == std::to_string(candidate.config.lpar_id.value()))
                << candidate.config.name;
        }
    }

    void check_profiles_of_inactive_partitions() {
        for_rows(ListingKind::kProfiles, [&](const Row& row) {
            const auto& found = partition(row);
            const auto& profile = found.config.profile;
            if (found.running || profile.name != row.text("name")) return;
            EXPECT_EQ(profile.min_mem_mib, row.number("min_mem"));
            EXPECT_EQ(profile.desired_mem_mib, row.number("desired_mem"));
            EXPECT_EQ(profile.max_mem_mib, row.number("max_mem"));
            EXPECT_EQ(profile.min_proc_units.hundredths, row.hundredths("min_proc_units"));
            EXPECT_EQ(profile.desired_proc_units.hundredths, row.hundredths("desired_proc_units"));
            EXPECT_EQ(profile.max_proc_units.hundredths, row.hundredths("max_proc_units"));
            EXPECT_EQ(profile.desired_procs, row.number("desired_procs"));
            EXPECT_EQ(profile.uncap_weight, row.number("uncap_weight"));
            for (const auto& adapter : profile.virtual_eth_adapters) {
                std::string vlans;
                for (const auto vlan : adapter.addl_vlan_ids)
                    vlans += (vlans.empty() ? "" : ",") + std::to_string(vlan.value());
                const auto want = std::to_string(adapter.slot_num.value()) +
                                  (adapter.ieee_virtual_eth ? "/1/" : "/0/") +
                                  std::to_string(adapter.port_vlan_id.value()) + "/" + vlans + "/";
                EXPECT_NE(row.text("virtual_eth_adapters").find(want), std::string::npos) << want;
            }
        });
    }

    /// The scenario has no adapter that the listings do not have.
    void check_nothing_else() {
        std::size_t ethernet = 0;
        std::size_t scsi = 0;
        for (const auto& candidate : scenario_.partitions) {
            ethernet += candidate.config.profile.virtual_eth_adapters.size();
            scsi += candidate.config.profile.virtual_scsi_adapters.size();
        }
        EXPECT_EQ(ethernet, ethernet_rows_);
        EXPECT_EQ(scsi, scsi_rows_);
    }

    const ListingSet& listings_;
    const Scenario& scenario_;
    std::size_t ethernet_rows_ = 0;
    std::size_t scsi_rows_ = 0;
};

std::optional<Scenario> load_import(const std::filesystem::path& directory) {
    const auto text = import_hmc(directory);
    if (!text) {
        for (const auto& error : text.error()) ADD_FAILURE() << error.to_string();
        return std::nullopt;
    }
    auto scenario = load_scenario_text(*text, "import.yaml", directory);
    if (!scenario) {
        for (const auto& error : scenario.error()) ADD_FAILURE() << format_error(error);
        ADD_FAILURE() << *text;
        return std::nullopt;
    }
    return *std::move(scenario);
}

void check_agreement(const std::filesystem::path& directory) {
    const auto scenario = load_import(directory);
    const auto listings = find_listings(directory);
    ASSERT_TRUE(scenario.has_value());
    ASSERT_TRUE(listings.has_value());
    Agreement(*listings, *scenario).check();
}

TEST(HmcImportLoaded, a_power7_scenario_agrees_with_every_row_of_its_listings) {
    const TemporaryDirectory directory;
    write_listings(directory, power7_listings());
    check_agreement(directory.path());
}

TEST(HmcImportLoaded, assumed_parts_load_as_well) {
    const TemporaryDirectory directory;
    auto listings = power7_listings();
    listings["io_slot"] = power7_slot("C1", "21010201", "lpar_name=vios1,lpar_id=1", "0604", "{bridge} \"x\"");
    for (const auto* name : {"proc_lpar", "mem_lpar", "virtual_eth", "virtual_scsi", "virtual_fc", "virtual_slot"}) {
        listings.erase(name);
    }
    write_listings(directory, listings);
    const auto scenario = load_import(directory.path());
    ASSERT_TRUE(scenario.has_value());
    EXPECT_EQ(scenario->systems[0].adapters[0].slot.description, "{bridge} \"x\"");
    EXPECT_EQ(scenario->partitions.size(), 4u);
}

TEST(HmcImportLoaded, a_machine_without_vios_loads_without_an_outside) {
    const TemporaryDirectory directory;
    auto listings = power7_listings();
    listings["lpar_real"] =
        "name=app1,lpar_id=3,lpar_env=aixlinux,state=Running,default_profile=normal,curr_profile=normal\n";
    const auto profiles = listings["prof"];
    const auto start = profiles.find("name=normal,lpar_name=app1");
    listings["prof"] = profiles.substr(start, profiles.find('\n', start) + 1 - start);
    listings["proc_lpar"] = power7_processors("app1", "3");
    listings["mem_lpar"] = power7_memory("app1", "3");
    listings["io_slot"] = power7_slot("C1", "21010201", "lpar_id=none", "0200", "Ethernet");
    for (const auto* name : {"virtual_eth", "virtual_scsi", "virtual_fc", "virtual_slot"}) listings.erase(name);
    write_listings(directory, listings);
    const auto scenario = load_import(directory.path());
    ASSERT_TRUE(scenario.has_value());
    EXPECT_TRUE(scenario->timeline.empty());
    EXPECT_TRUE(scenario->fabric.lan.hosts.empty());
}

TEST(HmcImportLoaded, the_recorded_dual_vios_machine_agrees_with_every_row_of_its_listings) {
    const auto directory = find_recording("hmc-9131-52A");
    PVMSIM_SKIP_WITHOUT(directory);
    check_agreement(*directory);
}

TEST(HmcImportLoaded, the_recorded_machine_has_no_failover_pair_and_rehearses_a_power_off) {
    const auto directory = find_recording("hmc-9131-52A");
    PVMSIM_SKIP_WITHOUT(directory);
    const auto scenario = load_import(*directory);
    ASSERT_TRUE(scenario.has_value());
    EXPECT_EQ(scenario->systems[0].config.name, "9131-52A-6535CCG");
    EXPECT_EQ(scenario->systems[0].config.type_model, "9131-52A");
    EXPECT_EQ(scenario->systems[0].config.serial_num, "6535CCG");
    std::size_t seas = 0;
    for (const auto& partition : scenario->partitions) {
        if (!partition.vios) continue;
        for (const auto& sea : partition.vios->shared_ethernet_adapters) {
            EXPECT_TRUE(sea.ctl_chan.empty());
            ++seas;
        }
    }
    EXPECT_EQ(seas, 3u);
    ASSERT_EQ(scenario->timeline.size(), 2u);
    ASSERT_TRUE(scenario->timeline[0].fault.has_value());
    EXPECT_EQ(scenario->timeline[0].fault->kind, FaultKind::kPowerOff);
    EXPECT_EQ(scenario->timeline[0].fault->target, "vios1");
}

}  // namespace
}  // namespace pvmsim::scenarios
