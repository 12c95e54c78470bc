// The .nmon reader on a day recorded on a real Power 740.
// It is judged by a second, plain reading of the same lines.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/recordings/nmon.hpp"
#include "tests/scenarios/recordings_support.hpp"

namespace pvmsim::scenarios {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> data_lines(const std::filesystem::path& path, const std::string& section) {
    std::ifstream file(path);
    std::vector<std::string> found;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(section + ",T")) found.push_back(line);
    }
    return found;
}

std::string field(const std::string& line, std::size_t index) {
    std::istringstream stream(line);
    std::string value;
    for (std::size_t i = 0; i <= index; ++i) std::getline(stream, value, ',');
    return value;
}

TEST(NmonRecorded, every_sample_of_a_real_day_is_taken_as_written) {
    const auto path = find_recording("power740-aix71.nmon");
    PVMSIM_SKIP_WITHOUT(path);
    const auto recording = read_nmon(*path);
    ASSERT_TRUE(recording.has_value()) << recording.error().to_string();
    const auto lpar = data_lines(*path, "LPAR");
    const auto times = data_lines(*path, "ZZZZ");
    ASSERT_EQ(recording->snapshots.size(), lpar.size());
    ASSERT_EQ(lpar.size(), 187u);
    ASSERT_EQ(times.size(), lpar.size());
    auto start = sim::kStartOfRun;
    for (std::size_t i = 0; i < lpar.size(); ++i) {
        const auto& snapshot = recording->snapshots[i];
        EXPECT_EQ(snapshot.name, field(lpar[i], 1));
        EXPECT_EQ(snapshot.physical_cpu.nanocores, std::llround(std::stod(field(lpar[i], 2)) * 1e9)) << lpar[i];
        EXPECT_EQ(snapshot.virtual_cpus, 7u);
        EXPECT_EQ(snapshot.weight, 128u);
        EXPECT_EQ(snapshot.entitled->nanocores, 1'300'000'000);
        const auto length = snapshot.end - start;
        EXPECT_GE(length, 299s) << snapshot.name;
        EXPECT_LE(length, 302s) << snapshot.name;
        start = snapshot.end;
    }
    // From 17:28:10 to 08:59:32 of the next day, and the first interval of 300 s before that.
    EXPECT_EQ(start, sim::kStartOfRun + 300s + 6h + 31min + 50s + 8h + 59min + 32s);
    EXPECT_EQ(*recording->fact("MachineType"), "IBM,8205-E6C");
}

TEST(NmonRecorded, disks_and_networks_are_there_by_name) {
    const auto path = find_recording("power740-aix71.nmon");
    PVMSIM_SKIP_WITHOUT(path);
    const auto recording = read_nmon(*path);
    ASSERT_TRUE(recording.has_value()) << recording.error().to_string();
    for (const auto* name : {"DISKREAD", "DISKWRITE", "DISKXFER"}) {
        const auto* section = recording->section(name);
        ASSERT_NE(section, nullptr) << name;
        const auto lines = data_lines(*path, name);
        ASSERT_EQ(section->rows().size(), lines.size()) << name;
        const auto column = section->column("hdisk7");
        ASSERT_TRUE(column.has_value()) << name;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            EXPECT_EQ(NmonSection::field(section->rows()[i], *column), field(lines[i], 2 + *column));
        }
    }
    ASSERT_NE(recording->section("NET"), nullptr);
    EXPECT_TRUE(recording->section("NET")->column("en1-read-KB/s").has_value());
    EXPECT_EQ(recording->section("BBBP"), nullptr);
    EXPECT_EQ(recording->section("TOP"), nullptr);
}

}  // namespace
}  // namespace pvmsim::scenarios
