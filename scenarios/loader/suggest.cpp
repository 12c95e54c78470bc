// Optimal string alignment distance: insert, delete, replace, swap two neighbours, each costs one; case costs nothing.
// A common beginning counts as nearer: vlan_ids means vlans.
#include "scenarios/loader/suggest.hpp"

#include <algorithm>
#include <cctype>

namespace pvmsim::scenarios {

namespace {

constexpr std::size_t kWordLengthMax = 64;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped =
                i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

}  // namespace

std::string suggestion(std::string_view written, const std::vector<std::string_view>& words) {
    if (written.empty() || written.size() > kWordLengthMax) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, written.size() / 3) + 1;
    for (auto word : words) {
        if (word.size() > kWordLengthMax) continue;
        const bool begins = written.size() >= 3 && (word.starts_with(written) || written.starts_with(word));
        const bool alike = written.substr(0, 3) == word.substr(0, 3);
        const auto raw = distance(written, word);
        const auto found = begins ? std::min<std::size_t>(raw, 1) : alike && raw > 1 ? raw - 1 : raw;
        if (found >= best_distance) continue;
        best = word;
        best_distance = found;
    }
    return best.empty() ? std::string() : ", did you mean '" + std::string(best) + "'?";
}

std::string suggestion(std::string_view written, const std::vector<std::string>& words) {
    return suggestion(written, std::vector<std::string_view>(words.begin(), words.end()));
}

}  // namespace pvmsim::scenarios
