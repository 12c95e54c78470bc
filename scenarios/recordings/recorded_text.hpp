// What every reader of recordings shares: errors that name file and line, bounded lines, exact decimal numbers.
//
// Recordings come from machines and from people's mail boxes: CRLF, a byte order mark and a missing last newline are
// harmless; anything that is not text of sensible line length is refused before it is believed.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios {

struct RecordingError {
    std::string file;
    std::uint32_t line = 0;  ///< from 1; 0: the file as a whole
    std::string text;

    /// "file:line: text"
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const RecordingError&, const RecordingError&) = default;
};

template <class T>
using RecordingResult = std::expected<T, RecordingError>;

/// [PARAM] our choice. The longest line seen in a real recording (a profile with 64 adapters) has under 10 kB.
inline constexpr std::size_t kRecordingLineBytesMax = std::size_t{1} << 20;

/// Lines of a text, without their ends (LF or CRLF).
class LineReader {
  public:
    /// Reads from a file; `name` is what errors call it.
    static RecordingResult<LineReader> open(const std::filesystem::path& path);
    /// Reads from memory.
    static LineReader over(std::string text, std::string name);

    /// The next line, nullopt at the end; an error for a line beyond the limit or with a NUL in it.
    RecordingResult<std::optional<std::string_view>> next();

    [[nodiscard]] std::uint32_t line() const { return line_; }  ///< of what next() gave last
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] RecordingError error(std::string text) const { return {name_, line_, std::move(text)}; }

  private:
    LineReader() = default;

    std::string name_;
    std::unique_ptr<std::istream> stream_;
    std::string buffer_;
    std::uint32_t line_ = 0;
};

/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// "1.257" with decimals = 9 is 1257000000: exact, no floating point on the way. Not a plain decimal number, more
/// digits after the point than `decimals` (unless they are 0), or beyond 64 bits: nullopt.
std::optional<std::int64_t> exact_decimal(std::string_view text, int decimals);

/// Digits only, at most `max`.
std::optional<std::uint64_t> whole_number(std::string_view text, std::uint64_t max);

/// "a,b,,c" split at every comma.
std::vector<std::string_view> split_at(std::string_view text, char separator);

}  // namespace pvmsim::scenarios
