// What the arguments of memscan stand for: the regular files, each once, in an order that does not depend on the disk.
//
// A file that the user named must be readable; one found in a directory may be left out with a word. A directory is
// walked in the order of names, symbolic links in it are not followed, and a file with several names is read once: in
// memory it would be there once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/memscan/sources.hpp"

namespace pvmsim::memscan {

struct ListedFile {
    std::string path;
    std::uint32_t argument = 0;  ///< which of the user's arguments it belongs to
    bool is_named = false;       ///< it is that argument
    std::uint64_t bytes = 0;     ///< when it was listed
};

/// What was left out of the scan, and why.
struct LeftOut {
    std::uint64_t links = 0;
    std::uint64_t special = 0;     ///< pipes, sockets, devices in directories
    std::uint64_t same = 0;        ///< another name of a file that is scanned
    std::uint64_t empty = 0;       ///< files without a byte
    std::uint64_t unreadable = 0;  ///< or vanished before they were opened; told each
    std::uint64_t changed = 0;     ///< not read to their end: they shrank, or the disk failed; told each
};

struct FileList {
    std::vector<ListedFile> files;
    LeftOut left_out;
    std::vector<std::string> warnings;  ///< about what was found
    std::vector<std::string> errors;    ///< about what was named; then there is nothing to scan
    [[nodiscard]] std::uint64_t bytes() const;
};

[[nodiscard]] FileList list_files(const Sources& sources, const std::vector<std::string>& arguments);

}  // namespace pvmsim::memscan
