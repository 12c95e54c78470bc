// FlowShares: how fast flows go that share processors and links: max-min fair, found anew when something changed.
//
// A flow has a demand and uses resources, so many thousandths of a unit for each byte. Nobody can get more without
// taking it from somebody who has not more (Bertsekas and Gallager, Data Networks, 6.5.2, with flows of unequal use).
// Changes are gathered until settle(). A resource that could serve all that is wanted of it binds nobody and links
// nobody: only flows that share a scarce resource are computed together. All in integers, rounded down.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/digest.hpp"

namespace pvmsim::aix {

/// What a byte of a flow costs at one resource.
struct FlowUse {
    std::uint32_t resource = 0;
    std::int64_t milli_per_byte = 0;  ///< above 0

    friend bool operator==(const FlowUse&, const FlowUse&) = default;
};

class FlowShares {
  public:
    /// Largest demand and capacity: sums of products stay inside 64 bits.
    static constexpr std::int64_t kRateMax = 10'000'000'000;                  ///< bytes a second
    static constexpr std::int64_t kCapacityMilliMax = 4'000'000'000'000'000;  ///< a thousand POWER7 cores

    std::uint32_t add_resource(std::int64_t capacity_milli);
    void set_capacity(std::uint32_t resource, std::int64_t capacity_milli);
    std::uint32_t add_flow();
    /// Where the flow goes. Without uses only its demand limits it.
    void set_uses(std::uint32_t flow, std::span<const FlowUse> uses);
    /// Where nothing is scarce, before and after, the flow has what it wants at once, and the answer is true; else that
    /// has to wait for settle().
    bool set_demand(std::uint32_t flow, std::int64_t bytes_per_s);

    [[nodiscard]] bool is_settled() const { return dirty_.empty(); }
    /// Whose demand or way changed since.
    [[nodiscard]] std::span<const std::uint32_t> unsettled() const { return dirty_; }
    /// Computes what changed since. Afterwards changed() are the flows that have another rate now.
    void settle();
    [[nodiscard]] std::span<const std::uint32_t> changed() const { return changed_; }

    /// As of the last settle().
    [[nodiscard]] std::int64_t rate(std::uint32_t flow) const { return flows_[flow].rate; }
    [[nodiscard]] std::int64_t demand(std::uint32_t flow) const { return flows_[flow].demand; }
    [[nodiscard]] std::int64_t capacity_milli(std::uint32_t resource) const { return resources_[resource].capacity; }
    /// What the flows want of it, and what they use.
    [[nodiscard]] std::int64_t wanted_milli(std::uint32_t resource) const { return resources_[resource].wanted; }
    [[nodiscard]] std::int64_t used_milli(std::uint32_t resource) const { return resources_[resource].used; }

    void digest(sim::Digest& digest) const;

  private:
    __extension__ using Wide = __int128;
    struct Flow {
        std::int64_t demand = 0;
        std::int64_t rate = 0;
        std::vector<FlowUse> uses;
        bool is_dirty = false;
        bool is_found = false;  ///< in the group that is being computed
    };
    struct Resource {
        std::int64_t capacity = 0;
        std::int64_t wanted = 0;
        std::int64_t used = 0;
        std::vector<std::uint32_t> flows;
        bool was_scarce = false;  ///< at the last settle()
        bool is_found = false;
        // While a group is computed:
        std::int64_t left = 0;    ///< of the capacity, after the fixed flows
        std::int64_t weight = 0;  ///< sum of what a byte costs, of flows not fixed
        std::int64_t level = 0;   ///< left / weight
        bool is_bottleneck = false;
    };

    [[nodiscard]] bool is_scarce(const Resource& resource) const { return resource.wanted > resource.capacity; }
    void touch(std::uint32_t flow);
    void touch_users(std::uint32_t resource);
    void gather(std::uint32_t flow);
    void sort_by_demand(std::vector<std::uint32_t>& flows) const;
    void share_out();
    bool fix_satisfied();
    void fix_at_bottlenecks();
    [[nodiscard]] bool is_satisfied(const Flow& flow) const;
    [[nodiscard]] std::int64_t level_of(const Flow& flow) const;
    void prepare();
    void find_levels();
    void fix(const Flow& flow, std::int64_t rate);
    void take_over(std::uint32_t flow, std::int64_t rate);

    std::vector<Flow> flows_;
    std::vector<Resource> resources_;
    std::vector<std::uint32_t> dirty_;
    std::vector<std::uint32_t> changed_;
    std::vector<std::uint32_t> group_;            ///< flows that are computed together
    std::vector<std::uint32_t> group_resources_;  ///< the scarce resources they share
    std::vector<std::uint32_t> open_;             ///< of the group, not fixed yet
};

}  // namespace pvmsim::aix
