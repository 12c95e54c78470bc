// What tests of recordings share: where the recordings of real machines are, and listings of our own as files.
//
// Recordings belong to others and are no part of the project: PVMSIM_RECORDINGS names the directory that has them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace pvmsim::scenarios {

/// A file or directory of the recordings; nullopt when it is not there.
inline std::optional<std::filesystem::path> find_recording(const std::string& name) {
    const char* root = std::getenv("PVMSIM_RECORDINGS");
    if (root == nullptr || *root == '\0') return std::nullopt;
    const auto path = std::filesystem::path(root) / name;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return path;
}

/// A directory of its own for one test, gone afterwards.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::filesystem::temp_directory_path() /
                ("pvmsim-" + std::to_string(getpid()) + "-" + test->test_suite_name() + "-" + test->name());
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace pvmsim::scenarios

#define PVMSIM_SKIP_WITHOUT(recording) \
    if (!(recording)) GTEST_SKIP() << "the recording is not here; set PVMSIM_RECORDINGS to the directory that has it"
