// Result: what an operator can cause to fail. Carries a code of the folder's own error table and a text.
//
// PVMSIM_TRY returns early with the error; the value form is PVMSIM_TRY_ASSIGN(auto x, make_x()).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace pvmsim::sim {

/// An error of one folder: `Code` is that folder's enum, `text` names the object and what would be right.
template <class Code>
struct Error {
    Code code;
    std::string text;
};

template <class T, class Code>
using Result = std::expected<T, Error<Code>>;

template <class Code>
[[nodiscard]] std::unexpected<Error<Code>> fail(Code code, std::string text) {
    return std::unexpected(Error<Code>{code, std::move(text)});
}

}  // namespace pvmsim::sim

#define PVMSIM_CONCAT_INNER(a, b) a##b
#define PVMSIM_CONCAT(a, b) PVMSIM_CONCAT_INNER(a, b)

#define PVMSIM_TRY(expression)                                                        \
    do {                                                                              \
        auto pvmsim_result = (expression);                                            \
        if (!pvmsim_result) return std::unexpected(std::move(pvmsim_result).error()); \
    } while (false)

#define PVMSIM_TRY_ASSIGN(declaration, expression) \
    PVMSIM_TRY_ASSIGN_INNER(PVMSIM_CONCAT(pvmsim_result_, __LINE__), declaration, expression)
#define PVMSIM_TRY_ASSIGN_INNER(name, declaration, expression)  \
    auto name = (expression);                                   \
    if (!name) return std::unexpected(std::move(name).error()); \
    declaration = *std::move(name)
