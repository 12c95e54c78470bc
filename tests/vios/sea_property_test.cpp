// Whatever happens to a pair of SEAs with a control channel, once it has settled no VLAN is bridged by both sides, and
// one bridges if a healthy one exists (behaviour 9, property 14; R-NET-05).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>

#include "tests/vios/sea_site.hpp"

namespace pvmsim::vios {
namespace {

using namespace std::chrono_literals;

enum class Act : std::uint8_t {
    kCrash,
    kPowerOff,
    kShutDown,
    kActivate,
    kHang,
    kResume,
    kCut,
    kCutOneWay,
    kMend,
    kStandby,
    kAuto,
    kEnd,
};

struct Step {
    Act act;
    std::size_t side;
    std::int64_t wait_ms;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
    static constexpr std::array<const char*, static_cast<std::size_t>(Act::kEnd)> kNames{
        "crash", "power-off", "shutdown", "activate", "hang", "resume", "cut", "cut-ear", "mend", "standby", "auto"};
    return out << kNames[static_cast<std::size_t>(step.act)] << " vios" << step.side + 1 << ", wait " << step.wait_ms
               << " ms";
}

void play(SeaSite& site, const Step& step) {
    const auto id = site.vios[step.side].id;
    const auto cable = site.vios[step.side].cable;
    auto& system = *site.system;
    // What the state does not allow is refused and changes nothing.
    switch (step.act) {
        case Act::kCrash:
            (void)system.crash(id);
            break;
        case Act::kPowerOff:
            (void)system.power_off(id);
            break;
        case Act::kShutDown:
            (void)system.shutdown(id);
            break;
        case Act::kActivate:
            (void)system.activate(id);
            break;
        case Act::kHang:
            (void)system.hang(id);
            break;
        case Act::kResume:
            (void)system.resume(id);
            break;
        case Act::kCut:
            site.lan.cut(cable, fabric::CableSide::kBoth);
            break;
        case Act::kCutOneWay:
            site.lan.cut(cable, fabric::CableSide::kNearHearsNothing);
            break;
        case Act::kMend:
            site.lan.mend(cable);
            break;
        case Act::kStandby:
            site.set(step.side, "ha_mode", "standby");
            break;
        case Act::kAuto:
            site.set(step.side, "ha_mode", "auto");
            break;
        case Act::kEnd:
            break;
    }
    site.run_for(std::chrono::milliseconds(step.wait_ms));
}

bool runs(const SeaSite& site, std::size_t side) {
    return site.vios[side].os->running() && !site.system->partition(site.vios[side].id).hung;
}
/// Passes frames, whether or not the hypervisor sends it those for unknown addresses: two such sides make a loop.
bool bridges(const SeaSite& site, std::size_t side) { return runs(site, side) && site.vios[side].sea->bridging(); }
bool healthy(const SeaSite& site, std::size_t side) { return runs(site, side) && site.vios[side].nic->link_up(); }

/// Boots and shutdowns end, then ten seconds more.
void settle(SeaSite& site) {
    const auto is_changing = [](const SeaSite::Vios& one) {
        return one.os->phase() == aix::SystemPhase::kBooting || one.os->phase() == aix::SystemPhase::kShuttingDown;
    };
    site.run_for(16s);  // The firmware of what was activated just now.
    for (int i = 0; i < 100 && std::ranges::any_of(site.vios, is_changing); ++i) site.run_for(1s);
    site.run_for(10s);
}

rc::Gen<Step> any_step() {
    return rc::gen::apply(
        [](int act, std::size_t side, std::int64_t wait) {
            return Step{static_cast<Act>(act), side, wait};
        },
        rc::gen::inRange(0, static_cast<int>(Act::kEnd)), rc::gen::inRange<std::size_t>(0, 2),
        rc::gen::weightedOneOf<std::int64_t>({{2, rc::gen::inRange<std::int64_t>(0, 100)},
                                              {3, rc::gen::inRange<std::int64_t>(0, 6'000)},
                                              {1, rc::gen::inRange<std::int64_t>(0, 150'000)}}));
}

RC_GTEST_PROP(SeaProperty, after_any_faults_exactly_one_healthy_side_bridges, ()) {
    const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
    SeaSite site({.attributes = {{"noauto_failback", *rc::gen::arbitrary<bool>() ? "yes" : "no"},
                                 {"fb_delay", *rc::gen::element<std::string>("0", "5")}}});
    site.run_for(1s);
    for (const auto& step : steps) {
        play(site, step);
        RC_ASSERT(!(bridges(site, 0) && bridges(site, 1)));
    }
    settle(site);
    const bool one_can = healthy(site, 0) || healthy(site, 1);
    RC_ASSERT(bridges(site, 0) + bridges(site, 1) == (one_can ? 1 : 0));
    if (!one_can) return;
    const std::size_t acting = bridges(site, 0) ? 0 : 1;
    RC_ASSERT(healthy(site, acting));
    RC_ASSERT(site.vios[acting].trunk->trunk_active());
    RC_ASSERT(site.client[0].asker->since_last() < 100ms);
    RC_ASSERT(site.client[1].asker->since_last() < 100ms);
}

TEST(SeaProperty, same_faults_same_fingerprint) {
    const auto fingerprint = [] {
        SeaSite site;
        for (const auto& step : {Step{Act::kHang, 0, 9000}, Step{Act::kResume, 0, 700}, Step{Act::kCut, 1, 3000},
                                 Step{Act::kCrash, 0, 2000}, Step{Act::kMend, 1, 9000}})
            play(site, step);
        return site.engine.fingerprint();
    };
    EXPECT_EQ(fingerprint(), fingerprint());
}

}  // namespace
}  // namespace pvmsim::vios
