// YamlWriter: indented lines of block YAML with comments, and the quoting that makes any text of a listing safe in it.
// A library would write the values as well, but not the comments, and those are half of an imported scenario.
#pragma once

#include <string>
#include <string_view>

namespace pvmsim::scenarios {

class YamlWriter {
  public:
    /// `key: value`, and a comment behind it unless that is empty. An empty value opens a block: indent it.
    void pair(std::string_view key, std::string_view value, std::string_view comment = {});
    /// `- value`
    void item(std::string_view value, std::string_view comment = {});
    void comment(std::string_view text);  ///< wrapped to the width of a page
    void blank() { text_ += '\n'; }

    void indent() { ++depth_; }
    void outdent() { --depth_; }

    [[nodiscard]] std::string take() && { return std::move(text_); }

  private:
    void line(std::string_view text, std::string_view comment);

    std::string text_;
    std::size_t depth_ = 0;
};

/// A plain word stays as it is; anything else is put in double quotes. Braces are doubled where the scenario format
/// takes them for arithmetic; bytes that are no UTF-8 become question marks, control characters spaces.
std::string yaml_text(std::string_view text);

/// As yaml_text, and in quotes whatever it is: serial numbers and indices look like numbers but are none.
std::string yaml_quoted(std::string_view text);

/// The text with what cannot stand in a comment or a name replaced, as yaml_text does.
std::string printable(std::string_view text);

}  // namespace pvmsim::scenarios
