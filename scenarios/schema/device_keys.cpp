// Rows of an attribute table as keys. Values stay raw text, exactly as chdev would take them.
// Read-only attributes are left out: a file that sets them would be refused by the real chdev too.
#include "scenarios/schema/device_keys.hpp"

#include <algorithm>

namespace pvmsim::scenarios {

namespace {

Spec spec_of(const aix::AttributeDefinition& row) {
    switch (row.kind) {
        case aix::AttributeKind::kChoice: {
            auto spec = simple(Type::kAttributeWord);
            std::string_view rest = row.choices;
            for (std::size_t comma = 0; comma != std::string_view::npos;) {
                comma = rest.find(',');
                spec.words.emplace_back(rest.substr(0, comma));
                if (comma != std::string_view::npos) rest.remove_prefix(comma + 1);
            }
            return spec;
        }
        case aix::AttributeKind::kInteger: {
            auto spec = simple(Type::kAttributeInteger);
            spec.low = row.low;
            spec.high = row.high;
            return spec;
        }
        case aix::AttributeKind::kText:
            break;
    }
    return simple(Type::kAttributeText);
}

}  // namespace

std::vector<Key> attribute_keys(std::span<const aix::AttributeDefinition> table,
                                const std::vector<std::string>& except) {
    std::vector<Key> keys;
    for (const auto& row : table) {
        if (!row.user_settable || std::ranges::find(except, row.name) != except.end()) continue;
        const std::string description = row.description == "N/A" ? "" : std::string(row.description) + ".";
        keys.push_back(depends(std::string(row.name), spec_of(row), description, std::string(row.default_value)));
    }
    return keys;
}

}  // namespace pvmsim::scenarios
