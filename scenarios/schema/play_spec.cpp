// `timeline:` and `expect:` - what happens, and what must hold at the end.
// Fault names are the ones that the results print.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kYear = 366 * 86'400 * kSecond;

}  // namespace

Spec timeline_spec() {
    const auto kinds = word({"power-off", "shutdown", "crash", "hang", "link-down", "cable-half-open", "port-down",
                             "switch-down", "controller-down", "host-down", "slow"});
    auto fault = optional("fault", kinds, "What breaks.");
    fault.needs = {"target"};
    auto repair = optional("repair", kinds, "What is mended: a partition is activated again, a cable put back.");
    repair.needs = {"target"};
    auto target =
        optional("target", simple(Type::kText),
                 "A partition, switch, host or array; system/C2-T1 or sw1/sw2 (cables), array/A (controller).");
    auto side =
        optional("side", word({"near", "far"}),
                 "cable-half-open: who hears nothing, the server (or the switch named first) or the other end.");
    side.needs = {"fault"};
    auto latency =
        optional("latency", duration_spec(1, 3'600 * kSecond), "slow: added to every frame, command or service.");
    latency.needs = {"fault"};
    auto length = optional("for", duration_spec(1, kYear), "Mended by itself after this.");
    length.needs = {"fault"};
    auto on = optional("on", simple(Type::kName), "Where it is typed: a partition, or hmc (chhwres).");
    auto chdev = optional("chdev", simple(Type::kText), "Changes attributes of this device (ent8, hdisk0).");
    chdev.needs = {"on", "attr"};
    auto attr = optional("attr", named(KeyForm::kName, simple(Type::kAttributeText)),
                         "chdev, chhwres: attributes and their new values.");
    auto chhwres = optional("chhwres", word({"proc", "procpool"}),
                            "Changes the processors of a running partition, or a shared processor pool.");
    chhwres.needs = {"on", "attr"};
    auto partition = optional("partition", simple(Type::kName), "chhwres: proc: the partition.");
    partition.needs = {"chhwres"};
    auto system = optional("system", simple(Type::kName), "chhwres: procpool: the server.");
    system.needs = {"chhwres"};
    auto pool = optional("pool", simple(Type::kName), "chhwres: procpool: the pool's name.");
    pool.needs = {"chhwres", "system"};
    auto schedo = optional(
        "schedo",
        map_of({required("vpm_xvcpus", integer(-1, 256), "Virtual processors more than needed; -1: no folding.")}),
        "Changes a tunable of the scheduler.");
    schedo.needs = {"on"};
    auto smtctl = optional("smtctl", integer(1, 4), "Threads of a processor from now on: 1, 2 or 4.");
    smtctl.needs = {"on"};
    auto step = map_of({
        required("at", duration_spec(0, kYear), "When, from the start of the run."),
        std::move(fault),
        std::move(repair),
        std::move(target),
        std::move(side),
        std::move(latency),
        std::move(length),
        std::move(on),
        std::move(chdev),
        std::move(chhwres),
        std::move(partition),
        std::move(system),
        std::move(pool),
        std::move(schedo),
        std::move(smtctl),
        std::move(attr),
    });
    step.exactly_one = {{"fault", "repair", "chdev", "chhwres", "schedo", "smtctl"}};
    return list_of(std::move(step));
}

Spec watch_spec() {
    return map_of({
        required("every", duration_spec(10'000'000, kYear), "Length of an interval; rows are its means."),
        depends("partitions", choice({simple(Type::kText), list_of(simple(Type::kText))}),
                "all (every partition but VIOSes), a name, a range app[01-05], or a list of these.", "every partition"),
        optional("pools", simple(Type::kBoolean), "Rows for the shared processor pools too.", "false"),
    });
}

Spec expect_spec() {
    const auto who = choice({simple(Type::kText), list_of(simple(Type::kText))});
    auto sea = optional("sea", simple(Type::kText), "A SEA of these VIOSes, judged at the end of the run.");
    sea.needs = {"state"};
    auto state = optional(
        "state",
        word({"INIT", "PRIMARY", "BACKUP", "PRIMARY_SH", "BACKUP_SH", "RECOVERY", "NOTIFY", "LIMBO", "UNHEALTHY"}),
        "The state it must be in, as entstat prints it.");
    state.needs = {"sea"};
    auto line = map_of({
        optional("client", who, "all (every partition but VIOSes), a name, a range app[01-05], or a list of these."),
        optional("partition", who, "The same; reads better for a VIOS."),
        depends("interface", simple(Type::kInterface), "This interface only.", "the worst of all"),
        depends("disk", simple(Type::kDisk), "This disk only.", "the worst of all"),
        optional("network_outage", simple(Type::kDurationBound), "Longest time without an answer."),
        optional("disk_outage", simple(Type::kDurationBound), "Longest time an I/O was stalled."),
        optional("requests_lost", simple(Type::kCountBound), "Network requests without an answer in time."),
        optional("io_errors", simple(Type::kCountBound), "I/Os that failed for the application."),
        optional("io_retries", simple(Type::kCountBound), "I/Os sent again, on the same path or another."),
        optional("physc_mean", simple(Type::kDecimalBound), "Mean processor consumption in cores."),
        optional("dispatch_latency", simple(Type::kDurationBound),
                 "Longest time that a virtual processor was ready and not dispatched; dispatch: exact."),
        optional("response_mean", simple(Type::kDurationBound), "Mean response time of its bursts."),
        optional("response_p99", simple(Type::kDurationBound), "99 of 100 of its bursts are answered in this time."),
        std::move(sea),
        std::move(state),
    });
    line.exactly_one = {{"client", "partition"}};
    line.at_least_one = {"network_outage", "disk_outage",      "requests_lost", "io_errors",    "io_retries",
                         "physc_mean",     "dispatch_latency", "response_mean", "response_p99", "sea"};
    return list_of(std::move(line));
}

}  // namespace pvmsim::scenarios
