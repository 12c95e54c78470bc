// Writing measures of memory; see memory_json.hpp. Sizes are bytes in pages' company and MiB in that of logical memory
// blocks, as their names say.
#include "scenarios/results/memory_json.hpp"

#include "hypervisor/memory/page.hpp"

namespace pvmsim::scenarios {
namespace {

namespace json = boost::json;

std::uint64_t bytes(std::uint64_t pages) { return pages * hypervisor::kPageBytes; }

json::object shared_json(const SharedMemoryMeasures& shared) {
    const auto& counters = shared.counters;
    return {{"mem_weight", shared.weight},
            {"physical_bytes", shared.pmem_bytes},
            {"loaned_bytes", bytes(counters.loaned)},
            {"expropriated_bytes", bytes(counters.expropriated)},
            {"donation_bytes", bytes(counters.donation)},
            {"coalesced_bytes", bytes(counters.coalesced)},
            {"io_entitled_bytes", shared.io_entitled_bytes},
            {"io_mapped_bytes", bytes(counters.io_mapped)},
            {"io_mapped_max_bytes", bytes(counters.io_mapped_max)},
            {"page_ins", counters.page_ins},
            {"page_outs", counters.page_outs},
            {"zero_filled", counters.zero_filled},
            {"copies", counters.copies},
            {"page_in_mean_s", shared.page_in_mean_s()},
            {"page_in_max_s", sim::to_seconds(counters.page_in_max)}};
}

json::object expansion_json(const ExpansionMeasures& expansion) {
    return {{"factor", expansion.factor},
            {"true_bytes", expansion.true_bytes},
            {"expanded_bytes", expansion.expanded_bytes},
            {"uncompressed_bytes", expansion.uncompressed_bytes},
            {"compressed_bytes", expansion.compressed_bytes},
            {"in_use_bytes", expansion.in_use_bytes},
            {"deficit_bytes", expansion.deficit_bytes},
            {"cpu_mean", expansion.cpu_mean}};
}

json::object load_json(const aix::MemoryLoadResult& load) {
    return {{"references_wanted", load.references_wanted},
            {"references_done", load.references_done},
            {"references_refused", load.references_refused},
            {"slowdown", load.slowdown},
            {"page_waits", load.page_waits},
            {"wait_p50_s", sim::to_seconds(load.wait_p50)},
            {"wait_p95_s", sim::to_seconds(load.wait_p95)},
            {"wait_max_s", sim::to_seconds(load.wait_max)},
            {"longest_stall_s", sim::to_seconds(load.stall_longest)},
            {"total_stall_s", sim::to_seconds(load.stall_total)}};
}

}  // namespace

json::object memory_json(const MemoryMeasures& memory) {
    json::object object{{"mem_mode", memory.is_shared ? "shared" : "ded"},
                        {"assigned_mib", memory.assigned_mib},
                        {"min_mib", memory.min_mib},
                        {"max_mib", memory.max_mib},
                        {"page_table_mib", memory.page_table_mib}};
    if (!memory.is_shared)
        object["scatter"] = {{"blocks", memory.scatter.blocks},
                             {"runs", memory.scatter.runs},
                             {"longest_run", memory.scatter.longest_run}};
    if (memory.shared) object["shared"] = shared_json(*memory.shared);
    if (memory.expansion) object["expansion"] = expansion_json(*memory.expansion);
    if (memory.load) object["workload"] = load_json(*memory.load);
    return object;
}

json::object memory_json(const SystemMemoryMeasures& memory) {
    const auto& hypervisor = memory.hypervisor;
    return {{"installed_mib", memory.installed_mib},
            {"available_mib", memory.available_mib},
            {"mem_region_size_mib", memory.lmb_mib},
            {"hypervisor",
             {{"total_mib", hypervisor.total_mib()},
              {"base_mib", hypervisor.base_mib},
              {"page_tables_mib", hypervisor.page_tables_mib},
              {"virtual_slots_mib", hypervisor.virtual_slots_mib},
              {"shared_pool_mib", hypervisor.shared_pool_mib},
              {"rounding_mib", hypervisor.rounding_mib}}}};
}

json::object memory_pool_json(const MemoryPoolMeasures& pool) {
    const auto& counters = pool.counters;
    return {{"pool_mem_mib", pool.size_mib},
            {"max_pool_mem_mib", pool.max_mib},
            {"logical_mib", pool.logical_mib},
            {"used_bytes", bytes(counters.used)},
            {"free_bytes", bytes(counters.free)},
            {"overage_bytes", bytes(counters.overage)},
            {"overcommitment", to_string(pool.overcommitment)},
            {"page_ins", pool.page_ins},
            {"mem_dedup", pool.mem_dedup},
            {"dedup_table_ratio", pool.dedup_table_ratio},
            {"coalesced_bytes", bytes(counters.coalesced)},
            {"merges", counters.merges},
            {"copies", counters.copies},
            {"scanned", counters.scanned},
            {"coalescing_cycles", counters.coalescing_cycles}};
}

}  // namespace pvmsim::scenarios
