// What all commands share in talking to the terminal: errors, output that must arrive whole, files without halves.
// Data goes to standard output, messages to standard error.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace pvmsim::apps {

/// "pvmsim: text" on standard error.
void complain(std::string_view text);

/// Writes to standard output; false, after a complaint, when it cannot be written (a full disk, a closed pipe).
[[nodiscard]] bool print(std::string_view text);

/// A file that appears whole or not at all: written beside its name and renamed by commit(). Devices and pipes are
/// written directly.
class OutputFile {
  public:
    /// nullptr, after a complaint, when it cannot be written.
    static std::unique_ptr<OutputFile> open(const std::string& path);
    ~OutputFile();

    [[nodiscard]] std::ostream& stream() { return stream_; }
    /// False, after a complaint, when not everything could be written; then nothing is left behind.
    [[nodiscard]] bool commit();

  private:
    OutputFile(std::string path, bool direct);

    std::string path_;
    std::string written_to_;
    std::ofstream stream_;
    bool direct_;
    bool committed_ = false;
};

}  // namespace pvmsim::apps
