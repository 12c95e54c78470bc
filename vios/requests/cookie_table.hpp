// CookieTable: requests that a Virtual I/O Server has passed on, each under a cookie that comes back with the answer.
//
// A cookie is a place, which is used again, and the place's generation, which is not: an answer that comes late, after
// its request was given up, finds nothing. After 65,536 uses of one place a cookie comes again; no answer is that late.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/assert.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::vios {

/// Request must be a value with digest(sim::Digest&) const.
template <class Request>
class CookieTable {
  public:
    using Cookie = std::uint32_t;
    static constexpr std::uint32_t kPlacesMax = 0x1'0000;

    Cookie add(Request request) {
        if (free_.empty()) {
            PVMSIM_ASSERT(places_.size() < kPlacesMax);
            free_.push_back(static_cast<std::uint32_t>(places_.size()));
            places_.emplace_back();
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        places_[index].request = std::move(request);
        places_[index].in_use = true;
        return cookie_of(index);
    }
    /// nullptr: answered or given up. Valid until the next add().
    [[nodiscard]] Request* find(Cookie cookie) {
        const std::uint32_t index = index_of(cookie);
        if (index >= places_.size()) return nullptr;
        Place& place = places_[index];
        return place.in_use && place.generation == cookie >> 16 ? &place.request : nullptr;
    }
    /// find(cookie) must have found it.
    void remove(Cookie cookie) {
        PVMSIM_ASSERT(find(cookie) != nullptr);
        Place& place = places_[index_of(cookie)];
        place.in_use = false;
        ++place.generation;
        free_.push_back(index_of(cookie));
    }
    void clear() {
        for (std::uint32_t index = 0; index < places_.size(); ++index)
            if (places_[index].in_use) remove(cookie_of(index));
    }
    /// In the order of places.
    template <class Function>
    void for_each(Function&& function) {
        for (Place& place : places_)
            if (place.in_use) function(place.request);
    }
    void digest(sim::Digest& digest) const {
        for (const Place& place : places_) {
            digest.add(place.generation);
            digest.add(place.in_use);
            if (place.in_use) place.request.digest(digest);
        }
        for (const std::uint32_t index : free_) digest.add(index);
    }

  private:
    struct Place {
        Request request{};
        std::uint16_t generation = 0;
        bool in_use = false;
    };

    static std::uint32_t index_of(Cookie cookie) { return cookie & 0xffff; }
    [[nodiscard]] Cookie cookie_of(std::uint32_t index) const {
        return std::uint32_t{places_[index].generation} << 16 | index;
    }

    std::vector<Place> places_;
    std::vector<std::uint32_t> free_;  ///< a stack
};

}  // namespace pvmsim::vios
