// Sources on the machine's own file system; see sources.hpp.
// Reads with pread into the caller's buffer. Mapping the file would be no faster here and would end the program with
// SIGBUS when somebody truncates it.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "apps/memscan/sources.hpp"

namespace pvmsim::memscan {
namespace {

std::unexpected<std::string> system_error() { return std::unexpected(std::string(std::strerror(errno))); }

Entry entry_of(const struct stat& status) {
    Entry entry{.kind = EntryKind::kSpecial,
                .device = static_cast<std::uint64_t>(status.st_dev),
                .inode = static_cast<std::uint64_t>(status.st_ino)};
    if (S_ISREG(status.st_mode)) {
        entry.kind = EntryKind::kFile;
        entry.bytes = static_cast<std::uint64_t>(status.st_size);
    }
    if (S_ISDIR(status.st_mode)) entry.kind = EntryKind::kDirectory;
    if (S_ISLNK(status.st_mode)) entry.kind = EntryKind::kLink;
    return entry;
}

class OpenFile final : public SourceFile {
  public:
    OpenFile(int descriptor, std::uint64_t bytes) : descriptor_(descriptor), bytes_(bytes) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() override { ::close(descriptor_); }

    [[nodiscard]] std::uint64_t bytes() const override { return bytes_; }

    [[nodiscard]] std::expected<std::size_t, std::string> read_at(std::uint64_t offset,
                                                                  std::span<std::byte> buffer) const override {
        std::size_t done = 0;
        while (done < buffer.size()) {
            const auto got =
                ::pread(descriptor_, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return system_error();
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

  private:
    int descriptor_;
    std::uint64_t bytes_;
};

class FileSystem final : public Sources {
  public:
    [[nodiscard]] std::expected<Entry, std::string> look_at(const std::string& path) const override {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) return system_error();
        return entry_of(status);
    }

    [[nodiscard]] std::expected<Entry, std::string> look_at_link(const std::string& path) const override {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) return system_error();
        return entry_of(status);
    }

    [[nodiscard]] std::expected<std::vector<std::string>, std::string> list(const std::string& path) const override {
        const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
        if (!directory) return system_error();
        std::vector<std::string> names;
        errno = 0;
        while (const auto* found = ::readdir(directory.get())) {
            const std::string_view name(found->d_name);
            if (name != "." && name != "..") names.emplace_back(name);
            errno = 0;
        }
        if (errno != 0) return system_error();
        return names;
    }

    [[nodiscard]] std::expected<std::unique_ptr<SourceFile>, std::string> open(const std::string& path) const override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (descriptor < 0) return system_error();
        struct stat status {};
        if (::fstat(descriptor, &status) != 0) {
            auto error = system_error();
            ::close(descriptor);
            return error;
        }
        if (!S_ISREG(status.st_mode)) {
            ::close(descriptor);
            return std::unexpected(std::string("not a regular file"));
        }
        ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
        return std::make_unique<OpenFile>(descriptor, static_cast<std::uint64_t>(status.st_size));
    }
};

}  // namespace

std::unique_ptr<Sources> file_system() { return std::make_unique<FileSystem>(); }

}  // namespace pvmsim::memscan
