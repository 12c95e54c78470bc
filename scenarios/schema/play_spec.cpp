// `timeline:` and `expect:` - what happens, and what must hold at the end.
// Fault names are the ones that the results print.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kYear = 366 * 86'400 * kSecond;

/// Of partitions first, then of servers.
std::vector<Key> expected_memory_keys() {
    return {
        optional("assigned_mem", simple(Type::kMemoryBound), "Memory that it has, at the end."),
        optional("pmem", simple(Type::kMemoryBound), "Shared memory: physical memory behind it, at the end."),
        optional("loaned", simple(Type::kMemoryBound), "Shared memory: what it has lent to the pool, at the end."),
        optional("page_ins", simple(Type::kCountBound), "Shared memory: pages read back from paging devices."),
        optional("page_in_mean", simple(Type::kDurationBound), "Mean wait for one of them."),
        optional("page_in_max", simple(Type::kDurationBound), "Longest wait for one of them."),
        optional("memory_stall", simple(Type::kDurationBound),
                 "Longest time that its programs got no further for want of memory."),
        optional("memory_deficit", simple(Type::kMemoryBound),
                 "Expanded memory: what compression could not provide, at the end."),
        optional("ame_cpu", simple(Type::kDecimalBound), "Expanded memory: mean of cores spent on compression."),
        optional("pool_used", simple(Type::kMemoryBound), "Servers: used of the shared memory pool, at the end."),
        optional("coalesced", simple(Type::kMemoryBound),
                 "What deduplication saves at the end: of a server's pool; of a partition, its pages that share."),
        optional("overcommitment", word({"none", "logically", "physically"}),
                 "Servers: class of the shared memory pool at the end."),
        optional("hypervisor_mem", simple(Type::kMemoryBound), "Servers: what the hypervisor keeps for itself."),
        optional("available_mem", simple(Type::kMemoryBound), "Servers: installed memory that nobody has."),
    };
}

