// Aligning columns; see text_table.hpp.
// Twenty clients with the same numbers are one line to read, not twenty.
#include "scenarios/results/text_table.hpp"

#include <algorithm>

namespace pvmsim::scenarios {

std::string text_table(const std::vector<TextRow>& rows, std::size_t first_number) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t column = 0; column < row.size(); ++column) {
            if (widths.size() <= column) widths.push_back(0);
            widths[column] = std::max(widths[column], row[column].size());
        }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const auto padding = std::string(widths[column] - row[column].size(), ' ');
            line += (column == 0 ? "" : "  ") + (column < first_number ? row[column] + padding : padding + row[column]);
        }
        while (!line.empty() && line.back() == ' ') line.pop_back();
        text += line + '\n';
    }
    return text;
}

std::vector<TextRow> join_equal(const std::vector<TextRow>& rows) {
    std::vector<TextRow> joined;
    for (std::size_t index = 0; index < rows.size();) {
        std::size_t end = index + 1;
        while (end < rows.size() &&
               std::equal(rows[index].begin() + 1, rows[index].end(), rows[end].begin() + 1, rows[end].end()))
            ++end;
        joined.push_back(rows[index]);
        if (end - index > 1) joined.back()[0] += ".." + rows[end - 1][0] + " (" + std::to_string(end - index) + ")";
        index = end;
    }
    return joined;
}

}  // namespace pvmsim::scenarios
