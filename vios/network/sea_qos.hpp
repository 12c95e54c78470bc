// Quality of service of a Shared Ethernet Adapter: which of the frames that wait goes next, and which one is given up
// when there is no room (attribute qos_mode; behaviour 3.2).
//
// The 802.1p priority of a frame puts it into one of eight classes. strict: the most important class that has frames
// always goes first, so the others starve while it fills the processor. loose: each class may send so many bytes before
// the next one has its turn. disabled: in the order they came. Only with thread=1, as IBM says. The order of importance
// is 802.1D's: 1 and 2 are below 0, which is what no tag means. The bytes of loose are not published: [PARAM].
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/engine/digest.hpp"

namespace pvmsim::vios {

enum class SeaQosMode : std::uint8_t { kDisabled, kStrict, kLoose };

inline constexpr std::size_t kSeaQosClasses = 8;
/// Importance of each 802.1p priority, 0 the least (802.1D table 7-1: background, spare, best effort, excellent effort,
/// controlled load, video, voice, network control).
inline constexpr std::array<std::uint8_t, kSeaQosClasses> kSeaQosClassOfPriority{2, 0, 1, 3, 4, 5, 6, 7};
/// [PARAM] Bytes a class may send in a round of loose, by importance: our choice, about 43 standard frames for the
/// least.
inline constexpr std::array<std::uint64_t, kSeaQosClasses> kSeaLooseCapBytes{65'536,  131'072, 196'608, 262'144,
                                                                             327'680, 393'216, 458'752, 524'288};

[[nodiscard]] constexpr std::size_t sea_qos_class(std::uint8_t priority) {
    return kSeaQosClassOfPriority[priority % kSeaQosClasses];
}

/// What waits, by class.
using SeaQosBytes = std::array<std::uint64_t, kSeaQosClasses>;

/// The rule of the mode and, for loose, what each class has sent in this round.
class SeaDiscipline {
  public:
    static constexpr std::size_t kNone = kSeaQosClasses;

    explicit SeaDiscipline(SeaQosMode mode) : mode_(mode) {}

    [[nodiscard]] SeaQosMode mode() const { return mode_; }
    /// The class that goes next; some class must wait.
    [[nodiscard]] std::size_t choose(const SeaQosBytes& waiting);
    /// A frame of the class has gone.
    void sent(std::size_t which, std::uint64_t bytes) { used_[which] += bytes; }
    /// The class that gives up a frame so that one of `arriving` finds room; kNone: the arriving one is lost itself.
    [[nodiscard]] std::size_t victim(const SeaQosBytes& waiting, std::size_t arriving) const;

    void digest(sim::Digest& digest) const;

  private:
    SeaQosMode mode_;
    SeaQosBytes used_{};
};

}  // namespace pvmsim::vios
