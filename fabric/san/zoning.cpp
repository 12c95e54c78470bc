// The zoning matrix.
// Rebuilt whole at each change: zones change while a site is built, not while it runs.
#include "fabric/san/zoning.hpp"

#include <algorithm>
#include <utility>

namespace pvmsim::fabric {

void Zoning::add_zone(std::string name, const std::vector<wire::Wwpn>& members) {
    zones_.push_back({std::move(name), members});
    members_.insert(members_.end(), members.begin(), members.end());
    std::ranges::sort(members_);
    const auto repeated = std::ranges::unique(members_);
    members_.erase(repeated.begin(), repeated.end());
    rebuild();
}

Zoning::Member Zoning::member_of(wire::Wwpn wwpn) const {
    const auto at = std::ranges::lower_bound(members_, wwpn);
    if (at == members_.end() || *at != wwpn) return kNoMember;
    return static_cast<Member>(at - members_.begin());
}

void Zoning::rebuild() {
    row_bits_ = members_.size();
    matrix_.assign((row_bits_ * row_bits_ + 63) / 64, 0);
    std::vector<Member> numbers;
    for (const auto& zone : zones_) {
        numbers.clear();
        for (auto wwpn : zone.members) numbers.push_back(member_of(wwpn));
        for (auto a : numbers) {
            for (auto b : numbers) {
                const std::size_t bit = std::size_t{a} * row_bits_ + b;
                matrix_[bit / 64] |= std::uint64_t{1} << bit % 64;
            }
        }
    }
}

}  // namespace pvmsim::fabric
