// Text forms of addresses: what is read, what is refused, what is printed.
// What is printed is read again as the same value, for every value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "fabric/wire/ethernet.hpp"
#include "fabric/wire/scsi.hpp"
#include "fabric/wire/wwn.hpp"

namespace pvmsim::wire {
namespace {

TEST(MacText, parse_takes_both_forms_and_prints_with_colons) {
    for (const char* text : {"26e6b0002007", "26:e6:b0:00:20:07", "26E6B0002007", "26:E6:B0:00:20:07"}) {
        const auto mac = MacAddress::parse(text);
        ASSERT_TRUE(mac) << text;
        EXPECT_EQ(mac->to_integer(), 0x26'e6'b0'00'20'07u) << text;
        EXPECT_EQ(mac->to_string(), "26:e6:b0:00:20:07") << text;
    }
}

TEST(MacText, parse_refuses_everything_else) {
    for (const char* text :
         {"", "26e6b000200", "26e6b00020071", "26:e6:b0:00:20", "26:e6:b0:00:20:0g", "26-e6-b0-00-20-07",
          "2:6e6b:00:02:00:7", "26:e6:b0:00:20:07:", ":26:e6:b0:00:20:07", "26e6:b000:2007"}) {
        EXPECT_FALSE(MacAddress::parse(text)) << text;
    }
}

TEST(MacText, group_addresses_have_the_low_bit_of_the_first_octet) {
    EXPECT_TRUE(MacAddress::broadcast().is_group());
    EXPECT_TRUE(MacAddress::from_integer(0x01'80'c2'00'00'02).is_group());
    EXPECT_FALSE(MacAddress::from_integer(0x26'e6'b0'00'20'07).is_group());
}

RC_GTEST_PROP(MacText, text_and_integer_come_back, ()) {
    const auto value = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 48);
    const auto mac = MacAddress::from_integer(value);
    RC_ASSERT(mac.to_integer() == value);
    RC_ASSERT(MacAddress::parse(mac.to_string()) == mac);
}

TEST(Ipv4Text, parse_table) {
    const struct {
        const char* text;
        std::optional<std::uint32_t> want;
    } rows[] = {
        {"10.1.2.3", 0x0a010203},
        {"0.0.0.0", 0},
        {"255.255.255.255", 0xffffffff},
        {"256.1.1.1", std::nullopt},
        {"10.1.2", std::nullopt},
        {"10.1.2.3.4", std::nullopt},
        {"10.01.2.3", std::nullopt},
        {"", std::nullopt},
        {"10.1.2.3 ", std::nullopt},
        {"10..2.3", std::nullopt},
        {"a.b.c.d", std::nullopt},
        {"-1.2.3.4", std::nullopt},
        {"10.1.2.3333333333", std::nullopt},
    };
    for (const auto& row : rows) {
        const auto got = parse_ipv4(row.text);
        const auto value = got ? std::optional(got->value()) : std::nullopt;
        EXPECT_EQ(value, row.want) << row.text;
    }
}

RC_GTEST_PROP(Ipv4Text, text_comes_back, (std::uint32_t value)) {
    RC_ASSERT(parse_ipv4(to_string(Ipv4Address{value})) == Ipv4Address{value});
}

TEST(WwpnText, parse_table) {
    for (const char* text : {"c0507602f9ac000a", "C0:50:76:02:F9:AC:00:0A", "0xc0507602f9ac000a"}) {
        const auto got = parse_wwpn(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(to_string(*got), "c0507602f9ac000a");
    }
    for (const char* text :
         {"", "c0507602f9ac000", "c0507602f9ac000a0", "0x", "c0507602f9ac000z", "c05:07602f9ac000a"}) {
        EXPECT_FALSE(parse_wwpn(text)) << text;
    }
}

RC_GTEST_PROP(WwpnText, text_comes_back, (std::uint64_t value)) {
    RC_ASSERT(parse_wwpn(to_string(Wwpn{value})) == Wwpn{value});
}

TEST(ScsiText, every_status_has_its_own_name) {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(ScsiStatus::kAborted); ++i) {
        const auto name = to_string(static_cast<ScsiStatus>(i));
        EXPECT_FALSE(name.empty());
        EXPECT_THAT(names, testing::Not(testing::Contains(name)));
        names.push_back(name);
    }
}

}  // namespace
}  // namespace pvmsim::wire
