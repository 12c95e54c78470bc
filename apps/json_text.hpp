// JSON, written down in the order of the calls with two spaces of indentation. Only what memscan's report needs.
//
// Names of files are bytes, JSON is UTF-8: bytes that are no UTF-8 become U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pvmsim::apps {

class JsonText {
  public:
    void begin_object(std::string_view key = {}) { open(key, '{'); }
    void end_object() { close('}'); }
    void begin_array(std::string_view key) { open(key, '['); }
    void end_array() { close(']'); }
    void number(std::string_view key, std::uint64_t value);
    /// A number already written, such as "2.19".
    void decimal(std::string_view key, std::string_view value);
    void text(std::string_view key, std::string_view value);

    [[nodiscard]] std::string finish() &&;

  private:
    void start(std::string_view key);
    void open(std::string_view key, char bracket);
    void close(char bracket);

    std::string out_;
    std::size_t depth_ = 0;
    bool first_ = true;  ///< nothing in the innermost bracket yet
};

/// In quotes, escaped.
[[nodiscard]] std::string json_string(std::string_view bytes);

}  // namespace pvmsim::apps
