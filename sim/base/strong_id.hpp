// Identifiers that do not mix: a StrongId<Tag> is an integer that only compares, hashes and prints.
// There is no arithmetic on it, and none between different tags.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace pvmsim::sim {

template <class Tag, class Rep = std::uint32_t>
class StrongId {
  public:
    using rep = Rep;

    constexpr StrongId() = default;
    constexpr explicit StrongId(Rep value) : value_(value) {}

    [[nodiscard]] constexpr Rep value() const { return value_; }

    friend constexpr auto operator<=>(StrongId, StrongId) = default;

  private:
    Rep value_ = 0;
};

}  // namespace pvmsim::sim

template <class Tag, class Rep>
struct std::hash<pvmsim::sim::StrongId<Tag, Rep>> {
    std::size_t operator()(pvmsim::sim::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
