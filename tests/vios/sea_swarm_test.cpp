// Swarm of SEA pairs (behaviour 9, property 12): random pairs, random faults and chdevs in random order. Whenever
// nothing has happened for the documented time, every VLAN must be bridged by exactly one side if a healthy one exists,
// by none otherwise, and a client's broadcast must leave once.
//
// 3,000 seeds in the usual run. PVMSIM_SWARM_SEEDS=20000 runs more, PVMSIM_SWARM_FIRST=4711 PVMSIM_SWARM_SEEDS=1
// repeats one. A seed that fails prints the line that repeats it and the shortest list of faults found that still
// fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <sstream>

#include "sim/random/random_stream.hpp"
#include "tests/vios/sea_group.hpp"

namespace pvmsim::vios {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// --- what can happen ---

enum class Act : std::uint8_t {
    kCrash,
    kPowerOff,
    kShutDown,
    kActivate,
    kHang,
    kResume,
    kCut,
    kCutDeaf,  ///< the VIOS still sees light, but nothing it sends arrives
    kMend,
    kShutPort,
    kOpenPort,
    kGatewaySilent,
    kGatewayAnswers,
    kChannelLost,
    kChannelBack,
    kAuto,
    kStandby,
    kSharing,
    kNoAutoFailback,
    kAutoFailback,
    kFailbackDelay,
    kNoFailbackDelay,
    kEnd,
};

constexpr std::array<const char*, static_cast<std::size_t>(Act::kEnd)> kActNames{"crash",
                                                                                 "power off",
                                                                                 "shut down",
                                                                                 "activate",
                                                                                 "hang",
                                                                                 "resume",
                                                                                 "cut",
                                                                                 "cut deaf",
                                                                                 "mend",
                                                                                 "shut port",
                                                                                 "open port",
                                                                                 "gateway silent",
                                                                                 "gateway back",
                                                                                 "lose ctl",
                                                                                 "regain ctl",
                                                                                 "ha_mode=auto",
                                                                                 "ha_mode=standby",
                                                                                 "ha_mode=sharing",
                                                                                 "noauto_failback=yes",
                                                                                 "noauto_failback=no",
                                                                                 "fb_delay=7",
                                                                                 "fb_delay=0"};

struct Fault {
    Act act;
    std::size_t side;
    std::int64_t wait_ms;  ///< until the next one
};

struct Plan {
    std::vector<SeaSideOptions> sides;
    std::vector<Fault> faults;
};

std::string describe(const Plan& plan) {
    std::ostringstream text;
    for (const auto& side : plan.sides) {
        text << "  " << side.ha_mode << ", " << side.trunks.size() << " trunks, priority " << +side.priority[0]
             << (side.ctl_chan == 0 ? ", simplified channel" : "") << (side.netaddr ? ", netaddr" : "");
        for (const auto& [name, value] : side.attributes) text << ", " << name << '=' << value;
        text << '\n';
    }
    for (const auto& fault : plan.faults)
        text << "  vios" << fault.side + 1 << ' ' << kActNames[static_cast<std::size_t>(fault.act)] << ", wait "
             << fault.wait_ms << " ms\n";
    return text.str();
}

// --- a plan from a seed ---

std::vector<TrunkVlans> random_trunks(sim::RandomStream& random) {
    std::vector<TrunkVlans> trunks;
    const auto count = 1 + random.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto base = static_cast<std::uint16_t>(i == 0 ? 1 : 10 * i);  // The SEA's own address is in VLAN 1.
        trunks.push_back({base});
        for (auto more = random.below(3); more > 0; --more)
            trunks.back().push_back(static_cast<std::uint16_t>(base + 1 + more));
    }
    return trunks;
}

std::string random_mode(sim::RandomStream& random) {
    const auto dice = random.below(6);
    return dice == 0 ? "standby" : dice < 3 ? "auto" : "sharing";
}

