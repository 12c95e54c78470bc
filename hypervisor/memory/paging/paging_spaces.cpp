// The list is short (a device or two for each shared partition) and asked for at activations, so it is searched.
// Order of adding breaks ties.
#include "hypervisor/memory/paging/paging_spaces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

constexpr std::uint64_t kOs400Numerator = 129;
constexpr std::uint64_t kOs400Denominator = 128;

bool is_usable(const PagingDevice* device) { return device != nullptr && device->usable; }

}  // namespace

std::uint64_t paging_space_needed_mib(PartitionEnvironment environment, std::uint64_t max_mem_mib) {
    if (environment != PartitionEnvironment::kOs400) return max_mem_mib;
    return (max_mem_mib * kOs400Numerator + kOs400Denominator - 1) / kOs400Denominator;
}

const PagingDevice* PagingSpace::at(PartitionId vios) const {
    const auto found = std::ranges::find(devices, vios, &PagingDevice::vios);
    return found == devices.end() ? nullptr : &*found;
}

Result<void> PagingSpaces::add(PagingDevice device) {
    PVMSIM_ASSERT(device.vios != kNoPartition);
    const auto space = std::ranges::find(spaces_, device.unit, &PagingSpace::unit);
    if (space == spaces_.end()) {
        spaces_.push_back({.unit = device.unit, .size_mib = device.size_mib, .devices = {std::move(device)}});
        return {};
    }
    if (space->at(device.vios) != nullptr)
        return sim::fail(ErrorCode::kDuplicate,
                         fmt::format("paging space device {}: VIOS {} has it in the shared memory pool already",
                                     device.name, device.vios.value()));
    if (space->size_mib != device.size_mib)
        return sim::fail(ErrorCode::kInvalidPool,
                         fmt::format("paging space device {}: {} MB through VIOS {}, {} MB through VIOS {}; one disk "
                                     "has one size",
                                     device.name, device.size_mib, device.vios.value(), space->size_mib,
                                     space->devices.front().vios.value()));
    if (space->is_redundant())
        return sim::fail(ErrorCode::kInvalidPool,
                         fmt::format("paging space device {}: two paging VIOSes give it already; VIOS {} cannot",
                                     device.name, device.vios.value()));
    space->devices.push_back(std::move(device));
    return {};
}

void PagingSpaces::set_usable(PartitionId vios, std::uint64_t unit, bool usable) {
    const auto space = std::ranges::find(spaces_, unit, &PagingSpace::unit);
    PVMSIM_ASSERT(space != spaces_.end());
    const auto device = std::ranges::find(space->devices, vios, &PagingDevice::vios);
    PVMSIM_ASSERT(device != space->devices.end());
    device->usable = usable;
}

const PagingSpace* PagingSpaces::choose(const PagingSpaceWish& wish) const {
    const PagingSpace* best = nullptr;
    using Rank = std::tuple<bool, std::uint64_t, bool>;  // less is better
    Rank best_rank;
    for (const PagingSpace& space : spaces_) {
        const bool is_free = space.user == kNoPartition || space.user == wish.user;
        if (!is_free || space.size_mib < wish.min_size_mib) continue;
        const PagingDevice* const primary = space.at(wish.primary);
        const PagingDevice* const secondary = wish.secondary == kNoPartition ? nullptr : space.at(wish.secondary);
        if (primary == nullptr && secondary == nullptr) continue;
        if (wish.usable_now && !is_usable(primary) && !is_usable(secondary)) continue;
        const bool lacks_redundancy = wish.secondary != kNoPartition && (primary == nullptr || secondary == nullptr);
        const Rank rank{lacks_redundancy, space.size_mib, primary == nullptr};
        if (best != nullptr && rank >= best_rank) continue;
        best = &space;
        best_rank = rank;
    }
    return best;
}

void PagingSpaces::assign(std::uint64_t unit, PartitionId user) {
    PVMSIM_ASSERT(space_of(user) == nullptr);
    const auto space = std::ranges::find(spaces_, unit, &PagingSpace::unit);
    PVMSIM_ASSERT(space != spaces_.end());
    PVMSIM_ASSERT(space->user == kNoPartition);
    space->user = user;
}

void PagingSpaces::release(PartitionId user) {
    const auto space = std::ranges::find(spaces_, user, &PagingSpace::user);
    if (space != spaces_.end()) space->user = kNoPartition;
}

const PagingSpace* PagingSpaces::space_of(PartitionId user) const {
    PVMSIM_ASSERT(user != kNoPartition);
    const auto space = std::ranges::find(spaces_, user, &PagingSpace::user);
    return space == spaces_.end() ? nullptr : &*space;
}

const PagingSpace* PagingSpaces::find(std::uint64_t unit) const {
    const auto space = std::ranges::find(spaces_, unit, &PagingSpace::unit);
    return space == spaces_.end() ? nullptr : &*space;
}

void PagingSpaces::digest(sim::Digest& digest) const {
    for (const PagingSpace& space : spaces_) {
        digest.add(space.unit);
        digest.add(space.size_mib);
        digest.add(space.user);
        for (const PagingDevice& device : space.devices) {
            digest.add(device.vios);
            digest.add(device.usable);
        }
    }
}

}  // namespace pvmsim::hypervisor
