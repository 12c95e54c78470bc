// Creating a managed system, and finding things in it. Configuration is checked here once, so that the parts can rely
// on it: known model, cores and memory within the model, whole LMBs, distinct slots.
#include "hypervisor/managed_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "hypervisor/dispatch/exact/exact_dispatcher.hpp"
#include "hypervisor/dispatch/steady_dispatcher.hpp"
#include "hypervisor/managed_system_state.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::size_t kSerialLength = 7;
constexpr std::array<std::uint64_t, 5> kLmbSizesMib{16, 32, 64, 128, 256};
constexpr std::uint32_t kFirstDrcIndex = 0x2101'0200;
constexpr std::uint32_t kFirstBusId = 0x200;

Result<void> check_names(const sim::Engine& engine, const SystemConfig& config) {
    if (config.name.empty()) return sim::fail(ErrorCode::kInvalidProfile, "a managed system needs a name");
    if (engine.find(config.name) != sim::kNoEntity)
        return sim::fail(ErrorCode::kDuplicate,
                         fmt::format("managed system {}: the name is taken already", config.name));
    const auto is_serial_letter = [](unsigned char letter) { return std::isdigit(letter) || std::isupper(letter); };
    if (config.serial_num.size() != kSerialLength || !std::ranges::all_of(config.serial_num, is_serial_letter))
        return sim::fail(ErrorCode::kInvalidProfile,
                         fmt::format("managed system {}: serial_num {} is not {} digits and capital letters",
                                     config.name, config.serial_num, kSerialLength));
    return {};
}

Result<void> check_size(const SystemConfig& config, const SystemModel& model) {
    PVMSIM_TRY(check_cores(config, model));
    if (config.memory_bytes > model.memory_max_gib * kGibibyte)
        return sim::fail(
            ErrorCode::kBeyondModel,
            fmt::format("managed system {}: {} MB of memory; a {} ({}) has at most {} GB", config.name,
                        config.memory_bytes / kMebibyte, model.type_model, model.name, model.memory_max_gib));
    const std::uint64_t lmb = config.mem_region_size_mib;
    if (lmb != 0 && std::ranges::find(kLmbSizesMib, lmb) == kLmbSizesMib.end())
        return sim::fail(ErrorCode::kInvalidProfile,
                         fmt::format("managed system {}: mem_region_size {} MB is not one of 16, 32, 64, 128, 256",
                                     config.name, lmb));
    return {};
}

/// Puts in what was left out: the model's maximum, the default LMB, slots' places and DRC indexes.
void complete(SystemConfig& config, const SystemModel& model) {
    complete_cores(config, model);
    if (config.memory_bytes == 0) config.memory_bytes = model.memory_max_gib * kGibibyte;
    if (config.mem_region_size_mib == 0) config.mem_region_size_mib = default_lmb_mib(config.memory_bytes / kMebibyte);
    if (config.firmware_level.empty()) config.firmware_level = model.firmware_level;
    std::set<DrcIndex> taken;
    for (const PhysicalSlotConfig& slot : config.slots) taken.insert(slot.drc_index);
    std::uint32_t ordinal = 0;
    for (PhysicalSlotConfig& slot : config.slots) {
        if (slot.unit_phys_loc.empty()) slot.unit_phys_loc = "U78AA.001." + config.serial_num;
        if (slot.drc_index != DrcIndex{}) continue;
        do ++ordinal;
        while (!taken.insert(DrcIndex{kFirstDrcIndex + ordinal}).second);
        slot.drc_index = DrcIndex{kFirstDrcIndex + ordinal};
        if (slot.bus_id == 0) slot.bus_id = kFirstBusId + ordinal;
    }
}

