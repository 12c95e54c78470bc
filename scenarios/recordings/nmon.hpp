// NmonRecording: an .nmon file of topas_nmon, and the processor load that it lets us replay.
//
// A sample is what was measured between its snapshot and the one before: sample i stands for (t(i-1), t(i)]. Time
// counts from the start of the first interval, which began `interval` seconds before the first snapshot; all later
// times are the file's own time stamps (299 to 302 s where 300 were asked for). Consumption is PhysicalCPU of the LPAR
// section, with its three decimals taken exactly. A dedicated partition has no LPAR section; there it is User + Sys of
// PCPU_ALL. Every data section is kept as text and can be asked for by name and column. Left out: BBB* (configuration)
// and TOP. Source: a recording of topas_nmon on AIX 7.1; the nmon header texts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hypervisor/units.hpp"
#include "scenarios/description/system_description.hpp"
#include "scenarios/recordings/recorded_text.hpp"
#include "sim/base/time.hpp"

namespace pvmsim::scenarios {

/// One data section: "DISKREAD" with a column for each disk and a row for each snapshot.
class NmonSection {
  public:
    explicit NmonSection(std::string name) : name_(std::move(name)) {}

    struct Row {
        std::uint32_t snapshot = 0;  ///< 1 for T0001
        std::uint32_t line = 0;
        std::string values;  ///< "0.42,0.38,...": what follows the snapshot's name
    };

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& title() const { return title_; }  ///< "Disk Read KB/s HOST"
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }  ///< by snapshot

    [[nodiscard]] std::optional<std::size_t> column(std::string_view title) const;
    /// Empty where the row is shorter.
    [[nodiscard]] static std::string_view field(const Row& row, std::size_t column);

  private:
    friend class NmonReader;
    std::string name_;
    std::string title_;
    std::vector<std::string> columns_;
    std::vector<Row> rows_;
};

struct NmonSnapshot {
    std::string name;                   ///< "T0001"
    sim::SimTime end;                   ///< since the start of the first interval
    hypervisor::CoreRate physical_cpu;  ///< mean over the interval that ends here
    std::optional<hypervisor::CoreRate> entitled;
    std::optional<std::uint32_t> virtual_cpus;
    std::optional<std::uint32_t> pool_cpus;
    std::optional<std::uint32_t> weight;  ///< uncapped weight
};

enum class NmonProcessorSource : std::uint8_t { kLpar, kPcpuAll };

struct NmonRecording {
    std::string file;
    std::vector<std::pair<std::string, std::string>> facts;  ///< AAA lines: ("interval", "300")
    sim::Duration interval{0};                               ///< as asked for
    NmonProcessorSource source = NmonProcessorSource::kLpar;
    std::vector<NmonSnapshot> snapshots;  ///< at least one, by time
    std::vector<NmonSection> sections;    ///< by name

    /// nullptr when the file has no such line.
    [[nodiscard]] const std::string* fact(std::string_view name) const;
    [[nodiscard]] const NmonSection* section(std::string_view name) const;
    /// The section and its continuations where the disks did not fit a line: DISKREAD, DISKREAD1, DISKREAD2.
    [[nodiscard]] std::vector<const NmonSection*> family(std::string_view name) const;
    /// Mean consumption, weighted by the intervals.
    [[nodiscard]] hypervisor::CoreRate mean_physical_cpu() const;
};

RecordingResult<NmonRecording> read_nmon(const std::filesystem::path& path);
RecordingResult<NmonRecording> parse_nmon(std::string text, std::string name);

/// The recorded consumption as a demand: one step at the start of every interval, and none after the last one's end.
std::vector<DemandStep> demand_steps(const NmonRecording& recording);

}  // namespace pvmsim::scenarios