std::vector<SeaSideOptions> random_sides(sim::RandomStream& random) {
    SeaSideOptions common;
    common.trunks = random_trunks(random);
    common.ctl_chan = random.chance(2, 3) ? 1000 : 0;
    common.netaddr = random.chance(1, 2);
    if (random.chance(1, 4)) common.attributes.emplace_back("link_time", "8");
    if (random.chance(1, 4)) common.attributes.emplace_back("adapter_reset", "no");
    std::vector<SeaSideOptions> sides{common, common};
    for (auto& side : sides) {
        side.ha_mode = random_mode(random);
        if (random.chance(1, 4)) side.attributes.emplace_back("noauto_failback", "yes");
        if (random.chance(1, 4)) side.attributes.emplace_back("fb_delay", "5");
        if (random.chance(1, 4)) side.attributes.emplace_back("health_time", "20");
    }
    const bool first_is_better = random.chance(1, 2);
    sides[first_is_better ? 0 : 1].priority = {static_cast<std::uint8_t>(1 + random.below(7))};
    sides[first_is_better ? 1 : 0].priority = {static_cast<std::uint8_t>(8 + random.below(8))};
    if (random.chance(1, 8)) {  // Defined in another order: no sharing.
        std::ranges::reverse(sides[1].trunks);
        sides[1].default_trunk = sides[1].trunks.size() - 1;
    }
    return sides;
}

std::vector<Fault> random_faults(sim::RandomStream& random) {
    std::vector<Fault> faults;
    for (auto count = 1 + random.below(14); count > 0; --count) {
        const auto act = static_cast<Act>(random.below(static_cast<std::uint64_t>(Act::kEnd)));
        static constexpr std::array<std::int64_t, 6> kWaitsMax{1, 100, 6'000, 6'000, 60'000, 150'000};
        const auto wait = random.between(0, kWaitsMax[random.below(kWaitsMax.size())]);
        faults.push_back({act, random.below(2), wait});
    }
    return faults;
}

Plan plan_of(std::uint64_t seed) {
    sim::RandomStream random(seed, "sea-swarm", "plan");
    return {.sides = random_sides(random), .faults = random_faults(random)};
}

// --- playing it ---

class SwarmRun {
  public:
    explicit SwarmRun(const Plan& plan, std::uint64_t seed = 1) : plan_(plan), site_(plan.sides, seed) {
        // A silent VIOS is missed (4 s), INIT looks for others (3 s), a second for each thing that waits for a tick.
        patience_ = 12s;
        for (const auto& [name, value] : plan.sides[0].attributes)
            if (name == "link_time") patience_ += std::chrono::seconds(std::stoi(value));
        // Pings that are excused after a reset of the adapter (35 s), then three missed.
        if (plan.sides[0].netaddr) patience_ += 35s + 4s;
    }

    /// What was wrong first; empty if nothing.
    std::string play() {
        watch(1s);
        for (const auto& fault : plan_.faults) {
            apply(fault);
            quiet_since_ = site_.engine.now();
            watch(milliseconds(fault.wait_ms));
            if (!wrong_.empty()) return wrong_;
        }
        for (const std::size_t side : {0u, 1u}) regain_channel(side);
        quiet_since_ = site_.engine.now();
        watch(160s + patience_);  // Firmware, boot.
        if (!wrong_.empty()) return wrong_;
        check(true);
        return wrong_;
    }
    [[nodiscard]] std::uint64_t fingerprint() const { return site_.engine.fingerprint(); }

  private:
    void watch(sim::Duration span) {
        const auto end = site_.engine.now() + span;
        while (site_.engine.now() < end && wrong_.empty()) {
            site_.run_for(std::min<sim::Duration>(500ms, end - site_.engine.now()));
            const std::array up{is_up(0), is_up(1)};
            const std::array able{is_able(0), is_able(1)};
            if (up != up_ || able != able_) quiet_since_ = site_.engine.now();
            up_ = up;
            able_ = able;
            if (site_.engine.now() - quiet_since_ >= patience_) check(false);
        }
    }
    bool is_up(std::size_t side) const { return site_.runs(side) && site_.sides[side].sea->available(); }
    /// Runs and reaches the outside.
    bool is_able(std::size_t side) const {
        const auto& one = site_.sides[side];
        if (!is_up(side) || !one.nic->link_up()) return false;
        return !plan_.sides[side].netaddr || (!deaf_[side] && one.gateway->answering());
    }
    void check(bool probe) {
        if (channel_lost_[0] || channel_lost_[1]) return;
        for (const auto vlan : site_.vlans()) {
            const int bridging = site_.bridges(0, vlan) + site_.bridges(1, vlan);
            const int expected = able_[0] || able_[1] ? 1 : 0;
            if (bridging != expected) return fail("bridged by " + std::to_string(bridging) + " sides", vlan);
            for (const std::size_t side : {0u, 1u}) {
                if (site_.bridges(side, vlan) && !able_[side]) return fail("bridged by a side that cannot", vlan);
                if (site_.bridges(side, vlan) && !site_.active(side, vlan)) return fail("without Active bit", vlan);
            }
            const auto copies = probe ? site_.copies_outside(vlan) : static_cast<std::uint64_t>(expected);
            if (copies != static_cast<std::uint64_t>(expected))
                return fail("leaves " + std::to_string(copies) + " times", vlan);
        }
    }
    void fail(const std::string& what, std::uint16_t vlan) {
        std::ostringstream text;
        text << "VLAN " << vlan << ' ' << what << " at " << sim::to_seconds(site_.engine.now()) << " s; "
             << to_string(site_.state(0)) << (able_[0] ? "" : " (not able)") << ", " << to_string(site_.state(1))
             << (able_[1] ? "" : " (not able)");
        wrong_ = text.str();
    }

