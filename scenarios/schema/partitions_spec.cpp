// `partitions:` - partitions and their profiles. Key names are those of lssyscfg -r lpar and -r prof.
// Defaults of the profile equal those of hypervisor::PartitionProfile; a test holds them together.
#include "aix/odm/predefined.hpp"
#include "scenarios/schema/device_keys.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Spec memory() {
    auto spec = simple(Type::kMemory);
    spec.low = std::int64_t{1} << 20;
    spec.high = std::int64_t{1} << 46;
    return spec;
}

Spec adapter_list(Type item) {
    auto spec = list_of(simple(item));
    spec.none_is_empty = true;
    return spec;
}

Spec devices_spec() {
    return map_of({
        optional("hdisk", map_of(attribute_keys(aix::hdisk_attributes())), "Attributes of every disk."),
        optional("vscsi", map_of(attribute_keys(aix::vscsi_attributes())),
                 "Attributes of every virtual SCSI client adapter."),
        optional("fscsi", map_of(attribute_keys(aix::fscsi_attributes())),
                 "Attributes of every Fibre Channel protocol device."),
        optional("ent", map_of(attribute_keys(aix::ethernet_attributes())),
                 "Attributes of every physical Ethernet port; of one of them by chdev in the timeline."),
        optional("path_priority", named(KeyForm::kDevice, integer(1, 255)),
                 "Priority of a disk's paths by adapter (vscsi0: 1); 1 is best."),
    });
}

Spec interfaces_spec() {
    std::vector<Key> keys{
        required("adapter", simple(Type::kText),
                 "What it is on: a virtual adapter (V10), a physical port (C2-T1), a link aggregation "
                 "(ent2)."),
        depends("vlan", integer(1, 4094), "Its VLAN.", "the adapter's port VLAN, the port's native VLAN"),
        depends("ip", simple(Type::kIpv4), "Its address.", "chosen for you, see below"),
        depends("netmask", simple(Type::kIpv4), "Its network; routes need it.",
                "0.0.0.0: every address is a neighbour"),
    };
    for (auto& key : attribute_keys(aix::interface_attributes())) keys.push_back(std::move(key));
    return named(KeyForm::kDevice, map_of(std::move(keys)));
}

Spec routes_spec() {
    return list_of(map_of({
        required("gateway", simple(Type::kIpv4), "Where packets go whose address is in no network of an interface."),
        depends("interface", simple(Type::kInterface), "The interface that reaches it; its netmask is needed.",
                "the first whose network has the gateway"),
        optional("cost", integer(0, 255), "Of routes whose gateways live the cheapest is taken (-hopcount).", "0"),
        optional("active_dgd", simple(Type::kBoolean),
                 "Dead gateway detection: the gateway is pinged, and its route avoided when it does not answer.",
                 "false"),
    }));
}

Spec processors_spec() {
    return map_of({
        optional("smt", integer(1, 4), "Threads of a processor: 1, 2 or 4 (smtctl).", "4"),
        optional("vpm_xvcpus", integer(-1, 256),
                 "Folding: virtual processors beyond what the load needs; -1 turns it off (schedo).", "0"),
    });
}

}  // namespace

