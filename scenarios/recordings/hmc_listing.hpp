// HmcListing: what `lssyscfg` and `lshwres` printed, one object a line, `attr=value,attr=value`.
//
// A pair whose value holds a comma stands in double quotes as a whole; a quote inside is doubled, and lists inside
// lists double again: `"virtual_eth_adapters=""2/1/1/3,4,5/0/1"""`. A quoted value may run over several lines (lshmc
// -V). Where there is nothing to list the HMC prints a sentence, in its user's language: that is kept as the reason.
// Source: real listings of HMC V7R7.9.0. Values-only output (-F without names) is not a listing: it does not say what
// its columns are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/recordings/recorded_text.hpp"

namespace pvmsim::scenarios {

struct HmcRecord {
    std::uint32_t line = 0;
    std::vector<std::pair<std::string, std::string>> attributes;  ///< in the order printed

    /// nullptr when the record has no such attribute.
    [[nodiscard]] const std::string* find(std::string_view attribute) const;
};

/// A line that is a sentence and not an object: "No results were found.", "HSCLA4C0 The managed system ...".
struct HmcMessage {
    std::uint32_t line = 0;
    std::string code;  ///< "HSCLA4C0", or empty
    std::string text;  ///< the whole line
};

struct HmcListing {
    std::string file;
    std::vector<HmcRecord> records;
    std::vector<HmcMessage> messages;

    /// True when any record has the attribute.
    [[nodiscard]] bool has(std::string_view attribute) const;
    /// Why there is no record: the messages in one line; empty when there are none either.
    [[nodiscard]] std::string no_data_because() const;
    [[nodiscard]] RecordingError error(const HmcRecord& record, std::string text) const {
        return {file, record.line, std::move(text)};
    }
};

RecordingResult<HmcListing> read_hmc_listing(const std::filesystem::path& path);
RecordingResult<HmcListing> parse_hmc_listing(std::string text, std::string name);

/// The elements of a list value: "a,b" or "\"x,y\",\"z\"" with doubled quotes; "none" and "" are the empty list.
/// nullopt: a quote is not closed.
std::optional<std::vector<std::string>> split_hmc_list(std::string_view value);

}  // namespace pvmsim::scenarios
