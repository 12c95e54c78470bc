// Walking the arguments; see file_list.hpp.
// Directories are kept on a list of our own instead of recursion: a tree may be deeper than a stack.
#include "apps/memscan/file_list.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

namespace pvmsim::memscan {
namespace {

std::string join(const std::string& directory, const std::string& name) {
    return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

class Lister {
  public:
    explicit Lister(const Sources& sources) : sources_(sources) {}

    void take_argument(const std::string& path, std::uint32_t argument) {
        const auto entry = sources_.look_at(path);
        if (!entry) {
            list_.errors.push_back(path + ": " + entry.error());
            return;
        }
        switch (entry->kind) {
            case EntryKind::kFile:
                take_file(path, *entry, argument, true);
                return;
            case EntryKind::kDirectory:
                walk(path, *entry, argument);
                return;
            case EntryKind::kLink:
            case EntryKind::kSpecial:
                list_.errors.push_back(path + ": neither a regular file nor a directory");
                return;
        }
    }

    [[nodiscard]] FileList finish() && { return std::move(list_); }

  private:
    using Identity = std::pair<std::uint64_t, std::uint64_t>;

    void take_file(const std::string& path, const Entry& entry, std::uint32_t argument, bool is_named) {
        if (!seen_.insert(Identity{entry.device, entry.inode}).second) {
            ++list_.left_out.same;
            if (is_named) list_.warnings.push_back(path + ": already scanned under another name");
            return;
        }
        if (entry.bytes == 0) {
            ++list_.left_out.empty;
            if (is_named) list_.warnings.push_back(path + ": empty, no pages");
            return;
        }
        list_.files.push_back({.path = path, .argument = argument, .is_named = is_named, .bytes = entry.bytes});
    }

    void walk(const std::string& root, const Entry& root_entry, std::uint32_t argument) {
        struct Found {
            std::string path;
            Entry entry;
        };
        std::vector<Found> ahead{{root, root_entry}};  // what comes next is at the end
        while (!ahead.empty()) {
            const auto [path, entry] = std::move(ahead.back());
            ahead.pop_back();
            if (entry.kind == EntryKind::kFile) {
                take_file(path, entry, argument, false);
                continue;
            }
            if (entry.kind != EntryKind::kDirectory) {
                ++(entry.kind == EntryKind::kLink ? list_.left_out.links : list_.left_out.special);
                continue;
            }
            // A directory that was walked already: an argument inside of another one.
            if (!seen_.insert(Identity{entry.device, entry.inode}).second) continue;
            auto names = sources_.list(path);
            if (!names) {
                leave_out(path, names.error(), path == root);
                continue;
            }
            std::ranges::sort(*names, std::greater{});
            for (const auto& name : *names) {
                auto child = join(path, name);
                const auto looked = sources_.look_at_link(child);
                if (looked)
                    ahead.push_back({std::move(child), *looked});
                else
                    leave_out(child, looked.error(), false);
            }
        }
    }

    void leave_out(const std::string& path, const std::string& why, bool is_named) {
        if (is_named) {
            list_.errors.push_back(path + ": " + why);
            return;
        }
        ++list_.left_out.unreadable;
        list_.warnings.push_back(path + ": " + why);
    }

    const Sources& sources_;
    std::set<Identity> seen_;
    FileList list_;
};

}  // namespace

std::uint64_t FileList::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& file : files) sum += file.bytes;
    return sum;
}

FileList list_files(const Sources& sources, const std::vector<std::string>& arguments) {
    Lister lister(sources);
    for (std::uint32_t i = 0; i < arguments.size(); ++i) lister.take_argument(arguments[i], i);
    return std::move(lister).finish();
}

}  // namespace pvmsim::memscan