Spec profile_spec() {
    auto profile = map_of({
        optional("name", simple(Type::kText), "Name of the profile.", "normal"),
        optional("min_mem", memory(), "Least memory for activation.", "256MB"),
        optional("desired_mem", memory(), "Memory asked for.", "1GB"),
        optional("max_mem", memory(), "Most memory that DLPAR can reach; costs page table.", "2GB"),
        optional("mem_mode", word({"ded", "shared"}), "Dedicated memory, or from the shared pool.", "ded"),
        optional("mem_weight", integer(0, 255), "Shared memory: who keeps its pages; 255 most.", "128"),
        depends("desired_io_entitled_mem", memory_size(std::int64_t{1} << 20),
                "Shared memory: how much it may have mapped for I/O at once.", "by its virtual adapters"),
        depends("primary_paging_vios_name", simple(Type::kName), "Shared memory: the VIOS that pages for it.",
                "the pool's first"),
        depends("secondary_paging_vios_name", simple(Type::kName), "The VIOS that pages when the first cannot.",
                "the pool's second, if there is one"),
        optional("mem_expansion", decimal(0, 102400), "Factor of Active Memory Expansion, 1.00 to 10.00; 0: off.", "0"),
        optional("hpt_ratio", word({"1:32", "1:64", "1:128", "1:256", "1:512"}), "Page table to maximum memory.",
                 "1:64"),
        optional("proc_mode", word({"ded", "shared"}), "Own processors, or a share of the pool.", "shared"),
        optional("min_proc_units", decimal(0, 102400), "Least processing units for activation.", "0.1"),
        optional("desired_proc_units", decimal(0, 102400), "Entitlement: processing units asked for.", "0.5"),
        optional("max_proc_units", decimal(0, 102400), "Most processing units that DLPAR can reach.", "1.0"),
        optional("min_procs", integer(1, 256), "Least (virtual) processors.", "1"),
        optional("desired_procs", integer(1, 256), "(Virtual) processors asked for.", "1"),
        optional("max_procs", integer(1, 256), "Most (virtual) processors that DLPAR can reach.", "2"),
        depends("sharing_mode",
                word({"cap", "uncap", "keep_idle_procs", "share_idle_procs", "share_idle_procs_active",
                      "share_idle_procs_always"}),
                "Shared: capped at its entitlement or not. Dedicated: who gets idle processors.",
                "uncap, or keep_idle_procs with proc_mode ded"),
        optional("uncap_weight", integer(0, 255), "Share of unused capacity; VIOS 255, production 200.", "128"),
        optional("shared_proc_pool_id", integer(0, 63), "Shared processor pool; 0 is DefaultPool.", "0"),
        depends("shared_proc_pool_name", simple(Type::kName), "The same by name.", "by shared_proc_pool_id"),
        optional("max_virtual_slots", integer(2, 65536), "Virtual slot numbers are below this.", "200"),
        optional("io_slots", adapter_list(Type::kIoSlot),
                 "Physical slots: slot/pool/required, by location or DRC index."),
        optional("virtual_eth_adapters", adapter_list(Type::kEthernetAdapter),
                 "slot/ieee/pvid/[more,vlans]/trunk priority/required[/vswitch/[mac]/os macs/qos]."),
        optional("virtual_scsi_adapters", adapter_list(Type::kScsiAdapter),
                 "slot/client or server/[remote id]/[remote name]/[remote slot]/required."),
        optional("virtual_fc_adapters", adapter_list(Type::kFcAdapter),
                 "slot/client or server/[remote id]/[remote name]/remote slot/[wwpn,wwpn]/required."),
    });
    profile.at_most_one = {"shared_proc_pool_id", "shared_proc_pool_name"};
    return profile;
}

Spec partitions_spec() {
    auto partitions =
        named(KeyForm::kName,
              map_of({
                  required("system", simple(Type::kName), "The server it is on."),
                  required("lpar_id", integer(1, 1000), "Partition number, unique on its server."),
                  optional("lpar_env", word({"aixlinux", "os400", "vioserver"}), "What kind of operating system.",
                           "aixlinux"),
                  optional("state", word({"running", "not_activated"}), "At the start of the run.", "running"),
                  optional("auto_start", simple(Type::kBoolean), "Started by the server itself when it is powered on.",
                           "false"),
                  optional("allow_perf_collection", simple(Type::kBoolean),
                           "May see the use of the whole shared pool (app of lparstat).", "false"),
                  depends("boot_time", duration_spec(kSecond, 7'200 * kSecond),
                          "Operating system, from loader to services.", "by environment"),
                  depends("shutdown_time", duration_spec(0, 7'200 * kSecond), "An orderly stop.", "by environment"),
                  optional("profile", profile_spec(), "What it asks for when it is activated."),
                  optional("os", word({"aix", "linux"}), "Operating system of an aixlinux partition.", "aix"),
                  optional("processors", processors_spec(), "How AIX uses its processors."),
                  optional("memory", operating_system_memory_spec(), "How the operating system uses its memory."),
                  optional("devices", devices_spec(), "Device attributes, in AIX's words."),
                  depends("interfaces", interfaces_spec(), "IP interfaces (en0, en1, ...).",
                          "one on each virtual Ethernet adapter that is no trunk; none on a VIOS"),
                  optional("link_aggregations", link_aggregations_spec(Type::kText),
                           "A client's EtherChannels by device name (ent2), Network Interface Backup too."),
                  optional("routes", routes_spec(), "Default routes, to hosts that are behind a gateway."),
                  optional("network_options", map_of(attribute_keys(aix::network_options())),
                           "Tunables of the command no; they concern routes."),
                  optional("vios", virtual_io_server_spec(),
                           "What a Virtual I/O Server serves; with lpar_env vioserver only."),
                  optional("workload", workload_spec(), "What the partition does all the time."),
              }));
    partitions.items_min = 1;
    return partitions;
}

}  // namespace pvmsim::scenarios
