// Defining a partition: everything is checked first, so that a refused definition changes nothing. Then addresses that
// the profile leaves open are generated; a WWPN pair belongs to its adapter from here on, whether it is ever used or
// not.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "hypervisor/managed_system_state.hpp"
#include "hypervisor/partition/check_profile.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint16_t kPartitionIdMax = 1000;
constexpr std::size_t kPartitionNameMax = 31;
constexpr std::size_t kExpressPartitionsMax = 3;   ///< R-ED-01
constexpr std::size_t kPartitionsPerCoreMax = 20;  ///< R-ED-01
constexpr std::size_t kPartitionsMax = 1000;       ///< R-ED-01
constexpr std::uint32_t kVirtualProcsMaxPower5 = 64;
constexpr std::uint32_t kVirtualProcsMax = 256;  ///< general knowledge (docs/model/partition.md)

std::size_t partitions_max(const SystemConfig& config) {
    if (config.edition == Edition::kExpress) return kExpressPartitionsMax;
    return std::min(kPartitionsMax, kPartitionsPerCoreMax * config.cores);
}

}  // namespace

Result<void> ManagedSystem::State::check_identity(const PartitionConfig& candidate) const {
    if (candidate.lpar_id == kNoPartition || candidate.lpar_id.value() > kPartitionIdMax)
        return sim::fail(ErrorCode::kInvalidProfile,
                         fmt::format("partition {}: lpar_id {} is out of range; 1..{}", candidate.name,
                                     candidate.lpar_id.value(), kPartitionIdMax));
    if (candidate.name.empty() || candidate.name.size() > kPartitionNameMax)
        return sim::fail(ErrorCode::kInvalidProfile,
                         fmt::format("partition {}: name \"{}\" must have 1..{} characters", candidate.lpar_id.value(),
                                     candidate.name, kPartitionNameMax));
    for (const auto& record : records) {
        const Partition& other = record->partition;
        if (other.id == candidate.lpar_id)
            return sim::fail(ErrorCode::kDuplicate, fmt::format("partition {}: lpar_id {} is that of {}; use another",
                                                                candidate.name, other.id.value(), other.name));
        if (other.name == candidate.name)
            return sim::fail(ErrorCode::kDuplicate,
                             fmt::format("partition {}: the name is that of partition {}; use another", candidate.name,
                                         other.id.value()));
    }
    if (records.size() >= partitions_max(config))
        return sim::fail(
            ErrorCode::kTooManyPartitions,
            fmt::format("partition {}: {} has {} partitions already, the most for its edition and {} cores",
                        candidate.name, config.name, records.size(), config.cores));
    return {};
}

/// The pool may have been there before its paging VIOSes.
Result<void> ManagedSystem::State::check_paging_role(const PartitionConfig& candidate) const {
    if (sharing == nullptr || candidate.lpar_env == PartitionEnvironment::kVioServer) return {};
    const MemoryPoolConfig& pool = sharing->pool();
    if (candidate.lpar_id != pool.primary_paging_vios && candidate.lpar_id != pool.secondary_paging_vios) return {};
    return sim::fail(ErrorCode::kInvalidProfile,
                     fmt::format("partition {}: it is a paging VIOS of {}'s shared memory pool; its lpar_env must be "
                                 "vioserver",
                                 candidate.name, config.name));
}

Result<void> ManagedSystem::State::check_slots_exist(const PartitionProfile& profile) const {
    for (const IoSlotRequest& request : profile.io_slots) {
        if (slot_of(request.drc_index) == nullptr)
            return sim::fail(ErrorCode::kSlotUnavailable,
                             fmt::format("profile {}: io_slots: {} has no slot {:08x}", profile.name, config.name,
                                         request.drc_index.value()));
    }
    return {};
}

Result<void> ManagedSystem::State::check_addresses(const PartitionConfig& candidate) const {
    const auto mac_of = [this](PartitionId id, const VirtualEthernetAdapter& adapter) {
        return adapter.mac_addr.value_or(
            default_mac(system_digits(config.type_model, config.serial_num), id, adapter.slot_num));
    };
    std::set<wire::MacAddress> macs;
    for (const auto& record : records)
        for (const VirtualEthernetAdapter& adapter : record->partition.profile.virtual_eth_adapters)
            macs.insert(mac_of(record->partition.id, adapter));
    for (const VirtualEthernetAdapter& adapter : candidate.profile.virtual_eth_adapters) {
        const wire::MacAddress mac = mac_of(candidate.lpar_id, adapter);
        if (!macs.insert(mac).second)
            return sim::fail(ErrorCode::kDuplicate,
                             fmt::format("partition {}: mac_addr {} of slot {} is in use in {} already", candidate.name,
                                         mac.to_string(), adapter.slot_num.value(), config.name));
    }
    std::uint32_t pairs_wanted = 0;
    std::set<wire::Wwpn> names;
    for (const VirtualFcAdapter& adapter : candidate.profile.virtual_fc_adapters) {
        if (adapter.adapter_type != AdapterRole::kClient) continue;
        ++pairs_wanted;
        if (!adapter.wwpns) continue;
        const bool is_new_here =
            names.insert(adapter.wwpns->first).second && names.insert(adapter.wwpns->second).second;
        if (!is_new_here || wwpns.is_known(*adapter.wwpns))
            return sim::fail(ErrorCode::kDuplicate,
                             fmt::format("partition {}: wwpns {},{} of slot {} are another adapter's", candidate.name,
                                         wire::to_string(adapter.wwpns->first), wire::to_string(adapter.wwpns->second),
                                         adapter.slot_num.value()));
    }
    if (pairs_wanted > wwpns.pairs_left())
        return sim::fail(ErrorCode::kWwpnsExhausted,
                         fmt::format("partition {}: {} WWPN pairs wanted, {} of {} left; more need an activation code",
                                     candidate.name, pairs_wanted, wwpns.pairs_left(), WwpnAllocator::kPairsMax));
    return {};
}

