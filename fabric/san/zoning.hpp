// Zoning: who may see whom in one fabric, by world wide port name. Soft zoning: also what the name server shows.
//
// Members get dense numbers; "share a zone" is one bit of a square matrix, because it is asked for every command.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fabric/wire/wwn.hpp"

namespace pvmsim::fabric {

class Zoning {
  public:
    using Member = std::uint32_t;
    static constexpr Member kNoMember = 0xffff'ffff;

    /// Without any zone: whether everybody sees everybody.
    explicit Zoning(bool default_all_access) : default_all_access_(default_all_access) {}

    void add_zone(std::string name, const std::vector<wire::Wwpn>& members);
    /// kNoMember for a name in no zone. Valid until the next add_zone.
    [[nodiscard]] Member member_of(wire::Wwpn wwpn) const;

    [[nodiscard]] bool together(Member a, Member b) const {
        if (zones_.empty()) return default_all_access_;
        if (a == kNoMember || b == kNoMember) return false;
        const std::size_t bit = std::size_t{a} * row_bits_ + b;
        return (matrix_[bit / 64] >> bit % 64 & 1) != 0;
    }

  private:
    struct Zone {
        std::string name;
        std::vector<wire::Wwpn> members;
    };
    void rebuild();

    bool default_all_access_;
    std::vector<Zone> zones_;
    std::vector<wire::Wwpn> members_;  ///< sorted, each once
    std::size_t row_bits_ = 0;
    std::vector<std::uint64_t> matrix_;
};

}  // namespace pvmsim::fabric
