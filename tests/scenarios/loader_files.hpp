// Files that the loader's tests read: the corpus of broken scenarios and the library, both relative to the root of the
// tree, where tests run.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace pvmsim::scenarios::testing {

inline const std::filesystem::path kBroken = "tests/scenarios/broken";
inline const std::filesystem::path kLibrary = "scenarios/library";

inline std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

inline std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace pvmsim::scenarios::testing
