// Output that arrives whole; see console_output.hpp.
// The temporary name carries the process id, so that two runs writing the same file do not meet.
#include "apps/console_output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>

namespace pvmsim::apps {

void complain(std::string_view text) { std::cerr << "pvmsim: " << text << '\n'; }

bool print(std::string_view text) {
    std::cout << text << std::flush;
    if (std::cout.good()) return true;
    complain(std::string("cannot write to standard output: ") + std::strerror(errno));
    return false;
}

OutputFile::OutputFile(std::string path, bool direct)
    : path_(std::move(path)),
      written_to_(direct ? path_ : path_ + ".part" + std::to_string(::getpid())),
      stream_(written_to_, std::ios::binary | std::ios::trunc),
      direct_(direct) {}

std::unique_ptr<OutputFile> OutputFile::open(const std::string& path) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (std::filesystem::is_directory(status)) {
        complain("cannot write " + path + ": it is a directory");
        return nullptr;
    }
    const bool direct = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
    errno = 0;
    std::unique_ptr<OutputFile> file(new OutputFile(path, direct));
    if (file->stream_) return file;
    complain("cannot write " + path + ": " + std::strerror(errno));
    return nullptr;
}

OutputFile::~OutputFile() {
    if (committed_ || direct_) return;
    stream_.close();
    std::error_code ignored;
    std::filesystem::remove(written_to_, ignored);
}

bool OutputFile::commit() {
    errno = 0;
    stream_.close();
    if (!stream_) {
        complain("cannot write " + path_ + ": " + std::strerror(errno));
        return false;
    }
    if (!direct_ && std::rename(written_to_.c_str(), path_.c_str()) != 0) {
        complain("cannot write " + path_ + ": " + std::strerror(errno));
        return false;
    }
    committed_ = true;
    return true;
}

}  // namespace pvmsim::apps
