// Files in memory that misbehave on demand: vanish before they are opened, shrink or fail while they are read, grow.
// Directories are the paths that others lie in.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "apps/memscan/sources.hpp"
#include "hypervisor/memory/page.hpp"

namespace pvmsim::memscan {

/// A page filled with one number; page(0) is the zero page.
inline std::string page(std::uint64_t content) {
    std::string bytes(hypervisor::kPageBytes, '\0');
    for (std::size_t at = 0; at < bytes.size(); at += sizeof content)
        std::memcpy(bytes.data() + at, &content, sizeof content);
    return bytes;
}

inline std::string pages(const std::vector<std::uint64_t>& contents) {
    std::string bytes;
    for (const auto content : contents) bytes += page(content);
    return bytes;
}

struct FakeFile {
    std::string bytes;
    EntryKind kind = EntryKind::kFile;
    std::uint64_t inode = 0;           ///< 0: one of its own
    bool vanishes = false;             ///< listed, but not there when it is opened
    std::uint64_t ends_at = ~0ull;     ///< shrinks: reads end here
    std::uint64_t fails_at = ~0ull;    ///< reads beyond fail
    std::uint64_t bytes_at_open = ~0;  ///< grows: less than there is to read
};

class FakeSources final : public Sources {
  public:
    std::map<std::string, FakeFile> files;

    [[nodiscard]] std::expected<Entry, std::string> look_at(const std::string& path) const override {
        if (const auto found = files.find(path); found != files.end()) {
            const auto number = static_cast<std::uint64_t>(std::distance(files.begin(), found));
            return Entry{.kind = found->second.kind,
                         .bytes = std::min<std::uint64_t>(found->second.bytes.size(), found->second.bytes_at_open),
                         .device = 1,
                         .inode = found->second.inode != 0 ? found->second.inode : 1000 + number};
        }
        for (const auto& [name, file] : files)
            if (name.starts_with(path + "/"))
                return Entry{
                    .kind = EntryKind::kDirectory, .bytes = 0, .device = 2, .inode = std::hash<std::string>{}(path)};
        return std::unexpected(std::string("No such file or directory"));
    }
    [[nodiscard]] std::expected<Entry, std::string> look_at_link(const std::string& path) const override {
        return look_at(path);
    }
    [[nodiscard]] std::expected<std::vector<std::string>, std::string> list(const std::string& path) const override {
        std::vector<std::string> names;
        for (const auto& [name, file] : files) {
            if (!name.starts_with(path + "/")) continue;
            const auto rest = name.substr(path.size() + 1);
            const auto child = rest.substr(0, rest.find('/'));
            if (std::ranges::find(names, child) == names.end()) names.push_back(child);
        }
        return names;
    }
    [[nodiscard]] std::expected<std::unique_ptr<SourceFile>, std::string> open(const std::string& path) const override {
        const auto& file = files.at(path);
        if (file.vanishes) return std::unexpected(std::string("No such file or directory"));
        return std::make_unique<Opened>(file);
    }

  private:
    class Opened final : public SourceFile {
      public:
        explicit Opened(const FakeFile& file) : file_(file) {}
        [[nodiscard]] std::uint64_t bytes() const override {
            return std::min<std::uint64_t>(file_.bytes.size(), file_.bytes_at_open);
        }
        [[nodiscard]] std::expected<std::size_t, std::string> read_at(std::uint64_t offset,
                                                                      std::span<std::byte> buffer) const override {
            if (offset + buffer.size() > file_.fails_at) return std::unexpected(std::string("Input/output error"));
            const auto end = std::min<std::uint64_t>(file_.bytes.size(), file_.ends_at);
            const auto count = std::min<std::uint64_t>(buffer.size(), end - std::min(end, offset));
            std::memcpy(buffer.data(), file_.bytes.data() + std::min<std::uint64_t>(offset, file_.bytes.size()), count);
            return count;
        }

      private:
        const FakeFile& file_;
    };
};

}  // namespace pvmsim::memscan
