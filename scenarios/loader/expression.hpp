// Arithmetic in braces: "{n*2+29+v}" in the copies that a range makes.
//
// Integers, variables, + - * and parentheses; nothing else, so that a file stays a description and never a program.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios {

/// A range variable in one copy: the number, and how the range writes it ("01").
struct Variable {
    std::string name;
    std::int64_t value = 0;
    std::string written;
};

/// Innermost last; the same name never twice.
using Variables = std::vector<Variable>;

std::expected<std::int64_t, std::string> evaluate(std::string_view expression, const Variables& variables);

/// Replaces every {expression}; a lone {name} gives the number as its range writes it. {{ and }} are braces themselves.
std::expected<std::string, std::string> substitute(std::string_view text, const Variables& variables);

}  // namespace pvmsim::scenarios
