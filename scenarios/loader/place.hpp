// Place and Errors: where in the input something was written, and everything found wrong with it.
//
// All errors of a file are collected before any is shown. One range in a file stands for many entries, so the same
// mistake may be found many times at one place: such errors are folded into one.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios {

/// Source 0 is the file, source k the k-th override. Line and column count from 1; 0 means the source as a whole.
struct Place {
    std::uint32_t source = 0;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    friend constexpr auto operator<=>(Place, Place) = default;
};

/// Can the JSON Schema see this mistake as well? The tests hold both judges to the same verdict.
enum class SeenBySchema : std::uint8_t { kYes, kNo };

struct Finding {
    Place place;
    std::string message;
    std::string path;  ///< "partitions.app01.profile": the part of the tree that cannot be trusted
    SeenBySchema seen_by_schema = SeenBySchema::kNo;
};

class Errors {
  public:
    void add(Place place, std::string message) { add({place, std::move(message), {}, SeenBySchema::kNo}); }
    void add(Finding finding) { findings_.push_back(std::move(finding)); }

    [[nodiscard]] bool empty() const { return findings_.empty(); }
    [[nodiscard]] const std::vector<Finding>& all() const { return findings_; }
    /// By place, each mistake once: "... (and 19 more like it)" where copies of a range share it.
    [[nodiscard]] std::vector<Finding> folded() const;

  private:
    std::vector<Finding> findings_;
};

/// "file:line:column" of a place, or the name alone for a place without a line.
std::string to_string(Place place, std::string_view source_name);

}  // namespace pvmsim::scenarios
