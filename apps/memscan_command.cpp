// pvmsim memscan: what deduplication and expansion would make of the memory in files.
//
// Parses sizes, watches for interrupts, and sees to it that the result is printed whole or not at all; the work is in
// apps/memscan/.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <regex>
#include <thread>

#include "apps/commands.hpp"
#include "apps/console_output.hpp"
#include "apps/interrupt.hpp"
#include "apps/memscan/scan.hpp"
#include "apps/memscan_report.hpp"
#include "apps/progress.hpp"
#include "scenarios/results/text.hpp"
#include "scenarios/schema/quantities.hpp"
#include "scenarios/schema/scalar_forms.hpp"

namespace pvmsim::apps {
namespace {

constexpr unsigned kThreadsMax = 64;

/// A size option; nullopt after a complaint.
std::optional<std::uint64_t> size_option(const char* name, const std::string& text, std::uint64_t bytes_min) {
    const auto form = scenarios::scalar_form(scenarios::Type::kSize);
    if (!std::regex_match(text, std::regex(form.pattern))) {
        complain(std::string(name) + ": '" + text + "' is not " + std::string(form.what));
        return std::nullopt;
    }
    const auto parsed = scenarios::parse_size_bytes(text);
    if (!parsed || *parsed < 0 || static_cast<std::uint64_t>(*parsed) < bytes_min) {
        complain(std::string(name) + ": '" + text + "' is " +
                 (parsed ? "less than " + scenarios::size_text(static_cast<std::int64_t>(bytes_min)) : parsed.error()));
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(*parsed);
}

std::optional<memscan::ScanOptions> scan_options(const MemscanOptions& options) {
    memscan::ScanOptions scan;
    const auto processors = std::max(1u, std::thread::hardware_concurrency());
    scan.threads = std::min(options.threads != 0 ? options.threads : processors, kThreadsMax);
    scan.table_ratio = options.table_ratio;
    scan.sample = options.sample;
    if (!options.memory.empty()) {
        const auto bytes = size_option("--memory", options.memory, memscan::kMemoryBytesMin);
        if (!bytes) return std::nullopt;
        scan.memory_bytes = *bytes;
    }
    if (!options.table_size.empty()) {
        const auto bytes = size_option("--table-size", options.table_size, hypervisor::kPageBytes);
        if (!bytes) return std::nullopt;
        scan.table_bytes = *bytes;
    }
    return scan;
}

std::string megabytes(std::uint64_t bytes) { return scenarios::count_text(bytes >> 20) + " MB"; }

std::string closing_line(std::uint64_t pages, unsigned threads, double wall_seconds) {
    char text[160];
    std::snprintf(text, sizeof text, "pages=%llu threads=%u wall=%.3fs pages_per_second=%.0f\n",
                  static_cast<unsigned long long>(pages), threads, wall_seconds,
                  wall_seconds > 0 ? static_cast<double>(pages) / wall_seconds : 0.0);
    return text;
}

}  // namespace

int memscan_command(const MemscanOptions& options) {
    const auto scan_with = scan_options(options);
    if (!scan_with) return kExitBadInput;

    watch_for_interrupts();
    memscan::ScanProgress reached;
    const auto files = memscan::file_system();
    Progress progress;
    const auto result = memscan::scan(*files, options.files, *scan_with, [&](const memscan::ScanProgress& now) {
        reached = now;
        const auto total = std::max(now.bytes_total, now.bytes_done);
        progress.update(total == 0 ? 0.0 : static_cast<double>(now.bytes_done) / static_cast<double>(total),
                        megabytes(now.bytes_done) + " of " + megabytes(total));
        return !interrupted();
    });
    const auto wall_seconds = progress.wall_seconds();
    progress.finish();
    for (const auto& warning : result ? result->warnings : result.error().warnings) complain(warning);
    if (!result) {
        for (const auto& error : result.error().errors) complain(error);
        if (!result.error().stopped) return kExitBadInput;
        complain("interrupted after " + megabytes(reached.bytes_done) + " of " + megabytes(reached.bytes_total) +
                 "; no result");
        return kExitInterrupted;
    }
    if (!print(options.json ? memscan_json(*result) : memscan_text(*result))) return kExitBadInput;
    std::cerr << closing_line(result->all.pages, scan_with->threads, wall_seconds);
    return kExitOk;
}

}  // namespace pvmsim::apps
