// ReceiveBuffers: the buffers a driver gave the hypervisor for one virtual Ethernet adapter, in five sizes.
//
// A frame takes the smallest free buffer that holds it; none, and it is lost. Counts are AIX's defaults for
// min_buf_tiny .. min_buf_huge (behaviour 3.1, general knowledge); growing towards max_buf_* is left out.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/engine/digest.hpp"

namespace pvmsim::hypervisor {

class ReceiveBuffers {
  public:
    struct Pool {
        std::uint32_t buffer_bytes;
        std::uint32_t count;
    };
    static constexpr std::array<Pool, 5> kPools{{{512, 512}, {2048, 512}, {16'384, 128}, {32'768, 24}, {65'536, 24}}};

    bool take(std::uint32_t frame_bytes) {
        for (std::size_t i = 0; i < kPools.size(); ++i) {
            if (kPools[i].buffer_bytes < frame_bytes || used_[i] == kPools[i].count) continue;
            ++used_[i];
            used_max_[i] = std::max(used_max_[i], used_[i]);
            return true;
        }
        return false;
    }
    /// A buffer that held a frame of this size is free again. It is credited to the smallest size that lends one:
    /// whatever buffer the frame really lay in, as many of at least each size are free as should be.
    void give_back(std::uint32_t frame_bytes) {
        for (std::size_t i = 0; i < kPools.size(); ++i) {
            if (kPools[i].buffer_bytes < frame_bytes || used_[i] == 0) continue;
            --used_[i];
            return;
        }
    }
    void reset() { used_ = used_max_ = {}; }
    [[nodiscard]] std::uint32_t used(std::size_t pool) const { return used_[pool]; }
    /// The most since reset().
    [[nodiscard]] std::uint32_t used_max(std::size_t pool) const { return used_max_[pool]; }
    [[nodiscard]] std::uint32_t used() const {
        std::uint32_t sum = 0;
        for (const std::uint32_t count : used_) sum += count;
        return sum;
    }
    void digest(sim::Digest& digest) const {
        for (const std::uint32_t count : used_) digest.add(count);
    }

  private:
    std::array<std::uint32_t, kPools.size()> used_{};
    std::array<std::uint32_t, kPools.size()> used_max_{};
};

}  // namespace pvmsim::hypervisor