    void apply(const Fault& fault);
    bool apply_to_partition(const Fault& fault);
    bool apply_to_lan(const Fault& fault);

    void lose_channel(std::size_t side) {
        if (site_.sides[side].control == nullptr || channel_lost_[side] || !site_.runs(side)) return;
        auto& vswitch = site_.system->virtual_ethernet();
        vswitch.free_adapter(vswitch.find(site_.sides[side].id, site_.sides[side].control->slot()));
        channel_lost_[side] = true;
    }
    void regain_channel(std::size_t side) {
        if (!std::exchange(channel_lost_[side], false) || !site_.sides[side].sea->available()) return;
        auto& vswitch = site_.system->virtual_ethernet();
        auto& control = *site_.sides[side].control;
        // Busy when the VIOS has rebooted meanwhile: registered by its driver.
        (void)vswitch.register_adapter(vswitch.find(site_.sides[side].id, control.slot()), control.entity());
    }

    Plan plan_;
    SeaGroup site_;
    sim::Duration patience_{};
    sim::SimTime quiet_since_{};
    std::array<bool, 2> up_{};
    std::array<bool, 2> able_{};
    std::array<bool, 2> deaf_{};
    std::array<bool, 2> channel_lost_{};
    std::string wrong_;
};

/// What the state of the partition does not allow is refused and changes nothing.
bool SwarmRun::apply_to_partition(const Fault& fault) {
    const auto id = site_.sides[fault.side].id;
    auto& system = *site_.system;
    switch (fault.act) {
        case Act::kCrash:
            return (void)system.crash(id), true;
        case Act::kPowerOff:
            return (void)system.power_off(id), true;
        case Act::kShutDown:
            return (void)system.shutdown(id), true;
        case Act::kActivate:
            return (void)system.activate(id), true;
        case Act::kHang:
            return (void)system.hang(id), true;
        case Act::kResume:
            return (void)system.resume(id), true;
        default:
            return false;
    }
}

bool SwarmRun::apply_to_lan(const Fault& fault) {
    const auto& side = site_.sides[fault.side];
    switch (fault.act) {
        case Act::kCut:
            site_.lan.cut(side.cable, fabric::CableSide::kBoth);
            return true;
        case Act::kCutDeaf:
            site_.lan.cut(side.cable, fabric::CableSide::kFarHearsNothing);
            deaf_[fault.side] = true;
            return true;
        case Act::kMend:
            site_.lan.mend(side.cable);
            deaf_[fault.side] = false;
            return true;
        case Act::kShutPort:
            site_.lan.shut_port(side.cable);
            return true;
        case Act::kOpenPort:
            site_.lan.open_port(side.cable);
            return true;
        case Act::kGatewaySilent:
        case Act::kGatewayAnswers:
            side.gateway->set_answering(fault.act == Act::kGatewayAnswers);
            return true;
        default:
            return false;
    }
}

