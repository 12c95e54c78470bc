// Invariant 17: whatever happens to servers and client adapters, no request is lost or answered twice, no credit leaks,
// and when all is well again every request gets through. And: the same seed gives the same run.
#include <gtest/gtest.h>
// After gtest, which it uses without including it.
#include <rapidcheck/gtest.h>

#include "tests/vios/vscsi_site.hpp"

namespace pvmsim::vios {
namespace {

enum class Step : int { kAsk, kCrash, kPowerOff, kShutdown, kActivate, kHang, kResume, kDiskDies, kDiskHeals, kEnd };

struct Action {
    int step;
    std::size_t vios;
    std::uint32_t requests;
    std::uint32_t wait_ms;
};

void play(VscsiSite& site, const Action& action) {
    const auto vios = action.vios % site.vioses.size();
    auto& system = *site.system;
    // Operations that the partition's state forbids are refused: that is part of the test.
    switch (static_cast<Step>(action.step)) {
        case Step::kAsk:
            break;
        case Step::kCrash:
            (void)system.crash(site.vios(vios));
            break;
        case Step::kPowerOff:
            (void)system.power_off(site.vios(vios));
            break;
        case Step::kShutdown:
            (void)system.shutdown(site.vios(vios));
            break;
        case Step::kActivate:
            (void)system.activate(site.vios(vios));
            break;
        case Step::kHang:
            (void)system.hang(site.vios(vios));
            break;
        case Step::kResume:
            (void)system.resume(site.vios(vios));
            break;
        case Step::kDiskDies:
            site.backings[vios]->mode = BackingAdapter::Mode::kDead;
            break;
        case Step::kDiskHeals:
        case Step::kEnd:
            site.backings[vios]->mode = BackingAdapter::Mode::kWorks;
            break;
    }
    for (std::uint32_t request = 0; request < action.requests; ++request) site.application.ask(site.disk(request % 2));
    site.run(std::chrono::milliseconds(action.wait_ms));
}

void heal(VscsiSite& site) {
    for (std::size_t number = 0; number < site.vioses.size(); ++number) {
        site.backings[number]->mode = BackingAdapter::Mode::kWorks;
        (void)site.system->resume(site.vios(number));
    }
    site.run(60s);  // shutdowns under way end
    for (std::size_t number = 0; number < site.vioses.size(); ++number) (void)site.system->activate(site.vios(number));
    site.run(600s);
}

std::vector<Action> actions() {
    const auto action = rc::gen::construct<Action>(
        rc::gen::inRange(0, static_cast<int>(Step::kEnd)), rc::gen::inRange<std::size_t>(0, 2),
        rc::gen::inRange<std::uint32_t>(0, 6), rc::gen::element<std::uint32_t>(0, 1, 7, 500, 20'000, 95'000));
    return *rc::gen::container<std::vector<Action>>(action);
}

VscsiSiteOptions options() {
    return {.vios_count = *rc::gen::inRange<std::uint32_t>(1, 3),
            .disk_count = 2,
            .path_timeout = *rc::gen::element<std::string>("0", "30"),
            .error_recovery = *rc::gen::element<std::string>("delayed_fail", "fast_fail"),
            .health_check_interval = "60"};
}

RC_GTEST_PROP(VscsiInvariant, every_request_is_answered_exactly_once, ()) {
    VscsiSite site(options());
    site.backings[0]->latency = sim::Duration{*rc::gen::element<std::int64_t>(0, 1'000'000, 3'000'000'000)};
    for (const auto& action : actions()) {
        play(site, action);
        for (const auto& outcome : site.application.outcomes) RC_ASSERT(outcome.answers <= 1u);
    }
    heal(site);
    for (const auto& outcome : site.application.outcomes) RC_ASSERT(outcome.answers == 1u);
    for (std::size_t number = 0; number < site.vioses.size(); ++number) {
        RC_ASSERT(site.adapters[number]->phase() == aix::VscsiClientPhase::kReady);
        RC_ASSERT(site.adapters[number]->free_credits() ==
                  aix::vscsi::kRequestLimit - site.adapters[number]->outstanding());
        RC_ASSERT(site.hosts[number]->in_service() <= site.adapters[number]->outstanding());
    }
    const auto last = site.application.ask(site.disk());
    site.run(10s);
    RC_ASSERT(site.application.outcomes[last].status == ScsiStatus::kGood);
}

RC_GTEST_PROP(VscsiInvariant, same_actions_give_the_same_fingerprint, ()) {
    const auto site_options = options();
    const auto played = actions();
    const auto fingerprint = [&] {
        VscsiSite site(site_options);
        for (const auto& action : played) play(site, action);
        heal(site);
        return site.engine.fingerprint();
    };
    RC_ASSERT(fingerprint() == fingerprint());
}

}  // namespace
}  // namespace pvmsim::vios
