// The model table: every machine of the family is there once,
// with sizes that make sense together.
#include "hypervisor/hardware/system_model.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace pvmsim::hypervisor {
namespace {

struct Want {
    std::string_view type_model;
    std::uint32_t cores;
    std::uint64_t memory_gib;
    std::uint32_t units_min;
};

constexpr std::array kWant{
    Want{"8231-E1C", 8, 256, 10},   Want{"8231-E2C", 16, 512, 10},  Want{"8202-E4C", 8, 256, 10},
    Want{"8205-E6C", 16, 512, 10},  Want{"8233-E8B", 32, 512, 10},  Want{"8408-E8D", 32, 1024, 5},
    Want{"9109-RMD", 48, 2048, 5},  Want{"9117-MMB", 64, 2048, 10}, Want{"9117-MMC", 64, 4096, 10},
    Want{"9179-MHB", 64, 2048, 10}, Want{"9179-MHC", 96, 4096, 10}, Want{"9119-FHB", 256, 16384, 10},
    Want{"7891-73X", 16, 128, 10},  Want{"7891-74X", 32, 256, 10},  Want{"9131-52A", 2, 32, 10},
};

TEST(SystemModel, each_machine_of_the_family_has_its_size) {
    for (const Want& want : kWant) {
        const SystemModel* const model = find_system_model(want.type_model);
        ASSERT_NE(model, nullptr) << want.type_model;
        EXPECT_EQ(model->cores_max, want.cores) << want.type_model;
        EXPECT_EQ(model->memory_max_gib, want.memory_gib) << want.type_model;
        EXPECT_EQ(model->proc_units_min_hundredths, want.units_min) << want.type_model;
    }
}

TEST(SystemModel, only_the_780_and_the_795_have_turbo_core) {
    std::set<std::string_view> with;
    for (const SystemModel& model : system_models())
        if (model.has_turbo_core) with.insert(model.type_model);
    EXPECT_EQ(with, (std::set<std::string_view>{"9119-FHB", "9179-MHB", "9179-MHC"}));
}

TEST(SystemModel, no_name_appears_twice_and_an_unknown_one_is_not_found) {
    std::set<std::string_view> names;
    for (const SystemModel& model : system_models())
        EXPECT_TRUE(names.insert(model.type_model).second) << model.type_model;
    EXPECT_EQ(find_system_model("8205-E6X"), nullptr);
    EXPECT_EQ(find_system_model(""), nullptr);
}

}  // namespace
}  // namespace pvmsim::hypervisor