void SwarmRun::apply(const Fault& fault) {
    if (apply_to_partition(fault) || apply_to_lan(fault)) return;
    if (fault.act == Act::kChannelLost) return lose_channel(fault.side);
    if (fault.act == Act::kChannelBack) return regain_channel(fault.side);
    static constexpr std::array<std::pair<const char*, const char*>, 7> kChanges{{{"ha_mode", "auto"},
                                                                                  {"ha_mode", "standby"},
                                                                                  {"ha_mode", "sharing"},
                                                                                  {"noauto_failback", "yes"},
                                                                                  {"noauto_failback", "no"},
                                                                                  {"fb_delay", "7"},
                                                                                  {"fb_delay", "0"}}};
    if (!site_.runs(fault.side)) return;
    const auto& [name, value] = kChanges[static_cast<std::size_t>(fault.act) - static_cast<std::size_t>(Act::kAuto)];
    site_.set(fault.side, name, value);
}

// --- shrinking ---

/// The list without whatever can be left out, in ever smaller pieces, so that it still fails.
std::vector<Fault> shrunk(std::vector<Fault> faults, const std::function<bool(const std::vector<Fault>&)>& fails) {
    for (std::size_t piece = std::max<std::size_t>(faults.size() / 2, 1); piece > 0; piece /= 2) {
        for (std::size_t from = 0; from < faults.size();) {
            auto fewer = faults;
            const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(from);
            fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(piece, faults.size() - from)));
            if (fails(fewer))
                faults = std::move(fewer);
            else
                from += piece;
        }
    }
    return faults;
}

std::string report(std::uint64_t seed, Plan plan) {
    plan.faults = shrunk(plan.faults, [&plan](const std::vector<Fault>& fewer) {
        return !SwarmRun({.sides = plan.sides, .faults = fewer}).play().empty();
    });
    return "PVMSIM_SWARM_FIRST=" + std::to_string(seed) +
           " PVMSIM_SWARM_SEEDS=1 vios_test --gtest_filter=SeaSwarm.*\n" + SwarmRun(plan).play() + '\n' +
           describe(plan);
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(SeaSwarm, every_vlan_is_bridged_by_exactly_one_healthy_side) {
    const auto first = from_environment("PVMSIM_SWARM_FIRST", 1);
    const auto count = from_environment("PVMSIM_SWARM_SEEDS", 3000);
    for (auto seed = first; seed < first + count; ++seed) {
        const auto plan = plan_of(seed);
        if (!SwarmRun(plan).play().empty()) FAIL() << report(seed, plan);
    }
}

TEST(SeaSwarm, same_seed_same_run) {
    for (const std::uint64_t seed : {7u, 8u, 9u}) {
        SwarmRun first(plan_of(seed));
        SwarmRun second(plan_of(seed));
        EXPECT_EQ(first.play(), second.play());
        EXPECT_EQ(first.fingerprint(), second.fingerprint());
    }
}

/// The swarm sees what it is there for: a pair that cannot hear itself fails, and nothing need have happened.
TEST(SeaSwarm, notices_a_split_pair_and_shrinks_its_faults_to_none) {
    auto plan = plan_of(1);
    for (auto& side : plan.sides) {
        side.ctl_chan = 0;
        side.level = {2, 2, 2, 0};
        side.netaddr = false;
    }
    plan.faults = {{Act::kCut, 0, 50}, {Act::kMend, 0, 50}, {Act::kAuto, 0, 50}, {Act::kAuto, 1, 50}};
    EXPECT_NE(SwarmRun(plan).play(), "");
    const auto few = shrunk(plan.faults, [&plan](const std::vector<Fault>& fewer) {
        return !SwarmRun({.sides = plan.sides, .faults = fewer}).play().empty();
    });
    EXPECT_TRUE(few.empty());
}

TEST(SeaSwarm, shrinking_leaves_what_is_needed_in_its_order) {
    std::vector<Fault> faults;
    for (std::int64_t i = 0; i < 13; ++i) faults.push_back({Act::kMend, 0, i});
    faults[3].act = Act::kHang;
    faults[9].act = Act::kCrash;
    const auto needs_both = [](const std::vector<Fault>& list) {
        const auto hang = std::ranges::find(list, Act::kHang, &Fault::act);
        return std::find_if(hang, list.end(), [](const Fault& fault) { return fault.act == Act::kCrash; }) !=
               list.end();
    };
    const auto few = shrunk(faults, needs_both);
    ASSERT_EQ(few.size(), 2u);
    EXPECT_EQ(few[0].act, Act::kHang);
    EXPECT_EQ(few[1].act, Act::kCrash);
}

}  // namespace
}  // namespace pvmsim::vios
