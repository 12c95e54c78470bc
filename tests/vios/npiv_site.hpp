// Two VIOSes, each with a physical port in one fabric, and a client with a virtual FC adapter through each of them.
// What is zoned, masked and mapped is the test's choice.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "aix/fc/virtual_fc_client.hpp"
#include "tests/aix/fc_site.hpp"
#include "vios/npiv/npiv_port.hpp"
#include "vios/npiv/vfc_host.hpp"

namespace pvmsim::vios {

class NpivSite : public aix::FcSite {
  protected:
    static constexpr hypervisor::PartitionId kClient{10};
    static constexpr std::uint16_t kServerSlot = 40;
    static constexpr std::uint16_t kClientSlot = 20;

    [[nodiscard]] static wire::WwpnPair client_wwpns(std::uint32_t index) {
        return {wire::Wwpn{0xc050'7602'f9ac'0000 + 2 * index}, wire::Wwpn{0xc050'7602'f9ac'0001 + 2 * index}};
    }

    void build_partitions() {
        for (std::uint16_t index = 0; index < 2; ++index) add_vios(index);
        hypervisor::PartitionConfig config{.lpar_id = kClient, .name = "app1"};
        for (std::uint16_t index = 0; index < 2; ++index)
            config.profile.virtual_fc_adapters.push_back({.slot_num = hypervisor::SlotNumber(kClientSlot + index),
                                                          .adapter_type = hypervisor::AdapterRole::kClient,
                                                          .remote_lpar_id = hypervisor::PartitionId(index + 1),
                                                          .remote_slot_num = hypervisor::SlotNumber{kServerSlot},
                                                          .wwpns = client_wwpns(index)});
        client = &add_partition(std::move(config));
        client->disks().set_disk_attributes({{"hcheck_interval", "60"}});
        for (std::uint16_t index = 0; index < 2; ++index) {
            auto& fcs = client->add_device<aix::VirtualFcClientAdapter>("fcs" + std::to_string(index),
                                                                        hypervisor::SlotNumber(kClientSlot + index));
            virtual_ports[index] = &fcs;
            fscsi[index] = &client->add_device<aix::FcScsiProtocol>("fscsi" + std::to_string(index), fcs);
            set(*fscsi[index], "fc_err_recov", "fast_fail");
            set(*fscsi[index], "dyntrk", "yes");
        }
    }

    void add_vios(std::uint16_t index) {
        hypervisor::PartitionConfig config{.lpar_id = hypervisor::PartitionId(index + 1),
                                           .name = "vios" + std::to_string(index + 1),
                                           .lpar_env = hypervisor::PartitionEnvironment::kVioServer};
        config.profile.virtual_fc_adapters.push_back({.slot_num = hypervisor::SlotNumber{kServerSlot},
                                                      .adapter_type = hypervisor::AdapterRole::kServer,
                                                      .remote_lpar_id = kClient,
                                                      .remote_slot_num = hypervisor::SlotNumber(kClientSlot + index)});
        vioses[index] = &add_partition(std::move(config));
        ports[index] = &vioses[index]->add_device<aix::FcAdapter>("fcs0", add_host_port(index, index), san);
        hosts[index] = &vioses[index]->add_device<VfcHostAdapter>("vfchost0", hypervisor::SlotNumber{kServerSlot});
    }

    void map_all() {
        for (std::size_t index = 0; index < 2; ++index) {
            const auto mapped = hosts[index]->map_to(*ports[index]);
            ASSERT_TRUE(mapped.has_value()) << mapped.error().text;
        }
    }

    /// Everybody up, `span` later.
    void start_all(sim::Duration span = std::chrono::seconds(10)) {
        start(*vioses[0]);
        start(*client);
        start(*vioses[1]);
        run_for(span);
    }

    /// The usual site: zoned, masked, mapped, up.
    void begin(bool npiv = true) {
        build_san({client_wwpns(0).first, client_wwpns(1).first}, npiv);
        build_partitions();
        map_all();
        start_all();
    }

    [[nodiscard]] hypervisor::PartitionId id_of(std::size_t vios) const { return vioses[vios]->partition_id(); }

    void boot_vios(std::size_t index) {
        ASSERT_TRUE(system->activate(id_of(index)).has_value());
        while (!vioses[index]->running()) run_for(std::chrono::milliseconds(10));
    }

    std::array<aix::OperatingSystem*, 2> vioses{};
    std::array<aix::FcAdapter*, 2> ports{};
    std::array<VfcHostAdapter*, 2> hosts{};
    aix::OperatingSystem* client = nullptr;
    std::array<aix::VirtualFcClientAdapter*, 2> virtual_ports{};
    std::array<aix::FcScsiProtocol*, 2> fscsi{};
};

}  // namespace pvmsim::vios
