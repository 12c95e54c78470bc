// The parser of HMC listings: quoting, sentences instead of objects, and lines that are neither. The lines are our own,
// in the forms that HMCs are known to print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/import/adapter_strings.hpp"
#include "scenarios/recordings/hmc_listing.hpp"

namespace pvmsim::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

HmcListing parse(const std::string& text) {
    auto listing = parse_hmc_listing(text, "m_prof.txt");
    EXPECT_TRUE(listing.has_value()) << listing.error().to_string();
    return listing ? *listing : HmcListing{};
}

/// The only record's value of an attribute.
std::string value(const std::string& text, const std::string& attribute) {
    const auto listing = parse(text);
    if (listing.records.size() != 1) return "not one record";
    const auto* found = listing.records[0].find(attribute);
    return found == nullptr ? "no such attribute" : *found;
}

TEST(HmcListing, plain_pairs_quoted_pairs_and_doubled_quotes_give_their_values) {
    const std::string line =
        "name=box,io=,\"ratios=1:32,1:64\",\"eth=\"\"2/1/1/3,4,5/0/1\"\",\"\"3/1/7/8,9/0/"
        "1\"\"\",plain=\"a\"b\",last=x=y\n";
    EXPECT_EQ(value(line, "name"), "box");
    EXPECT_EQ(value(line, "io"), "");
    EXPECT_EQ(value(line, "ratios"), "1:32,1:64");
    EXPECT_EQ(value(line, "eth"), "\"2/1/1/3,4,5/0/1\",\"3/1/7/8,9/0/1\"");
    EXPECT_EQ(value(line, "plain"), "\"a\"b\"");
    EXPECT_EQ(value(line, "last"), "x=y");
    EXPECT_EQ(value(line, "nothing"), "no such attribute");
}

TEST(HmcListing, lists_inside_values_are_taken_apart) {
    EXPECT_THAT(*split_hmc_list("6/0/6//2/1,8/0/8//2/1"), ElementsAre("6/0/6//2/1", "8/0/8//2/1"));
    EXPECT_THAT(*split_hmc_list("\"2/1/1/3,4,5/0/1\",\"3/1/7/8,9/0/1\""),
                ElementsAre("2/1/1/3,4,5/0/1", "3/1/7/8,9/0/1"));
    EXPECT_TRUE(split_hmc_list("none")->empty());
    EXPECT_TRUE(split_hmc_list("")->empty());
    EXPECT_FALSE(split_hmc_list("\"2/1/1/3,4").has_value());
}

TEST(HmcListing, sentences_are_kept_as_the_reason_for_no_data) {
    const auto coded = parse("HSCLA4C0 The managed system does not support virtual Fibre Channel.\r\n");
    EXPECT_TRUE(coded.records.empty());
    ASSERT_EQ(coded.messages.size(), 1u);
    EXPECT_EQ(coded.messages[0].code, "HSCLA4C0");
    EXPECT_EQ(coded.no_data_because(), "HSCLA4C0 The managed system does not support virtual Fibre Channel.");
    for (const auto* sentence : {"No results were found.", "Es wurden keine Ergebnisse gefunden.",
                                 "An invalid attribute was entered.  The invalid attribute is type_serial, x=1."}) {
        const auto listing = parse(sentence);
        EXPECT_TRUE(listing.records.empty()) << sentence;
        EXPECT_EQ(listing.no_data_because(), sentence);
        EXPECT_EQ(listing.messages[0].code, "");
    }
    EXPECT_EQ(parse("\n\n").no_data_because(), "");
}

TEST(HmcListing, values_may_run_over_lines_and_lines_are_counted) {
    const auto listing = parse("\"version= Version: 7\n Release: 7.9.0\n\",\"base_version=V7R7.9.0\n\"\n\nname=next\n");
    ASSERT_EQ(listing.records.size(), 2u);
    EXPECT_EQ(*listing.records[0].find("version"), " Version: 7\n Release: 7.9.0\n");
    EXPECT_EQ(listing.records[0].line, 1u);
    EXPECT_EQ(listing.records[1].line, 6u);
}

