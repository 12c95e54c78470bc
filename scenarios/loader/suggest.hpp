// "did you mean": the nearest of the words that would have been right.
// A guess that is far off misleads, so there is a limit to how different it may be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios {

/// ", did you mean 'vlans'?" or nothing when no word is near.
std::string suggestion(std::string_view written, const std::vector<std::string_view>& words);
std::string suggestion(std::string_view written, const std::vector<std::string>& words);

}  // namespace pvmsim::scenarios
