// The report of amepat; see amepat.hpp.
// Sections and columns as the public listings have them; the paragraphs of the recommendation break at fixed words.
#include <array>
#include <cstdarg>
#include <cstdio>

#include "aix/memory/amepat.hpp"

namespace pvmsim::aix {
namespace {

/// One formatted line.
__attribute__((format(printf, 1, 2))) std::string line(const char* format, ...) {
    std::array<char, 256> text{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    return std::string(text.data()) + '\n';
}

/// Hundredths, rounded to the nearest; integers up to here so that the text is the same everywhere.
std::string hundredths_text(std::uint64_t hundredths) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%llu.%02llu", static_cast<unsigned long long>(hundredths / 100),
                  static_cast<unsigned long long>(hundredths % 100));
    return text.data();
}

std::string cores_text(hypervisor::CoreRate rate) {
    return hundredths_text((static_cast<std::uint64_t>(rate.nanocores) + 5'000'000) / 10'000'000);
}

/// "23.75 GB", "512.00 MB", "0.00 KB"
std::string size_text(std::uint64_t mib) {
    if (mib == 0) return "0.00 KB";
    if (mib < 1024) return hundredths_text(mib * 100) + " MB";
    return hundredths_text((mib * 100 + 512) / 1024) + " GB";
}

unsigned percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<unsigned>((part * 200 / whole + 1) / 2);
}

std::string heading(const std::string& title) { return title + "\n" + std::string(title.size(), '-') + "\n"; }

std::string on_off(bool enabled) { return enabled ? "Enabled" : "Disabled"; }

std::string configuration(const AmepatSystem& system, const AmepatQuestion& question) {
    const auto row = [](const char* name, const std::string& value) { return line("%-31s: %s", name, value.c_str()); };
    return heading("System Configuration:") + row("Partition Name", system.partition_name) +
           row("Processor Implementation Mode", system.processor_mode) +
           row("Number Of Logical CPUs", std::to_string(system.logical_cpus)) +
           row("Processor Entitled Capacity", cores_text(system.entitled)) +
           row("Processor Max. Capacity", cores_text(question.capacity_max)) +
           row("True Memory", size_text(system.true_mib)) + row("SMT Threads", std::to_string(system.smt_threads)) +
           row("Shared Processor Mode", system.shared_processor_mode) +
           row("Active Memory Sharing", on_off(system.memory_sharing)) +
           row("Active Memory Expansion", on_off(system.memory_expansion)) + "\n";
}

std::string statistics(const AmepatSystem& system, const AmepatQuestion& question) {
    const auto millicores_max = static_cast<std::uint64_t>(question.capacity_max.nanocores) / 1'000'000;
    const auto cpu = [&](std::uint64_t millicores) {
        return line("%s [%3u%%]", hundredths_text((millicores + 5) / 10).c_str(), percent(millicores, millicores_max));
    };
    const auto memory = [&](std::uint64_t mib) {
        return line("%llu [%3u%%]", static_cast<unsigned long long>(mib), percent(mib, system.true_mib));
    };
    const auto row = [](const char* name, const ObservedMean& value, const auto& cell) {
        auto text = line("%-31s", name);
        text.pop_back();
        for (const auto part : {value.mean, value.min, value.max}) {
            auto one = cell(part);
            one.pop_back();
            text += std::string(one.size() < 16 ? 16 - one.size() : 1, ' ') + one;
        }
        return text + "\n";
    };
    return line("%-31s%16s%16s%16s", "System Resource Statistics:", "Average    ", "Min      ", "Max      ") +
           line("%-31s%16s%16s%16s", "---------------------------", "-----------", "-----------", "-----------") +
           row("CPU Util (Phys. Processors)", system.cpu_millicores, cpu) +
           row("Virtual Memory Size (MB)", system.virtual_mib, memory) +
           row("True Memory In-Use (MB)", system.in_use_mib, memory) +
           row("Pinned Memory (MB)", system.pinned_mib, memory) +
           row("File Cache Size (MB)", system.file_cache_mib, memory) +
           row("Available Memory (MB)", system.available_mib, memory) + "\n";
}

std::string table(const std::vector<ExpansionEstimate>& estimates) {
    std::string text =
        "Expansion    Modeled True      Modeled              CPU Usage\n"
        "Factor       Memory Size       Memory Gain          Estimate\n"
        "---------    --------------    -----------------    -----------\n";
    for (const auto& row : estimates)
        text += line("%9s    %14s    %10s [%3u%%]    %4s [%3u%%]", row.factor.to_string().c_str(),
                     size_text(row.true_mib).c_str(), size_text(row.gain_mib).c_str(), row.gain_percent,
                     cores_text(row.cpu).c_str(), row.cpu_percent);
    return text + "\n";
}

std::string recommendation(const AmepatQuestion& question, const std::vector<ExpansionEstimate>& estimates) {
    const auto heads = heading("Active Memory Expansion Recommendation:");
    const auto best = recommend(question, estimates);
    if (!best)
        return heads +
               "There is no suitable AME configuration for this workload: no modeled factor\n"
               "gains memory within the CPU usage limit of " +
               std::to_string(question.cpu_cap_percent) + "%.\n";
    return heads + "The recommended AME configuration for this workload is to configure the LPAR\n" +
           "with a memory size of " + size_text(best->estimate.true_mib) +
           " and to configure a memory expansion factor\nof " + best->estimate.factor.to_string() +
           ". This will result in a memory gain of " + std::to_string(best->estimate.gain_percent) +
           "%. With this\nconfiguration, the estimated CPU usage due to AME is approximately " +
           cores_text(best->estimate.cpu) +
           "\nphysical processors, and the estimated overall peak CPU resource required for\n" + "the LPAR is " +
           cores_text(best->peak_total) + " physical processors.\n";
}

}  // namespace

std::string amepat_text(const AmepatSystem& system, const AmepatQuestion& question,
                        const std::vector<ExpansionEstimate>& estimates) {
    const auto row = [](const char* name, const std::string& value) { return line("%-31s: %s", name, value.c_str()); };
    const auto monitored =
        std::to_string(system.monitored_s / 60) + " mins " + std::to_string(system.monitored_s % 60) + " secs";
    return row("Command Invoked", system.command) + "\n" + row("Date/Time of invocation", system.invoked_at) +
           row("Total Monitored time", monitored) + row("Total Samples Collected", std::to_string(system.samples)) +
           "\n" + configuration(system, question) + statistics(system, question) +
           heading("Active Memory Expansion Modeled Statistics:") +
           row("Modeled Expanded Memory Size", size_text(question.expanded_mib)) +
           row("Achievable Compression ratio", hundredths_text(question.model.ratio_hundredths)) + "\n" +
           table(estimates) + recommendation(question, estimates);
}

}  // namespace pvmsim::aix
