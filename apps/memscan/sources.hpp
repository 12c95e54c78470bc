// Sources of pages: the files that memscan reads, behind an interface so that tests can let them vanish, shrink and
// fail.
//
// A file is read up to the size it had when it was opened, so one that grows meanwhile is as good as any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pvmsim::memscan {

/// An open file. Reads may come from several threads at once.
class SourceFile {
  public:
    virtual ~SourceFile() = default;
    /// When it was opened.
    [[nodiscard]] virtual std::uint64_t bytes() const = 0;
    /// Fills the buffer from `offset` on; fewer bytes than asked for only where the file ends. The error is a sentence.
    [[nodiscard]] virtual std::expected<std::size_t, std::string> read_at(std::uint64_t offset,
                                                                          std::span<std::byte> buffer) const = 0;
};

enum class EntryKind : std::uint8_t { kFile, kDirectory, kLink, kSpecial };

/// What stands behind a name.
struct Entry {
    EntryKind kind = EntryKind::kFile;
    std::uint64_t bytes = 0;
    /// Two names with equal device and inode are one file.
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
};

class Sources {
  public:
    virtual ~Sources() = default;
    /// Follows symbolic links: for what the user named.
    [[nodiscard]] virtual std::expected<Entry, std::string> look_at(const std::string& path) const = 0;
    /// Does not: for what a directory holds.
    [[nodiscard]] virtual std::expected<Entry, std::string> look_at_link(const std::string& path) const = 0;
    /// Names in a directory, in any order, without "." and "..".
    [[nodiscard]] virtual std::expected<std::vector<std::string>, std::string> list(const std::string& path) const = 0;
    /// A regular file only, and without ever waiting: a pipe that took its place meanwhile is refused.
    [[nodiscard]] virtual std::expected<std::unique_ptr<SourceFile>, std::string> open(
        const std::string& path) const = 0;
};

/// The file system of this machine.
[[nodiscard]] std::unique_ptr<Sources> file_system();

}  // namespace pvmsim::memscan
