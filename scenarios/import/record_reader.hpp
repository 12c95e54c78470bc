// RecordReader: typed attributes of one record of a listing. What is missing or malformed is added to a common list of
// errors with file and line, and a harmless value takes its place, so that one import finds every mistake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hypervisor/ids.hpp"
#include "hypervisor/units.hpp"
#include "scenarios/recordings/hmc_listing.hpp"

namespace pvmsim::scenarios {

class RecordReader {
  public:
    RecordReader(const HmcListing& listing, const HmcRecord& record, std::vector<RecordingError>& errors)
        : listing_(listing), record_(record), errors_(errors) {}

    [[nodiscard]] bool has(std::string_view attribute) const { return record_.find(attribute) != nullptr; }
    [[nodiscard]] std::string text(std::string_view attribute);
    /// Empty when the attribute is not there.
    [[nodiscard]] std::string text_or_empty(std::string_view attribute) const;
    [[nodiscard]] std::uint64_t whole(std::string_view attribute, std::uint64_t max);
    [[nodiscard]] std::uint32_t count(std::string_view attribute);
    [[nodiscard]] hypervisor::ProcUnits proc_units(std::string_view attribute);
    [[nodiscard]] bool flag(std::string_view attribute);
    [[nodiscard]] hypervisor::PartitionId partition_id(std::string_view attribute);
    [[nodiscard]] std::vector<std::string> list(std::string_view attribute);
    /// Eight hexadecimal digits.
    [[nodiscard]] hypervisor::DrcIndex drc_index(std::string_view attribute);

    void refuse(std::string text) { errors_.push_back(listing_.error(record_, std::move(text))); }
    void refuse_value(std::string_view attribute, std::string_view value, std::string_view expected);

  private:
    const HmcListing& listing_;
    const HmcRecord& record_;
    std::vector<RecordingError>& errors_;
};

/// Eight hexadecimal digits, as the HMC prints a slot's index.
std::optional<hypervisor::DrcIndex> parse_drc_index(std::string_view text);
/// "0.3", "0.75": without needless zeros, at least one decimal.
std::string units_text(hypervisor::ProcUnits units);
/// "21010002"
std::string drc_index_text(hypervisor::DrcIndex index);

}  // namespace pvmsim::scenarios
