// TurboCore and the difference between installed and activated cores: what can be used, and what is refused.
// V25: 48 installed and 29 activated leave 24 to use.
#include "tests/hypervisor/processor_fixture.hpp"

namespace pvmsim::hypervisor {
namespace {

SystemConfig power780(std::uint32_t installed, std::uint32_t activated, bool turbo_core) {
    SystemConfig config;
    config.name = "p780";
    config.type_model = "9179-MHC";
    config.cores = activated;
    config.cores_installed = installed;
    config.turbo_core = turbo_core;
    config.memory_bytes = 64 * kGibibyte;
    return config;
}

std::uint32_t usable(const SystemConfig& config) {
    sim::Engine engine{1};
    const auto made = ManagedSystem::create(engine, config);
    EXPECT_TRUE(made) << made.error().text;
    return made ? (*made)->usable_cores() : 0;
}

TEST(ProcessorTurboCore, uses_half_of_the_installed_cores_at_most) {
    EXPECT_EQ(usable(power780(48, 29, true)), 24u);  // V25
    EXPECT_EQ(usable(power780(48, 29, false)), 29u);
    EXPECT_EQ(usable(power780(48, 20, true)), 20u);
    EXPECT_EQ(usable(power780(0, 0, true)), 48u) << "half of the model's 96";
    EXPECT_EQ(usable(power780(0, 32, true)), 16u) << "all installed are activated";
    EXPECT_EQ(usable(power780(64, 0, false)), 64u);
    SystemConfig power795 = power780(256, 128, true);
    power795.type_model = "9119-FHB";
    EXPECT_EQ(usable(power795), 128u);
}

TEST(ProcessorTurboCore, unused_cores_are_nobodys) {
    for (const DispatchMode mode : {DispatchMode::kFluid, DispatchMode::kExact}) {
        sim::Engine engine{1};
        SystemConfig config = power780(48, 29, true);
        config.dispatch = mode;
        const auto system = std::move(ManagedSystem::create(engine, config)).value();
        EXPECT_EQ(system->unallocated_proc_units(), ProcUnits{2400});
        EXPECT_EQ(system->dispatcher().pool_idle(), CoreRate::cores(24));
        EXPECT_EQ(system->processor_pools()[0].max_pool_proc_units, 24u);
    }
}

TEST(ProcessorTurboCore, is_refused_where_there_is_none) {
    struct Case {
        std::function<void(SystemConfig&)> change;
        ErrorCode code;
        std::string text;
    };
    const std::vector<Case> cases{
        {[](SystemConfig& c) { c.type_model = "9117-MMC"; }, ErrorCode::kNotSupported,
         "turbo_core: a 9117-MMC (Power 770) has no TurboCore mode"},
        {[](SystemConfig& c) { c.cores = 49; }, ErrorCode::kBeyondModel, "49 cores activated and only 48 installed"},
        {[](SystemConfig& c) { c.cores_installed = 97; }, ErrorCode::kBeyondModel,
         "97 cores installed; a 9179-MHC (Power 780) has at most 96"},
        {[](SystemConfig& c) { c.cores = c.cores_installed = 1; }, ErrorCode::kInvalidProfile, "at least 2"},
        {[](SystemConfig& c) {
             c.cores = 1;
             c.cores_installed = 0;
         },
         ErrorCode::kInvalidProfile, "at least 2"},
    };
    for (const Case& one : cases) {
        sim::Engine engine{1};
        SystemConfig config = power780(48, 29, true);
        one.change(config);
        const auto made = ManagedSystem::create(engine, config);
        ASSERT_FALSE(made) << one.text;
        EXPECT_EQ(made.error().code, one.code) << one.text;
        EXPECT_THAT(made.error().text, testing::HasSubstr(one.text));
    }
}

}  // namespace
}  // namespace pvmsim::hypervisor
