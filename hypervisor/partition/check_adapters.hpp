// Checks of a profile's physical slots and virtual adapters.
// A part of check_profile; nobody else includes it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hypervisor/partition/check_profile.hpp"

namespace pvmsim::hypervisor {

class ProblemList {
  public:
    void add(std::string_view attribute, std::string text) {
        problems_.push_back({std::string{attribute}, std::move(text)});
    }
    [[nodiscard]] std::vector<ProfileProblem> take() && { return std::move(problems_); }

  private:
    std::vector<ProfileProblem> problems_;
};

void check_adapters(ProblemList& problems, const PartitionProfile& profile, const ProfileContext& context);

}  // namespace pvmsim::hypervisor
