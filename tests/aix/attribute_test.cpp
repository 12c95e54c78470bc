// The attribute database: defaults, checks, and the difference between now and after the next boot (R-STO-05).
// Every default of every predefined table must pass its own check.
#include "aix/odm/attribute.hpp"

#include <gtest/gtest.h>

#include "aix/odm/predefined.hpp"

namespace pvmsim::aix::test {
namespace {

TEST(AttributeTest, every_default_is_a_good_value) {
    for (const auto table : {hdisk_attributes(), vscsi_attributes(), fscsi_attributes(), fcs_attributes(),
                             ethernet_attributes(), etherchannel_attributes(), sea_attributes()}) {
        EXPECT_FALSE(table.empty());
        for (auto row : table) {
            row.user_settable = true;
            const auto wrong = check_attribute_value(row, row.default_value);
            EXPECT_FALSE(wrong) << *wrong;
        }
    }
}

TEST(AttributeTest, bad_values_are_named_with_what_would_be_right) {
    AttributeSet disk(hdisk_attributes());
    const auto check = [&](const char* name, const char* value) {
        return check_attribute_value(*disk.definition(name), value).value_or("good");
    };
    EXPECT_EQ(check("queue_depth", "256"), "good");
    EXPECT_EQ(check("queue_depth", "257"), "queue_depth: '257' is not a number from 1 to 256");
    EXPECT_EQ(check("queue_depth", "2x"), "queue_depth: '2x' is not a number from 1 to 256");
    EXPECT_EQ(check("algorithm", "fastest"), "algorithm: 'fastest' is not one of fail_over,round_robin");
    EXPECT_EQ(check("algorithm", "fail"), "algorithm: 'fail' is not one of fail_over,round_robin");
    EXPECT_EQ(check("PCM", "x"), "PCM: 'x' cannot be set; the attribute is read-only");
    EXPECT_EQ(disk.definition("no_such"), nullptr);
}

TEST(AttributeTest, change_at_next_configuration_waits_for_it) {
    AttributeSet disk(hdisk_attributes());
    disk.set_at_next_configuration("queue_depth", "20");
    EXPECT_EQ(disk.integer("queue_depth"), 3);
    EXPECT_EQ(disk.customised("queue_depth"), "20");
    disk.configure();
    EXPECT_EQ(disk.integer("queue_depth"), 20);
    disk.set("queue_depth", "40");
    EXPECT_EQ(disk.integer("queue_depth"), 40);
    EXPECT_EQ(disk.customised("queue_depth"), "40");
}

}  // namespace
}  // namespace pvmsim::aix::test