/// What breaks, and is mended.
std::vector<Key> fault_keys() {
    const auto kinds = word({"power-off", "shutdown", "crash", "hang", "link-down", "cable-half-open", "port-down",
                             "switch-down", "controller-down", "host-down", "slow"});
    auto fault = optional("fault", kinds, "What breaks.");
    fault.needs = {"target"};
    auto repair = optional("repair", kinds, "What is mended: a partition is activated again, a cable put back.");
    repair.needs = {"target"};
    auto target =
        optional("target", simple(Type::kText),
                 "A partition, switch, host or array; system/C2-T1 or sw1/sw2 (cables), array/A (controller).");
    auto side =
        optional("side", word({"near", "far"}),
                 "cable-half-open: who hears nothing, the server (or the switch named first) or the other end.");
    side.needs = {"fault"};
    auto latency =
        optional("latency", duration_spec(1, 3'600 * kSecond), "slow: added to every frame, command or service.");
    latency.needs = {"fault"};
    auto length = optional("for", duration_spec(1, kYear), "Mended by itself after this.");
    length.needs = {"fault"};
    return {std::move(fault), std::move(repair),  std::move(target),
            std::move(side),  std::move(latency), std::move(length)};
}

/// chdev, and the attributes that chhwres takes too.
std::vector<Key> chdev_keys() {
    auto on = optional("on", simple(Type::kName), "Where it is typed: a partition, or hmc (chhwres).");
    auto chdev = optional("chdev", simple(Type::kText), "Changes attributes of this device (ent8, hdisk0).");
    chdev.needs = {"on", "attr"};
    auto attributes = named(KeyForm::kName, simple(Type::kAttributeText));
    attributes.items_min = 1;
    auto attr = optional("attr", std::move(attributes), "chdev, chhwres: attributes and their new values.");
    return {std::move(on), std::move(chdev), std::move(attr)};
}

/// What is typed at the HMC.
std::vector<Key> hmc_keys() {
    auto chhwres = optional("chhwres", word({"proc", "procpool", "mem", "mempool", "eth", "vswitch"}),
                            "Changes the processors or the memory of a running partition, a shared processor pool, "
                            "the shared memory pool, a virtual Ethernet adapter or a virtual switch.");
    chhwres.needs = {"on"};
    auto partition = optional("partition", simple(Type::kName), "chhwres: proc, mem, eth: the partition.");
    partition.needs = {"chhwres"};
    auto system = optional("system", simple(Type::kName), "chhwres: procpool, mempool, vswitch: the server.");
    system.needs = {"chhwres"};
    auto op = optional("op", word({"add", "remove", "move", "set"}),
                       "chhwres: mem: what is done with its memory; set: what it shall have.");
    op.needs = {"chhwres"};
    auto quantity = optional("quantity", memory_size(std::int64_t{1} << 20), "chhwres: mem: how much.");
    quantity.needs = {"op"};
    auto to = optional("to", simple(Type::kName), "chhwres: mem, op: move: the partition that gets it.");
    to.needs = {"op"};
    auto pool = optional("pool", simple(Type::kName), "chhwres: procpool: the pool's name.");
    pool.needs = {"chhwres", "system"};
    auto slot = optional("slot", simple(Type::kVirtualSlot),
                         "chhwres: eth: the adapter; attr: addl_vlan_ids, or with + or - behind it to add or remove.");
    slot.needs = {"chhwres", "partition"};
    auto vswitch = optional("vswitch", simple(Type::kName), "chhwres: vswitch: its name; attr: switch_mode.");
    vswitch.needs = {"chhwres", "system"};
    return {std::move(chhwres), std::move(partition), std::move(op),   std::move(quantity), std::move(to),
            std::move(system),  std::move(pool),      std::move(slot), std::move(vswitch)};
}

/// What is done to an operating system and what runs in it.
std::vector<Key> system_keys() {
    auto schedo = optional(
        "schedo",
        map_of({required("vpm_xvcpus", integer(-1, 256), "Virtual processors more than needed; -1: no folding.")}),
        "Changes a tunable of the scheduler.");
    schedo.needs = {"on"};
    auto smtctl = optional("smtctl", integer(1, 4), "Threads of a processor from now on: 1, 2 or 4.");
    smtctl.needs = {"on"};
    auto vmo = optional("vmo",
                        map_of({required("ams_loan_policy", integer(0, 2),
                                         "What AIX lends: 0 nothing, 1 file cache, 2 other pages too.")}),
                        "Changes a tunable of virtual memory.");
    vmo.needs = {"on"};
    auto update_os = optional("update_os", simple(Type::kText),
                              "The operating system is updated to this level: its text is written anew.");
    update_os.needs = {"on"};
    auto workload = optional(
        "workload",
        map_of({required("memory", memory_workload_change_spec(), "What its programs do with memory from now on.")}),
        "The partition's programs do something else.");
    workload.needs = {"on"};
    return {std::move(schedo), std::move(smtctl), std::move(vmo), std::move(update_os), std::move(workload)};
}

}  // namespace

Spec timeline_spec() {
    std::vector<Key> keys{required("at", duration_spec(0, kYear), "When, from the start of the run.")};
    for (const auto& part : {fault_keys(), chdev_keys(), hmc_keys(), system_keys()})
        keys.insert(keys.end(), part.begin(), part.end());
    auto step = map_of(std::move(keys));
    step.exactly_one = {{"fault", "repair", "chdev", "chhwres", "schedo", "smtctl", "vmo", "update_os", "workload"}};
    return list_of(std::move(step));
}

Spec watch_spec() {
    return map_of({
        required("every", duration_spec(10'000'000, kYear), "Length of an interval; rows are its means."),
        depends("partitions", choice({simple(Type::kText), list_of(simple(Type::kText))}),
                "all (every partition but VIOSes), a name, a range app[01-05], or a list of these.", "every partition"),
        optional("pools", simple(Type::kBoolean), "Rows for the shared processor pools too.", "false"),
        optional("memory", simple(Type::kBoolean),
                 "Rows of lparstat -m for shared-memory partitions, of lparstat -c for expanded ones, and of the "
                 "shared memory pool.",
                 "false"),
        optional("network", simple(Type::kBoolean), "Rows of what flows offered and got through, and of bridges.",
                 "false"),
        depends("processors", simple(Type::kBoolean), "Rows of lparstat.", "true, unless memory or network is watched"),
        optional("amepat", choice({simple(Type::kText), list_of(simple(Type::kText))}),
                 "At the end of the run: amepat in these partitions."),
    });
}

/// Of flows, and of what bridges them.
std::vector<Key> expected_flow_keys() {
    return {
        optional("flow_outage", simple(Type::kDurationBound), "Longest outage of its flows."),
        optional("flow_outage_total", simple(Type::kDurationBound), "Outages of a flow together."),
        optional("flow_rate", simple(Type::kBandwidthBound),
                 "What its flows got through, all directions together, mean of the time they were used; the slowest."),
        optional("flow_lost", simple(Type::kMemoryBound), "What a flow offered while it had no path."),
        optional("flow_cores", simple(Type::kDecimalBound),
                 "VIOSes: processors that bridging flows took, mean of the run."),
    };
}

Spec expect_spec() {
    auto several = list_of(simple(Type::kText));
    several.items_min = 1;
    const auto who = choice({simple(Type::kText), std::move(several)});
    auto sea = optional("sea", simple(Type::kText), "A SEA of these VIOSes, judged at the end of the run.");
    sea.needs = {"state"};
    auto state = optional(
        "state",
        word({"INIT", "PRIMARY", "BACKUP", "PRIMARY_SH", "BACKUP_SH", "RECOVERY", "NOTIFY", "LIMBO", "UNHEALTHY"}),
        "The state it must be in, as entstat prints it.");
    state.needs = {"sea"};
    std::vector<Key> keys{
        optional("client", who, "all (every partition but VIOSes), a name, a range app[01-05], or a list of these."),
        optional("partition", who, "The same; reads better for a VIOS."),
        optional("system", choice({simple(Type::kName), list_of(simple(Type::kName))}), "A server, for its memory."),
        depends("interface", simple(Type::kInterface), "This interface only.", "the worst of all"),
        depends("vlan", integer(1, 4094), "Interfaces in this VLAN only.", "the worst of all"),
        depends("flow", simple(Type::kName), "Flows of this name only.", "the worst of all"),
        depends("disk", simple(Type::kDisk), "This disk only.", "the worst of all"),
        optional("network_outage", simple(Type::kDurationBound), "Longest time without an answer."),
        optional("network_outage_total", simple(Type::kDurationBound), "Times without an answer together."),
        optional("disk_outage", simple(Type::kDurationBound), "Longest time an I/O was stalled."),
        optional("requests_lost", simple(Type::kCountBound), "Network requests without an answer in time."),
        optional("packets_duplicated", simple(Type::kCountBound), "Answers that came more than once."),
        optional("packets_reordered", simple(Type::kCountBound), "Answers that came after one to a later request."),
        optional("io_errors", simple(Type::kCountBound), "I/Os that failed for the application."),
        optional("io_retries", simple(Type::kCountBound), "I/Os sent again, on the same path or another."),
        optional("physc_mean", simple(Type::kDecimalBound), "Mean processor consumption in cores."),
        optional("dispatch_latency", simple(Type::kDurationBound),
                 "Longest time that a virtual processor was ready and not dispatched; dispatch: exact."),
        optional("response_mean", simple(Type::kDurationBound), "Mean response time of its bursts."),
        optional("response_p99", simple(Type::kDurationBound), "99 of 100 of its bursts are answered in this time."),
        std::move(sea),
        std::move(state),
    };
    std::vector<std::string> measures{"network_outage",
                                      "network_outage_total",
                                      "disk_outage",
                                      "requests_lost",
                                      "packets_duplicated",
                                      "packets_reordered",
                                      "io_errors",
                                      "io_retries",
                                      "physc_mean",
                                      "dispatch_latency",
                                      "response_mean",
                                      "response_p99",
                                      "sea"};
    for (auto& part : {expected_flow_keys(), expected_memory_keys()})
        for (const auto& key : part) {
            measures.push_back(key.name);
            keys.push_back(key);
        }
    auto line = map_of(std::move(keys));
    line.exactly_one = {{"client", "partition", "system"}};
    line.at_least_one = std::move(measures);
    return list_of(std::move(line));
}

}  // namespace pvmsim::scenarios
