// `systems:` - the servers: machine type, what is installed, physical slots with their adapters and cables.
// Key names are those of lssyscfg -r sys and lshwres -r io --rsubtype slot.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Spec slots_spec() {
    auto port_keys = lan_port_keys();
    port_keys.push_back(depends("speed", bandwidth(1),
                                "Ethernet: of the link, 100Mbit/s, 1Gbit/s, 10Gbit/s or 40Gbit/s; what flows get.",
                                "10 or 40 Gbit/s if the slot's description says so, else 1Gbit/s"));
    port_keys.push_back(
        depends("mac", simple(Type::kMac), "Ethernet: the burned-in address.", "made from the port's name"));
    port_keys.push_back(
        depends("wwpn", simple(Type::kWwpn), "Fibre Channel: the port's own name.", "made from the port's name"));
    return named(
        KeyForm::kSlotOfServer,
        map_of({
            required("adapter", word({"ethernet", "fc", "sas", "other", "empty"}), "What is in the slot."),
            depends("ports", named(KeyForm::kPortOfAdapter, map_of(std::move(port_keys))),
                    "Ports and where their cables go.", "none"),
            depends("description", simple(Type::kText), "As lshwres prints it.", "by adapter"),
            depends("drc_index", simple(Type::kDrcIndex), "The slot's number for the HMC, 8 hex digits.",
                    "21010001 and on"),
            depends("unit_phys_loc", simple(Type::kText), "Enclosure, like U78AA.001.WZSG001.", "one for the system"),
            optional("bus_id", integer(0, 65535), "Bus number as lshwres prints it.", "0"),
        }));
}

Spec vswitches_spec() {
    return named(KeyForm::kName,
                 map_of({
                     optional("switch_mode", word({"VEB", "VEPA"}),
                              "VEB switches between partitions itself; VEPA leaves that to the switch outside.", "VEB"),
                 }));
}

Spec pools_spec() {
    return named(KeyForm::kName,
                 map_of({
                     depends("shared_proc_pool_id", integer(1, 63), "Number of the pool.", "that in SharedPool01"),
                     required("max_pool_proc_units", integer(0, 1024),
                              "Whole processors that its partitions use at most, together; 0: not active."),
                     optional("reserved_pool_proc_units", decimal(0, 102400),
                              "Capacity for its uncapped partitions, beside their entitlements.", "0"),
                 }));
}

}  // namespace

Spec systems_spec() {
    auto memory = simple(Type::kMemory);
    memory.low = std::int64_t{1} << 30;
    memory.high = std::int64_t{1} << 46;
    auto region = simple(Type::kMemory);
    region.low = std::int64_t{16} << 20;
    region.high = std::int64_t{256} << 20;
    auto systems =
        named(KeyForm::kName,
              map_of({
                  required("type_model", simple(Type::kText), "Machine type and model, 8205-E6C is a Power 740."),
                  optional("serial_num", simple(Type::kSerialNumber),
                           "Serial number, 7 characters; digits alone need quotes.", "06ABCDE"),
                  depends("cores", integer(1, 1024), "Configurable (activated) cores.", "all that are installed"),
                  depends("cores_installed", integer(1, 1024),
                          "Installed cores; more than cores: the rest is on demand.", "cores, or all of the model"),
                  optional("turbo_core", simple(Type::kBoolean),
                           "TurboCore: at most half of the installed cores run (Power 780, 795).", "false"),
                  depends("memory", std::move(memory), "Installed memory.", "the model's maximum"),
                  depends("mem_region_size", std::move(region), "Logical memory block.", "by installed memory"),
                  optional("edition", word({"express", "standard", "enterprise"}), "PowerVM edition.", "enterprise"),
                  optional("dispatch", word({"fluid", "exact", "auto"}),
                           "Processor time: steady shares between changes of demand, or 10 ms windows; auto: windows "
                           "when the run is short and small enough.",
                           "fluid"),
                  optional("shared_proc_pools", pools_spec(),
                           "Shared processor pools beside DefaultPool, by name; Standard and Enterprise Edition."),
                  optional("mempool", memory_pool_spec(), "The shared memory pool; Enterprise Edition."),
                  optional("vswitches", vswitches_spec(),
                           "Virtual switches by name; ETHERNET0 is always there. When this is said, adapters name no "
                           "others."),
                  depends("hmc_level", simple(Type::kText), "Level of the HMC that manages it.", "V7R7.7.0"),
                  optional("active_mem_expansion_capable", simple(Type::kBoolean),
                           "The activation code of Active Memory Expansion is entered.", "false"),
                  depends("firmware_level", simple(Type::kText), "System firmware.", "a usual level of the model"),
                  optional("slots", slots_spec(), "Physical I/O slots by location (C2, P1-C2)."),
                  optional("virtual_ethernet_latency", duration_spec(0, kSecond),
                           "Copy of a frame and interrupt of its receiver.", "10us"),
                  optional("crq_latency", duration_spec(0, kSecond), "An entry of a command queue between partitions.",
                           "10us"),
                  optional("firmware_boot_time", duration_spec(0, 3'600 * kSecond),
                           "From activation until the OS loader runs.", "15s"),
              }));
    systems.items_min = 1;
    return systems;
}

}  // namespace pvmsim::scenarios