Result<void> check_completed(const SystemConfig& config) {
    const std::uint64_t lmb_bytes = config.mem_region_size_mib * kMebibyte;
    if (config.memory_bytes == 0 || config.memory_bytes % lmb_bytes != 0)
        return sim::fail(
            ErrorCode::kInvalidProfile,
            fmt::format("managed system {}: {} bytes of memory are not a multiple of the {} MB logical memory "
                        "block",
                        config.name, config.memory_bytes, config.mem_region_size_mib));
    std::set<DrcIndex> indexes;
    std::set<std::string> places;
    for (const PhysicalSlotConfig& slot : config.slots) {
        const std::string place = PhysicalSlot{slot, kNoPartition}.drc_name();
        if (slot.location.empty())
            return sim::fail(ErrorCode::kInvalidProfile,
                             fmt::format("managed system {}: a slot needs a location", config.name));
        if (!indexes.insert(slot.drc_index).second)
            return sim::fail(ErrorCode::kDuplicate, fmt::format("managed system {}: drc_index {:08x} names two slots",
                                                                config.name, slot.drc_index.value()));
        if (!places.insert(place).second)
            return sim::fail(ErrorCode::kDuplicate,
                             fmt::format("managed system {}: two slots at {}", config.name, place));
    }
    return {};
}

void digest_shared_memory(sim::Digest& digest, const Partition& partition) {
    if (partition.profile.mem_mode != MemoryMode::kShared) return;
    const GivenSharedMemory& given = partition.given.shared_memory;
    digest.add(given.mem_weight);
    digest.add(given.io_entitled_mib);
    digest.add(given.primary_paging_vios);
    digest.add(given.secondary_paging_vios);
    digest.add(given.paging_unit);
}

/// TurboCore uses half of the cores of every chip.
std::unique_ptr<Dispatcher> make_dispatcher(const SystemConfig& config) {
    if (config.dispatch == DispatchMode::kFluid) return std::make_unique<SteadyDispatcher>();
    ExactTopology topology{.cores = usable_cores_of(config)};
    if (config.turbo_core) topology.cores_per_chip /= 2;
    return std::make_unique<ExactDispatcher>(topology, ExactCosts{});
}

}  // namespace

ManagedSystem::State::State(sim::Engine& engine_used, SystemConfig config_used, const SystemModel& model_used,
                            PoolTable pools_used)
    : engine(engine_used),
      config(std::move(config_used)),
      model(model_used),
      usable_cores(usable_cores_of(config)),
      pools(std::move(pools_used)),
      physical_memory({.installed_mib = config.memory_bytes / kMebibyte, .lmb_mib = config.mem_region_size_mib},
                      config.hypervisor_memory),
      crq_transport(engine, config.crq_latency),
      ethernet(engine, config.name, config.virtual_ethernet_latency),
      processors(make_dispatcher(config)),
      wwpns(system_digits(config.type_model, config.serial_num)) {
    processors->set_cores(usable_cores);
    for (const ProcessorPoolConfig& pool : config.shared_proc_pools) tell_dispatcher(pool);
    count_shared_cores();
    for (const PhysicalSlotConfig& slot : config.slots) physical_slots.push_back({slot, kNoPartition});
}

std::string_view to_string(DispatchMode mode) { return mode == DispatchMode::kExact ? "exact" : "fluid"; }

Result<std::unique_ptr<ManagedSystem>> ManagedSystem::create(sim::Engine& engine, SystemConfig config) {
    const SystemModel* const model = find_system_model(config.type_model);
    if (model == nullptr) {
        std::string known;
        for (const SystemModel& other : system_models()) known += fmt::format(" {}", other.type_model);
        return sim::fail(ErrorCode::kUnknownModel,
                         fmt::format("managed system {}: type_model {} is not known; known are{}", config.name,
                                     config.type_model, known));
    }
    PVMSIM_TRY(check_names(engine, config));
    PVMSIM_TRY(check_size(config, *model));
    complete(config, *model);
    PVMSIM_TRY(check_completed(config));
    PVMSIM_TRY_ASSIGN(PoolTable pools, State::first_pools(config, *model));
    auto state = std::make_unique<State>(engine, std::move(config), *model, std::move(pools));
    PVMSIM_TRY(state->create_first_pool());
    return std::unique_ptr<ManagedSystem>(new ManagedSystem(std::move(state)));
}

