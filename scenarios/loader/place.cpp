// Folding of repeated errors: two messages at one place are the same mistake when they differ in digits only, because
// the copies of a range differ in nothing else.
#include "scenarios/loader/place.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace pvmsim::scenarios {

namespace {

std::string without_digits(std::string_view message) {
    std::string shape;
    for (char c : message) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && !shape.empty() && shape.back() == '#') continue;
        shape += digit ? '#' : c;
    }
    return shape;
}

}  // namespace

std::vector<Finding> Errors::folded() const {
    auto sorted = findings_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Finding& a, const Finding& b) { return a.place < b.place; });

    std::vector<Finding> result;
    std::map<std::tuple<Place, std::string>, std::size_t> seen;
    std::vector<std::size_t> more;
    for (auto& finding : sorted) {
        const auto [position, is_new] =
            seen.try_emplace({finding.place, without_digits(finding.message)}, result.size());
        if (is_new) {
            result.push_back(std::move(finding));
            more.push_back(0);
        } else {
            ++more[position->second];
        }
    }
    for (std::size_t i = 0; i < result.size(); ++i)
        if (more[i] != 0) result[i].message += " (and " + std::to_string(more[i]) + " more like it)";
    return result;
}

std::string to_string(Place place, std::string_view source_name) {
    std::string text(source_name);
    if (place.line != 0) text += ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
    return text;
}

}  // namespace pvmsim::scenarios
