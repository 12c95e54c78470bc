// The verbs of the command line. Each takes its options and returns the exit code; parsing is main.cpp's job.
//
// Exit codes: 0 all well; 1 an expectation failed, or an audit found something critical; 2 bad usage or bad input; 3
// our own fault; 130 stopped by the user.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pvmsim::apps {

inline constexpr int kExitOk = 0;
inline constexpr int kExitExpectationFailed = 1;
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitInternalError = 3;
inline constexpr int kExitInterrupted = 130;

struct RunOptions {
    std::string scenario;
    std::optional<std::uint64_t> seed;
    std::string until;                   ///< "90s"; empty: the scenario's duration
    std::string series;                  ///< "300s"; empty: no series
    std::vector<std::string> overrides;  ///< --set path=value
    bool json = false;
    std::string trace_file;  ///< JSON lines; empty: none
    bool quiet = false;      ///< no timeline
};
int run_command(const RunOptions& options);

struct ValidateOptions {
    std::string scenario;
    std::vector<std::string> overrides;
};
int validate_command(const ValidateOptions& options);

struct AuditOptions {
    std::string scenario;  ///< empty: with list or explain only
    std::vector<std::string> overrides;
    bool json = false;
    bool list = false;    ///< print all rules instead
    std::string explain;  ///< print this rule instead
};
int audit_command(const AuditOptions& options);

struct ImportHmcOptions {
    std::string directory;
};
int import_hmc_command(const ImportHmcOptions& options);

int schema_command();

struct MemscanOptions {
    std::vector<std::string> files;
    unsigned threads = 0;    ///< 0: as many as there are processors
    std::string memory;      ///< "2GB"; empty: 1 GB
    std::string table_size;  ///< "16MB"; empty: by the ratio
    std::uint32_t table_ratio = 1024;
    std::uint64_t sample = 0;  ///< 0: chosen by size
    bool json = false;
};
int memscan_command(const MemscanOptions& options);

}  // namespace pvmsim::apps