ManagedSystem::ManagedSystem(std::unique_ptr<State> state) : state_(std::move(state)) {
    state_->entity = state_->engine.add(*this, state_->config.name);
}

ManagedSystem::~ManagedSystem() { state_->engine.remove(state_->entity); }

CrqTransport& ManagedSystem::crq() { return state_->crq_transport; }
VirtualEthernet& ManagedSystem::virtual_ethernet() { return state_->ethernet; }
Dispatcher& ManagedSystem::dispatcher() { return *state_->processors; }
const Dispatcher& ManagedSystem::dispatcher() const { return *state_->processors; }
const PhysicalMemory& ManagedSystem::memory() const { return state_->physical_memory; }
const SystemConfig& ManagedSystem::config() const { return state_->config; }
const SystemModel& ManagedSystem::model() const { return state_->model; }
sim::EntityId ManagedSystem::entity() const { return state_->entity; }

const Partition* ManagedSystem::find_partition(std::string_view name) const {
    for (const auto& record : state_->records)
        if (record->partition.name == name) return &record->partition;
    return nullptr;
}

Partition* ManagedSystem::find_partition(std::string_view name) {
    for (const auto& record : state_->records)
        if (record->partition.name == name) return &record->partition;
    return nullptr;
}

Partition& ManagedSystem::partition(PartitionId id) {
    State::Record* const record = state_->record_of(id);
    PVMSIM_ASSERT(record != nullptr);
    return record->partition;
}

const Partition& ManagedSystem::partition(PartitionId id) const {
    const State::Record* const record = state_->record_of(id);
    PVMSIM_ASSERT(record != nullptr);
    return record->partition;
}

bool ManagedSystem::has_partition(PartitionId id) const { return state_->record_of(id) != nullptr; }

std::vector<const Partition*> ManagedSystem::partitions() const {
    std::vector<const Partition*> all;
    for (const auto& record : state_->records) all.push_back(&record->partition);
    return all;
}

const PhysicalSlot* ManagedSystem::find_slot(DrcIndex index) const { return std::as_const(*state_).slot_of(index); }

const PhysicalSlot* ManagedSystem::find_slot(std::string_view location) const {
    for (const PhysicalSlot& slot : state_->physical_slots) {
        const std::string_view place = slot.config.location;
        const bool is_short = location == place || (location.starts_with("P1-") && location.substr(3) == place);
        if (is_short || location == slot.drc_name()) return &slot;
    }
    return nullptr;
}

const std::vector<PhysicalSlot>& ManagedSystem::slots() const { return state_->physical_slots; }

std::string ManagedSystem::virtual_location(PartitionId id, SlotNumber slot) const {
    std::string type_model = state_->config.type_model;
    std::ranges::replace(type_model, '-', '.');
    return fmt::format("U{}.{}-V{}-C{}", type_model, state_->config.serial_num, id.value(), slot.value());
}

void ManagedSystem::digest(sim::Digest& digest) const {
    const State& state = *state_;
    for (const auto& record : state.records) {
        const Partition& partition = record->partition;
        digest.add(partition.id);
        digest.add(partition.state);
        digest.add(partition.hung);
        digest.add(partition.given.memory_mib);
        digest.add(partition.given.proc_units.hundredths);
        digest.add(partition.given.procs);
        digest_shared_memory(digest, partition);
        digest.add(record->activated_mib);
        if (record->memory_operation) record->memory_operation->digest(digest);
    }
    state.pools.digest(digest);
    for (const PhysicalSlot& slot : state.physical_slots) digest.add(slot.owner);
    digest.add(state.wwpns.pairs_left());
    state.physical_memory.digest(digest);
    state.paging_spaces.digest(digest);
    for (const State::PagingPeer& peer : state.paging_peers) {
        digest.add(peer.vios);
        digest.add(peer.is_silent);
        digest.add(peer.is_attached);
    }
    state.crq_transport.digest(digest);
    state.ethernet.digest(digest);
    state.processors->digest(digest);
}

}  // namespace pvmsim::hypervisor