/// Pairs that were given are remembered before any is generated.
void ManagedSystem::State::complete_addresses(PartitionId id, PartitionProfile& profile) {
    for (VirtualEthernetAdapter& adapter : profile.virtual_eth_adapters)
        if (!adapter.mac_addr)
            adapter.mac_addr = default_mac(system_digits(config.type_model, config.serial_num), id, adapter.slot_num);
    for (const VirtualFcAdapter& adapter : profile.virtual_fc_adapters)
        if (adapter.wwpns) wwpns.remember(*adapter.wwpns);
    for (VirtualFcAdapter& adapter : profile.virtual_fc_adapters)
        if (adapter.adapter_type == AdapterRole::kClient && !adapter.wwpns) adapter.wwpns = wwpns.generate();
}

Result<Partition*> ManagedSystem::define_partition(PartitionConfig config) {
    State& state = *state_;
    PVMSIM_TRY(state.check_identity(config));
    PVMSIM_TRY(check_profile(
        config.profile,
        {.lpar_id = config.lpar_id,
         .lpar_env = config.lpar_env,
         .lmb_mib = state.physical_memory.lmb_mib(),
         .proc_units_min_hundredths = state.model.proc_units_min_hundredths,
         .virtual_procs_max = state.model.processor == "POWER5" ? kVirtualProcsMaxPower5 : kVirtualProcsMax,
         .memory_pool = state.sharing == nullptr ? nullptr : &state.sharing->pool(),
         .mem_expansion_capable =
             state.config.active_mem_expansion_capable && state.model.processor.starts_with("POWER7")}));
    PVMSIM_TRY(state.check_paging_role(config));
    PVMSIM_TRY(state.check_slots_exist(config.profile));
    PVMSIM_TRY(state.check_addresses(config));
    state.complete_addresses(config.lpar_id, config.profile);

    auto record = std::make_unique<State::Record>();
    record->path = state.config.name + "/" + config.name;
    record->partition.id = config.lpar_id;
    record->partition.name = std::move(config.name);
    record->partition.environment = config.lpar_env;
    record->partition.profile = std::move(config.profile);
    record->partition.auto_start = config.auto_start;
    record->partition.allow_perf_collection = config.allow_perf_collection;
    if (state.records_by_id.size() <= config.lpar_id.value())
        state.records_by_id.resize(std::size_t{config.lpar_id.value()} + 1, nullptr);
    state.records_by_id[config.lpar_id.value()] = record.get();
    state.records.push_back(std::move(record));
    return &state.records.back()->partition;
}

void ManagedSystem::install_software(PartitionId id, PartitionSoftware& software) {
    Partition& partition = this->partition(id);
    PVMSIM_ASSERT(partition.software == nullptr);
    PVMSIM_ASSERT(partition.state == PartitionState::kNotActivated);
    partition.software = &software;
}

void ManagedSystem::adopt_entity(PartitionId id, sim::EntityId entity) {
    Partition& partition = this->partition(id);
    PVMSIM_ASSERT(std::ranges::find(partition.entities, entity) == partition.entities.end());
    partition.entities.push_back(entity);
    if (partition.hung) state_->engine.hold(entity);
}

ManagedSystem::State::Record* ManagedSystem::State::record_of(PartitionId id) const {
    return id.value() < records_by_id.size() ? records_by_id[id.value()] : nullptr;
}

PhysicalSlot* ManagedSystem::State::slot_of(DrcIndex index) {
    const auto found =
        std::ranges::find(physical_slots, index, [](const PhysicalSlot& slot) { return slot.config.drc_index; });
    return found == physical_slots.end() ? nullptr : &*found;
}

const PhysicalSlot* ManagedSystem::State::slot_of(DrcIndex index) const {
    const auto found =
        std::ranges::find(physical_slots, index, [](const PhysicalSlot& slot) { return slot.config.drc_index; });
    return found == physical_slots.end() ? nullptr : &*found;
}

}  // namespace pvmsim::hypervisor
