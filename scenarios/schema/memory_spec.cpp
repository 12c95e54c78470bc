// Memory virtualization in the file: `systems.X.mempool`, how a partition's operating system uses its memory
// (`partitions.X.memory`) and what its programs do with it (`workload.memory`). Key names are those of lshwres -r
// mempool, of the profile and of AIX where they have one.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

}  // namespace

Spec memory_size(std::int64_t low_bytes) {
    auto spec = simple(Type::kMemory);
    spec.low = low_bytes;
    spec.high = std::int64_t{1} << 46;
    return spec;
}

Spec dedup_table_ratio_spec() { return word({"1:256", "1:512", "1:1024", "1:2048", "1:4096", "1:8192"}); }

Spec memory_pool_spec() {
    auto vioses = list_of(simple(Type::kName));
    vioses.items_min = 1;
    return map_of({
        required("pool_mem", memory_size(0), "Size of the pool."),
        depends("max_pool_mem", memory_size(std::int64_t{1} << 20), "The pool can grow so far while it is in use.",
                "pool_mem"),
        required("paging_vios_names", std::move(vioses), "One or two Virtual I/O Servers that page for the pool."),
        optional("paging_devices", list_of(simple(Type::kLunName)),
                 "Logical units (array.lun) that hold what does not fit, one for each shared-memory partition; masked "
                 "to both paging VIOSes, one is redundant."),
        optional("mem_dedup", simple(Type::kBoolean), "Active Memory Deduplication, for the pool as a whole.", "false"),
        optional("dedup_table_ratio", dedup_table_ratio_spec(), "Deduplication table to max_pool_mem.", "1:1024"),
        optional("sampling_interval", duration_spec(kSecond / 10, 600 * kSecond),
                 "How often the hypervisor weighs who uses its pages.", "5s"),
        optional("low_water_per_mille", integer(1, 400), "Free pages of the pool below which it takes pages away.",
                 "5"),
        optional("high_water_per_mille", integer(2, 500), "It goes on until so many are free.", "10"),
        optional("paging_latency", duration_spec(0, kSecond),
                 "From the hypervisor to the paging VIOS and back, without the VIOS's work.", "20us"),
    });
}

/// Defaults equal those of aix::MemoryConfig; a test holds them together.
Spec operating_system_memory_spec() {
    auto ratio = decimal(100, 10'000);
    auto cost = decimal(0, 1'000);
    cost.decimals = 5;
    return map_of({
        optional("os_level", simple(Type::kText), "Systems of the same level have the same program text in memory.",
                 "7100-01-04"),
        optional("kernel", memory_size(0), "Pinned; at most a quarter of the memory.", "192MB"),
        optional("os_text", memory_size(0), "Program text of the operating system; at most a quarter of the memory.",
                 "256MB"),
        depends("file_cache", memory_size(0), "Files in memory after running for long.", "10 % of the memory"),
        optional("file_set", simple(Type::kName), "Systems with the same file set have the same files cached."),
        depends("heap_distinct", integer(0, 1'000'000'000),
                "Pages of its programs take one of so many contents; 0: no two are equal.", "0"),
        optional("ams_loan_policy", integer(0, 2), "What AIX lends: 0 nothing, 1 file cache, 2 other pages too (vmo).",
                 "1"),
        optional("os_paging_space", memory_size(0), "The system's own paging space, hd6.", "512MB"),
        optional("os_paging_latency", duration_spec(0, kSecond), "To read a page from it.", "5ms"),
        optional("os_update_time", duration_spec(kSecond, kDay), "update_os writes the files in this time.", "10min"),
        optional("compression_ratio", std::move(ratio), "Expanded memory: how far its programs' pages shrink.", "2.0"),
        optional("compression_cores_per_gb", std::move(cost),
                 "Expanded memory: cores for each GB of the working set that is compressed.", "0.18544"),
        optional("compression_accelerated", simple(Type::kBoolean),
                 "Expanded memory: POWER7+ compresses with its accelerator, at a fifth of that cost.", "false"),
    });
}

/// Defaults equal those of aix::MemoryLoadConfig; a test holds them together.
Spec memory_workload_spec() {
    auto steps = list_of(map_of({
        required("at", duration_spec(0, 366 * kDay), "From this moment."),
        required("working_set", memory_size(std::int64_t{1} << 20), "Its size."),
    }));
    steps.items_min = 1;
    return map_of({
        required("working_set", memory_size(std::int64_t{1} << 20), "Pages that the programs use."),
        optional("steps", std::move(steps), "Later sizes of the working set."),
        depends("heap", memory_size(std::int64_t{1} << 20), "What the working set moves through.",
                "the largest working set, twice that with drift"),
        optional("drift", memory_size(0), "Each second so much leaves the working set, and so much is new to it.",
                 "0MB"),
        optional("hot", simple(Type::kPercent), "Of the working set: used in every tick.", "20%"),
        optional("locality", simple(Type::kPercent), "Of all references go to the hot part.", "90%"),
        optional("writes", simple(Type::kPercent), "Of the references.", "25%"),
        optional("threads", integer(1, 1024), "So many pages can be waited for at once.", "4"),
        optional("tick", duration_spec(kSecond / 100, 60 * kSecond), "How often the hot part is used.", "1s"),
        optional("slices", integer(1, 1000), "Of a tick: its references come in so many parts.", "10"),
        optional("starts_warm", simple(Type::kBoolean), "The first tick uses every page: data have been loaded.",
                 "true"),
        optional("start", duration_spec(0, kDay), "When it begins.", "0s"),
    });
}

/// Of a timeline's workload: what can change while the programs run.
Spec memory_workload_change_spec() {
    return map_of({required("working_set", memory_size(std::int64_t{1} << 20), "Pages that the programs use.")});
}

}  // namespace pvmsim::scenarios
