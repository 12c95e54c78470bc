// Progressive filling, many flows at a time; see flow_shares.hpp.
//
// Every scarce resource has a level: what each of its open flows would get if it alone limited them. Levels only rise
// as flows are fixed below them. So a flow whose demand is not above the lowest level on its way can be fixed at its
// demand; and when there is none, a resource whose level is the lowest for each of its open flows can fix them all: the
// lowest level of all always is one, hence every round fixes somebody.
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

bool FlowShares::set_demand(std::uint32_t id, std::int64_t bytes_per_s) {
    PVMSIM_ASSERT(bytes_per_s >= 0 && bytes_per_s <= kRateMax);
    auto& flow = flows_[id];
    if (flow.demand == bytes_per_s) return !flow.is_dirty;
    bool is_free = !flow.is_dirty;
    for (const auto& use : flow.uses) {
        auto& resource = resources_[use.resource];
        resource.wanted += use.milli_per_byte * (bytes_per_s - flow.demand);
        is_free = is_free && !resource.was_scarce && !is_scarce(resource);
    }
    flow.demand = bytes_per_s;
    if (!is_free) {
        touch(id);
        return false;
    }
    for (const auto& use : flow.uses) resources_[use.resource].used += use.milli_per_byte * (bytes_per_s - flow.rate);
    flow.rate = bytes_per_s;
    return true;
}

/// Few change their place between two times: insertion sort.
void FlowShares::sort_by_demand(std::vector<std::uint32_t>& flows) const {
    for (std::size_t i = 1; i < flows.size(); ++i) {
        const auto id = flows[i];
        const auto demand = flows_[id].demand;
        auto at = i;
        for (; at > 0 && flows_[flows[at - 1]].demand > demand; --at) flows[at] = flows[at - 1];
        flows[at] = id;
    }
}

/// The flow and whoever it is linked to by resources that are scarce, or were when rates were last set.
void FlowShares::gather(std::uint32_t first) {
    group_.clear();
    group_resources_.clear();
    const auto add_resources_of = [this](std::uint32_t flow) {
        for (const auto& use : flows_[flow].uses) {
            auto& resource = resources_[use.resource];
            if (resource.is_found || (!resource.was_scarce && !is_scarce(resource))) continue;
            resource.is_found = true;
            group_resources_.push_back(use.resource);
        }
    };
    add_resources_of(first);
    if (group_resources_.empty()) group_.push_back(first);
    for (std::size_t next = 0; next < group_resources_.size(); ++next) {
        auto& flows = resources_[group_resources_[next]].flows;
        sort_by_demand(flows);
        for (const auto flow : flows) {
            if (flows_[flow].is_found) continue;
            flows_[flow].is_found = true;
            group_.push_back(flow);
            add_resources_of(flow);
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
}

void FlowShares::fix(const Flow& flow, std::int64_t rate) {
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

bool FlowShares::is_satisfied(const Flow& flow) const {
    return std::ranges::all_of(flow.uses, [&](const FlowUse& use) {
        const auto& resource = resources_[use.resource];
        return !resource.is_found || Wide{flow.demand} * resource.weight <= resource.left;
    });
}

std::int64_t FlowShares::level_of(const Flow& flow) const {
    auto level = kRateMax;
    for (const auto& use : flow.uses)
        if (resources_[use.resource].is_found) level = std::min(level, resources_[use.resource].level);
    return level;
}

bool FlowShares::fix_satisfied() {
    const auto fixed = std::erase_if(open_, [this](std::uint32_t id) {
        auto& flow = flows_[id];
        if (!is_satisfied(flow)) return false;
        fix(flow, flow.demand);
        take_over(id, flow.demand);
        return true;
    });
    return fixed > 0;
}

void FlowShares::fix_at_bottlenecks() {
    find_levels();
    for (const auto id : open_) {
        const auto level = level_of(flows_[id]);
        for (const auto& use : flows_[id].uses)
            if (resources_[use.resource].level > level) resources_[use.resource].is_bottleneck = false;
    }
    std::erase_if(open_, [this](std::uint32_t id) {
        auto& flow = flows_[id];
        const bool is_held = std::ranges::any_of(flow.uses, [this](const FlowUse& use) {
            return resources_[use.resource].is_found && resources_[use.resource].is_bottleneck;
        });
        if (!is_held) return false;
        const auto level = level_of(flow);
        fix(flow, level);
        take_over(id, level);
        return true;
    });
}

/// Satisfied ones go first, those that want least before others: each raises the levels for the next.
void FlowShares::share_out() {
    prepare();
    while (!open_.empty()) {
        while (fix_satisfied() && group_resources_.size() > 1) {
        }
        const auto before = open_.size();
        if (before == 0) return;
        fix_at_bottlenecks();
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
