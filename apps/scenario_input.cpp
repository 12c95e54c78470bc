// Reading scenarios for commands; see scenario_input.hpp.
// The loader's own limit on the size of a file holds for standard input too: it judges the text.
#include "apps/scenario_input.hpp"

#include <iostream>
#include <iterator>
#include <utility>

#include "scenarios/loader/load.hpp"

namespace pvmsim::apps {

std::optional<scenarios::Scenario> load_or_complain(const std::string& file,
                                                    const std::vector<std::string>& overrides) {
    const auto load = [&] {
        if (file != "-") return scenarios::load_scenario(file, overrides);
        const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
        return scenarios::load_scenario_text(text, "<stdin>", ".", overrides);
    };
    auto loaded = load();
    if (loaded) return std::move(*loaded);
    for (const auto& error : loaded.error()) std::cerr << scenarios::format_error(error) << '\n';
    return std::nullopt;
}

}  // namespace pvmsim::apps