TEST(HmcListing, broken_lines_are_refused_with_file_and_line) {
    const auto error_of = [](const std::string& text) {
        const auto listing = parse_hmc_listing(text, "m_prof.txt");
        return listing ? std::string("no error") : listing.error().to_string();
    };
    EXPECT_EQ(error_of("name=a\nname=b,garbage,c=1\n"), "m_prof.txt:2: expected attribute=value, found 'garbage'");
    EXPECT_EQ(error_of("nim1,5,aixlinux\n"), "m_prof.txt:1: expected attribute=value, found 'nim1'");
    EXPECT_EQ(error_of("a=1,a=2\n"), "m_prof.txt:1: attribute a is given twice");
    EXPECT_EQ(error_of("x=1\n\"eth=1,2\ny=2\n"),
              "m_prof.txt:2: a double quote that begins in this line is never closed");
    EXPECT_THAT(error_of("\"eth=" + std::string(200, '\n')), HasSubstr("never closed"));
    EXPECT_THAT(error_of(std::string("a=1\0", 4)), HasSubstr("not a text file"));
}

TEST(AdapterStrings, survive_reading_and_writing) {
    using namespace adapter_strings;
    const auto ethernet = [](const std::string& text) { return write(*parse_ethernet(text)); };
    EXPECT_EQ(ethernet("6/0/6//2/1"), "6/0/6//2/1");
    EXPECT_EQ(ethernet("2/1/1/3,4,5/0/1"), "2/1/1/3,4,5/0/1");
    EXPECT_EQ(ethernet("10/0/1//0/0/ETHERNET0//all/none"), "10/0/1//0/0");
    EXPECT_EQ(ethernet("10/0/1//0/0/vsw2/26E6B0002006/all/none"), "10/0/1//0/0/vsw2/26e6b0002006");
    EXPECT_EQ(write(*parse_scsi("2/client/2/vios1/3/1"), "vios1"), "2/client/2/vios1/3/1");
    EXPECT_EQ(write(*parse_scsi("2/server/any//any/0"), ""), "2/server/any//any/0");
    EXPECT_EQ(write(*parse_fibre_channel("504/client/2/v1/8/c050760431670010,c050760431670011/1"), "v1"),
              "504/client/2/v1/8/c050760431670010,c050760431670011/1");
    EXPECT_EQ(write(*parse_fibre_channel("8/server/3/app1/4//0"), "app1"), "8/server/3/app1/4//0");
    const auto slot = parse_io_slot("21010002/none/1");
    EXPECT_EQ(slot->drc_index.value(), 0x21010002u);
    EXPECT_TRUE(slot->is_required);
}

TEST(AdapterStrings, what_is_malformed_is_named) {
    using namespace adapter_strings;
    EXPECT_EQ(parse_ethernet("6/0/6").error(), "expected slot/ieee/pvid/vlans/trunk priority/required, found '6/0/6'");
    EXPECT_EQ(parse_ethernet("6/2/6//0/0").error(), "expected 0 or 1 for required, found '2'");
    EXPECT_EQ(parse_ethernet("6/0/5000//0/0").error(), "expected a port VLAN id, found '5000'");
    EXPECT_EQ(parse_ethernet("6/0/1/7,x/0/0").error(), "expected VLAN ids from 1 to 4094, found 'x'");
    EXPECT_EQ(parse_ethernet("6/0/1//16/0").error(), "expected a trunk priority from 0 to 15, found '16'");
    EXPECT_EQ(parse_scsi("2/guest/2/v/3/1").error(), "expected client or server, found 'guest'");
    EXPECT_EQ(parse_fibre_channel("2/client/2/v/3/c05/1").error(), "expected a pair of WWPNs, found 'c05'");
    EXPECT_EQ(parse_io_slot("2101/none/1").error(), "expected a drc index of eight hexadecimal digits, found '2101'");
}

}  // namespace
}  // namespace pvmsim::scenarios
