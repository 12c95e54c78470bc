// SourcePlaces: where in a scenario's text the parts that a finding names were written.
// The tree is read again beside the scenario, because a Scenario keeps values and not places.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/audit/rule.hpp"
#include "scenarios/loader/document.hpp"

namespace pvmsim::scenarios::audit {

class SourcePlaces {
  public:
    struct Spot {
        std::string source;      ///< the file, or the override
        std::uint32_t line = 0;  ///< 0: the source as a whole
        std::uint32_t column = 0;
    };

    /// The text that was loaded without mistakes, with the same overrides.
    SourcePlaces(std::string_view text, std::string file, std::span<const std::string> overrides);

    /// The deepest part of the path that was written down; nullopt when not even the first key was.
    [[nodiscard]] std::optional<Spot> find(const Path& path) const;
    /// "site.yaml:12:5", or "partitions.vios1.profile" when nothing was written.
    [[nodiscard]] std::string text(const Path& path) const;

  private:
    std::string file_;
    std::vector<std::string> override_names_;
    Node root_;
};

/// "partitions.vios1.profile"
[[nodiscard]] std::string dotted(const Path& path);

}  // namespace pvmsim::scenarios::audit
