// Progressive filling, many flows at a time; see flow_shares.hpp.
//
// Each round every scarce resource has a level: what each of its open flows would get if it alone limited them. Levels
// only rise as flows are fixed below them. So a flow whose demand is not above the lowest level on its way can be fixed
// at its demand, and a resource whose level is the lowest for each of its open flows can fix them all: the lowest level
// of all always is one, hence every round fixes somebody.
#include "aix/workload/flow_shares.hpp"

#include <algorithm>

#include "sim/base/assert.hpp"

namespace pvmsim::aix {

std::uint32_t FlowShares::add_resource(std::int64_t capacity_milli) {
    resources_.emplace_back();
    const auto id = static_cast<std::uint32_t>(resources_.size() - 1);
    set_capacity(id, capacity_milli);
    return id;
}

std::uint32_t FlowShares::add_flow() {
    flows_.emplace_back();
    return static_cast<std::uint32_t>(flows_.size() - 1);
}

void FlowShares::touch(std::uint32_t flow) {
    if (flows_[flow].is_dirty) return;
    flows_[flow].is_dirty = true;
    dirty_.push_back(flow);
}

void FlowShares::touch_users(std::uint32_t resource) {
    for (const auto flow : resources_[resource].flows) touch(flow);
}

void FlowShares::set_capacity(std::uint32_t resource, std::int64_t capacity_milli) {
    PVMSIM_ASSERT(capacity_milli >= 0 && capacity_milli <= kCapacityMilliMax);
    auto& changed = resources_[resource];
    if (changed.capacity == capacity_milli) return;
    const bool bound = changed.was_scarce || is_scarce(changed);
    changed.capacity = capacity_milli;
    if (bound || is_scarce(changed)) touch_users(resource);
}

void FlowShares::set_uses(std::uint32_t id, std::span<const FlowUse> uses) {
    auto& flow = flows_[id];
    if (std::ranges::equal(flow.uses, uses)) return;
    for (const auto& use : flow.uses) {
        auto& resource = resources_[use.resource];
        if (resource.was_scarce || is_scarce(resource)) touch_users(use.resource);
        std::erase(resource.flows, id);
        resource.wanted -= use.milli_per_byte * flow.demand;
        resource.used -= use.milli_per_byte * flow.rate;
    }
    flow.uses.assign(uses.begin(), uses.end());
    for (const auto& use : uses) {
        PVMSIM_ASSERT(use.milli_per_byte > 0);
        auto& resource = resources_[use.resource];
        PVMSIM_ASSERT(std::ranges::find(resource.flows, id) == resource.flows.end());
        resource.flows.push_back(id);
        resource.wanted += use.milli_per_byte * flow.demand;
        resource.used += use.milli_per_byte * flow.rate;
    }
    touch(id);
}

void FlowShares::set_demand(std::uint32_t id, std::int64_t bytes_per_s) {
    PVMSIM_ASSERT(bytes_per_s >= 0 && bytes_per_s <= kRateMax);
    auto& flow = flows_[id];
    if (flow.demand == bytes_per_s) return;
    for (const auto& use : flow.uses)
        resources_[use.resource].wanted += use.milli_per_byte * (bytes_per_s - flow.demand);
    flow.demand = bytes_per_s;
    touch(id);
}

/// The flow and whoever it is linked to by resources that are scarce, or were when rates were last set.
void FlowShares::gather(std::uint32_t first) {
    group_.assign(1, first);
    group_resources_.clear();
    flows_[first].is_found = true;
    for (std::size_t next = 0; next < group_.size(); ++next) {
        for (const auto& use : flows_[group_[next]].uses) {
            auto& resource = resources_[use.resource];
            if (resource.is_found || (!resource.was_scarce && !is_scarce(resource))) continue;
            resource.is_found = true;
            group_resources_.push_back(use.resource);
            for (const auto flow : resource.flows) {
                if (flows_[flow].is_found) continue;
                flows_[flow].is_found = true;
                group_.push_back(flow);
            }
        }
    }
}

void FlowShares::prepare() {
    for (const auto id : group_resources_) {
        auto& resource = resources_[id];
        resource.left = resource.capacity;
        resource.weight = 0;
        for (const auto flow : resource.flows)
            for (const auto& use : flows_[flow].uses)
                if (use.resource == id) resource.weight += use.milli_per_byte;
    }
    open_ = group_;
    for (const auto flow : group_) flows_[flow].is_fixed = false;
}

void FlowShares::fix(Flow& flow, std::int64_t rate) {
    flow.is_fixed = true;
    for (const auto& use : flow.uses) {
        auto& resource = resources_[use.resource];
        if (!resource.is_found) continue;
        resource.left -= use.milli_per_byte * rate;
        resource.weight -= use.milli_per_byte;
        PVMSIM_ASSERT(resource.left >= 0);
    }
}

/// The level of every resource of the group, and whether it is the lowest for all of its open flows.
void FlowShares::find_levels() {
    for (const auto id : group_resources_) {
        auto& resource = resources_[id];
        resource.level = resource.weight > 0 ? resource.left / resource.weight : kRateMax;
        resource.is_bottleneck = resource.weight > 0;
    }
}

void FlowShares::share_out() {
    prepare();
    const auto lowest = [this](const Flow& flow) {
        auto level = kRateMax;
        for (const auto& use : flow.uses)
            if (resources_[use.resource].is_found) level = std::min(level, resources_[use.resource].level);
        return level;
    };
    while (!open_.empty()) {
        find_levels();
        const auto before = open_.size();
        std::erase_if(open_, [&](std::uint32_t id) {
            auto& flow = flows_[id];
            const auto level = lowest(flow);
            if (flow.demand <= level) {
                fix(flow, flow.demand);
                take_over(id, flow.demand);
                return true;
            }
            for (const auto& use : flow.uses)
                if (resources_[use.resource].level > level) resources_[use.resource].is_bottleneck = false;
            return false;
        });
        if (open_.size() < before) continue;
        std::erase_if(open_, [&](std::uint32_t id) {
            auto& flow = flows_[id];
            for (const auto& use : flow.uses) {
                const auto& resource = resources_[use.resource];
                if (!resource.is_found || !resource.is_bottleneck) continue;
                const auto level = resource.level;
                fix(flow, level);
                take_over(id, level);
                return true;
            }
            return false;
        });
        PVMSIM_ASSERT(open_.size() < before);
    }
}

void FlowShares::take_over(std::uint32_t id, std::int64_t rate) {
    auto& flow = flows_[id];
    if (flow.rate == rate) return;
    for (const auto& use : flow.uses) resources_[use.resource].used += use.milli_per_byte * (rate - flow.rate);
    flow.rate = rate;
    changed_.push_back(id);
}

void FlowShares::settle() {
    changed_.clear();
    for (const auto id : dirty_) {
        if (!flows_[id].is_dirty) continue;
        gather(id);
        share_out();
        for (const auto flow : group_) {
            flows_[flow].is_dirty = false;
            flows_[flow].is_found = false;
        }
        for (const auto resource : group_resources_) {
            resources_[resource].is_found = false;
            resources_[resource].was_scarce = is_scarce(resources_[resource]);
        }
    }
    dirty_.clear();
}

void FlowShares::digest(sim::Digest& digest) const {
    for (const auto& flow : flows_) {
        digest.add(flow.demand);
        digest.add(flow.rate);
    }
    for (const auto& resource : resources_) digest.add(resource.capacity);
}

}  // namespace pvmsim::aix
