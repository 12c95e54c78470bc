// Bounded lines and exact numbers; see recorded_text.hpp. Numbers are read digit by digit: a locale or a rounding of
// the C library must not decide what a recording says.
#include "scenarios/recordings/recorded_text.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>
#include <utility>

namespace pvmsim::scenarios {

std::string RecordingError::to_string() const {
    if (line == 0) return file + ": " + text;
    return file + ":" + std::to_string(line) + ": " + text;
}

RecordingResult<LineReader> LineReader::open(const std::filesystem::path& path) {
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (!std::filesystem::exists(status)) return std::unexpected(RecordingError{path.string(), 0, "no such file"});
    if (std::filesystem::is_directory(status)) {
        return std::unexpected(RecordingError{path.string(), 0, "is a directory, not a file"});
    }
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    if (!*file) return std::unexpected(RecordingError{path.string(), 0, "cannot be read"});
    LineReader reader;
    reader.name_ = path.string();
    reader.stream_ = std::move(file);
    return reader;
}

LineReader LineReader::over(std::string text, std::string name) {
    LineReader reader;
    reader.name_ = std::move(name);
    reader.stream_ = std::make_unique<std::istringstream>(std::move(text));
    return reader;
}

RecordingResult<std::optional<std::string_view>> LineReader::next() {
    if (buffer_.empty()) buffer_.resize(kRecordingLineBytesMax + 1);
    if (!stream_->good()) return std::nullopt;
    stream_->getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    const auto taken = static_cast<std::size_t>(stream_->gcount());
    if (stream_->bad()) return std::unexpected(error("cannot be read any further"));
    if (stream_->eof() && taken == 0) return std::nullopt;
    ++line_;
    if (stream_->fail()) {
        return std::unexpected(error("line is longer than " + std::to_string(kRecordingLineBytesMax) + " bytes"));
    }
    // getline counts the newline it took, but not the end of the file.
    std::string_view text(buffer_.data(), stream_->eof() ? taken : taken - 1);
    if (line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find('\0') != std::string_view::npos) return std::unexpected(error("not a text file"));
    return text;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::uint64_t> whole_number(std::string_view text, std::uint64_t max) {
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return std::nullopt;
        const auto step = static_cast<std::uint64_t>(digit - '0');
        if (value > (max - std::min(step, max)) / 10) return std::nullopt;
        value = value * 10 + step;
    }
    return value <= max ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> exact_decimal(std::string_view text, int decimals) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return std::nullopt;
    const auto wanted = static_cast<std::size_t>(decimals);
    if (fraction.size() > wanted) {
        if (fraction.find_first_not_of('0', wanted) != std::string_view::npos) return std::nullopt;
        fraction = fraction.substr(0, wanted);
    }
    std::string digits(whole);
    digits += fraction;
    digits.append(wanted - fraction.size(), '0');
    const auto value = whole_number(digits, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!value) return std::nullopt;
    return negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

}  // namespace pvmsim::scenarios
