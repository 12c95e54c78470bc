// Recursive descent: sum = product {(+|-) product}; product = factor {* factor}; factor = number | name | (sum) |
// -factor. Overflow is an error, not a wrap: a slot number that wrapped would be a riddle.
#include "scenarios/loader/expression.hpp"

#include <algorithm>

namespace pvmsim::scenarios {

namespace {

using Value = std::expected<std::int64_t, std::string>;

constexpr std::size_t kExpressionLengthMax = 200;  // bounds the recursion, too

class Parser {
  public:
    Parser(std::string_view text, const Variables& variables) : text_(text), variables_(variables) {}

    Value run() {
        auto value = sum();
        if (!value) return value;
        skip_blanks();
        if (at_ != text_.size()) return std::unexpected(std::string("unexpected '") + text_[at_] + "'");
        return value;
    }

  private:
    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    bool accept(char c) {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    Value sum() {
        auto left = product();
        while (left) {
            const bool plus = accept('+');
            if (!plus && !accept('-')) break;
            const auto right = product();
            if (!right) return right;
            std::int64_t result = 0;
            const bool over =
                plus ? __builtin_add_overflow(*left, *right, &result) : __builtin_sub_overflow(*left, *right, &result);
            if (over) return std::unexpected("the result is too large");
            left = result;
        }
        return left;
    }

    Value product() {
        auto left = factor();
        while (left && accept('*')) {
            const auto right = factor();
            if (!right) return right;
            std::int64_t result = 0;
            if (__builtin_mul_overflow(*left, *right, &result)) return std::unexpected("the result is too large");
            left = result;
        }
        return left;
    }

    Value factor() {
        if (accept('-')) {
            const auto value = factor();
            return value ? Value(-*value) : value;
        }
        if (accept('(')) {
            auto value = sum();
            if (value && !accept(')')) return std::unexpected("a ')' is missing");
            return value;
        }
        skip_blanks();
        const auto start = at_;
        while (at_ < text_.size() && (is_digit(text_[at_]) || is_letter(text_[at_]))) ++at_;
        const auto word = text_.substr(start, at_ - start);
        if (word.empty()) return std::unexpected("a number or a variable is missing");
        return is_digit(word[0]) ? number(word) : variable(word);
    }

    static Value number(std::string_view word) {
        std::int64_t value = 0;
        for (char c : word) {
            if (!is_digit(c)) return std::unexpected("'" + std::string(word) + "' is neither a number nor a variable");
            if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
                __builtin_add_overflow(value, std::int64_t{c - '0'}, &value))
                return std::unexpected("the number is too large");
        }
        return value;
    }

    Value variable(std::string_view word) const {
        for (const auto& candidate : variables_)
            if (candidate.name == word) return candidate.value;
        std::string known;
        for (const auto& candidate : variables_) known += (known.empty() ? "" : ", ") + candidate.name;
        return std::unexpected("no range around this has the variable '" + std::string(word) + "'" +
                               (known.empty() ? "" : " (known here: " + known + ")"));
    }

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

    std::string_view text_;
    const Variables& variables_;
    std::size_t at_ = 0;
};

}  // namespace

Value evaluate(std::string_view expression, const Variables& variables) {
    if (expression.size() > kExpressionLengthMax) return std::unexpected("longer than 200 characters");
    return Parser(expression, variables).run();
}

std::expected<std::string, std::string> substitute(std::string_view text, const Variables& variables) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool doubled = at + 1 < text.size() && text[at + 1] == c;
        if ((c == '{' || c == '}') && doubled) {
            result += c;
            ++at;
            continue;
        }
        if (c == '}') return std::unexpected("a '}' without '{' (write }} for the character itself)");
        if (c != '{') {
            result += c;
            continue;
        }
        const auto end = text.find('}', at);
        if (end == std::string_view::npos)
            return std::unexpected("a '{' without '}' (write {{ for the character itself)");
        const auto expression = text.substr(at + 1, end - at - 1);
        const auto bare = std::find_if(variables.begin(), variables.end(),
                                       [&](const Variable& variable) { return variable.name == expression; });
        if (bare != variables.end()) {
            result += bare->written;
        } else {
            const auto value = evaluate(expression, variables);
            if (!value) return std::unexpected("in {" + std::string(expression) + "}: " + value.error());
            result += std::to_string(*value);
        }
        at = end;
    }
    return result;
}

}  // namespace pvmsim::scenarios
