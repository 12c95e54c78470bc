// pvmsim: the command line. Declares verbs and options, hands them to commands.hpp, and keeps the exit codes.
//
// The only file that includes CLI11, which takes long to compile.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/console_output.hpp"
#include "scenarios/loader/suggest.hpp"
#include "sim/base/assert.hpp"

namespace {

using namespace pvmsim::apps;

void report_own_fault(std::string_view condition, std::string_view file, int line) {
    std::fprintf(stderr, "pvmsim: internal error: %.*s (%.*s:%d)\n", static_cast<int>(condition.size()),
                 condition.data(), static_cast<int>(file.size()), file.data(), line);
    std::fputs("pvmsim: this is our fault. The same scenario, seed and --set options repeat it.\n", stderr);
    std::_Exit(kExitInternalError);
}

void add_run(CLI::App& app, RunOptions& options) {
    auto* run = app.add_subcommand("run", "Play a scenario and judge its expectations");
    run->add_option("FILE", options.scenario, "The scenario; - reads standard input")->required();
    run->add_option("--seed", options.seed, "Root seed, instead of the scenario's");
    run->add_option("--until", options.until,
                    "Run for this simulated time instead of the scenario's duration, e.g. 90s");
    run->add_option("--set", options.overrides, "Change the scenario: path=value, e.g. partitions.vios1.boot_time=60s")
        ->allow_extra_args(false);
    run->add_option("--series", options.series,
                    "Sample each partition's consumption at this interval, e.g. 60s (JSON output)");
    run->add_option_function<std::string>(
           "--output", [&options](const std::string& format) { options.json = format == "json"; }, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->default_str("table");
    run->add_option("--trace", options.trace_file, "Write every trace record to this file, one JSON object a line");
    run->add_flag("--quiet", options.quiet, "No timeline, only the tables");
}

CLI::App* add_audit(CLI::App& app, AuditOptions& options) {
    auto* audit = app.add_subcommand("audit", "Find what would make an outage, or make one longer, without running it");
    audit->add_option("FILE", options.scenario, "The scenario; - reads standard input");
    audit->add_option("--set", options.overrides, "Change the scenario: path=value")->allow_extra_args(false);
    audit
        ->add_option_function<std::string>(
            "--output", [&options](const std::string& format) { options.json = format == "json"; }, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->default_str("text");
    audit->add_flag("--list", options.list, "Print all rules");
    audit->add_option("--explain", options.explain, "Print one rule in full, e.g. NET-003");
    return audit;
}

CLI::App* add_memscan(CLI::App& app, MemscanOptions& options) {
    auto* memscan = app.add_subcommand("memscan", "What deduplication and expansion would make of the memory in files");
    memscan->add_option("FILE", options.files, "Dumps, or any files; directories are walked")->required();
    memscan->add_option("--threads", options.threads, "Threads; as many as there are processors unless given")
        ->check(CLI::Range(1, 64));
    memscan->add_option("--memory", options.memory, "Memory to use for buffers and tables, e.g. 4GB; 1GB unless given");
    auto* size = memscan->add_option("--table-size", options.table_size, "Signature table of deduplication, e.g. 16MB");
    memscan
        ->add_option_function<std::string>(
            "--table-ratio",
            [&options](const std::string& ratio) {
                options.table_ratio = static_cast<std::uint32_t>(std::stoul(ratio.substr(2)));
            },
            "Or its ratio to what is scanned: 1:256 to 1:8192; 1:1024 unless given")
        ->check(CLI::IsMember({"1:256", "1:512", "1:1024", "1:2048", "1:4096", "1:8192"}))
        ->excludes(size);
    memscan->add_option("--sample", options.sample, "Compress one page in so many; unless given, all up to 1 GB")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
    memscan
        ->add_option_function<std::string>(
            "--output", [&options](const std::string& format) { options.json = format == "json"; }, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->default_str("table");
    return memscan;
}

/// "unknown command 'rum', did you mean 'run'?", when the first argument is neither a verb nor an option.
std::optional<std::string> unknown_verb(const CLI::App& app, int argc, char** argv) {
    if (argc < 2 || argv[1][0] == '-') return std::nullopt;
    const std::string given = argv[1];
    std::vector<std::string> verbs;
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
        verbs.push_back(verb->get_name());
    if (std::ranges::find(verbs, given) != verbs.end()) return std::nullopt;
    return "unknown command '" + given + "'" + pvmsim::scenarios::suggestion(given, verbs);
}

int parse_and_run(int argc, char** argv) {
    CLI::App app{"pvmsim rehearses IBM POWER7 servers under PowerVM: failover, maintenance, capacity.", "pvmsim"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "pvmsim " PVMSIM_VERSION);
    app.set_help_all_flag("--help-all", "Help of every verb");

    RunOptions run;
    add_run(app, run);

    ValidateOptions validate;
    auto* validate_verb = app.add_subcommand("validate", "Check a scenario without running it");
    validate_verb->add_option("FILE", validate.scenario, "The scenario; - reads standard input")->required();
    validate_verb->add_option("--set", validate.overrides, "Change the scenario: path=value")->allow_extra_args(false);

    app.footer(
        "Examples:\n"
        "  pvmsim run scenarios/library/dual-vios.yaml\n"
        "  pvmsim run site.yaml --set partitions.vios1.boot_time=5min --output json > result.json\n"
        "  pvmsim import hmc listings/ > site.yaml");

    ImportHmcOptions import_hmc;
    auto* import_verb = app.add_subcommand("import", "Turn recordings of a real machine into a scenario");
    import_verb->require_subcommand(1);
    auto* import_hmc_verb =
        import_verb->add_subcommand("hmc", "From a directory of HMC listings; the scenario goes to standard output");
    import_hmc_verb->add_option("DIR", import_hmc.directory, "Directory with the recorded listings")->required();

    auto* schema_verb = app.add_subcommand("schema", "Print the JSON Schema of scenario files, for editors");

    AuditOptions audit;
    const auto* audit_verb = add_audit(app, audit);

    MemscanOptions memscan;
    const auto* memscan_verb = add_memscan(app, memscan);

    if (const auto unknown = unknown_verb(app, argc, argv)) {
        complain(*unknown);
        complain("see: pvmsim --help");
        return kExitBadInput;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& stop) {
        // Help and version are successes; everything else is one line and the way to the help.
        if (stop.get_exit_code() == 0) return app.exit(stop);
        complain(stop.what());
        complain("see: pvmsim --help");
        return kExitBadInput;
    }
    if (validate_verb->parsed()) return validate_command(validate);
    if (audit_verb->parsed()) return audit_command(audit);
    if (import_hmc_verb->parsed()) return import_hmc_command(import_hmc);
    if (schema_verb->parsed()) return schema_command();
    if (memscan_verb->parsed()) return memscan_command(memscan);
    return run_command(run);
}

}  // namespace

int main(int argc, char** argv) {
    pvmsim::sim::set_assertion_handler(report_own_fault);
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        report_own_fault(error.what(), "main", 0);
    }
    return kExitInternalError;
}
