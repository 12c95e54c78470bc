// `workload:` - the load a partition makes: processor demand, disk I/O, requests over the network.
// Rates are bounded so that one slip of the keyboard does not make a run of years.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kCoresMaxHundredths = 25'600;

/// Recordings have consumption in thousandths of a core.
Spec cores() {
    auto spec = decimal(0, kCoresMaxHundredths);
    spec.decimals = 3;
    return spec;
}

Spec request_size() {
    auto spec = simple(Type::kSize);
    spec.low = 1;
    spec.high = 16 << 20;
    return spec;
}

Key arrival() {
    return optional("arrival", word({"constant", "random"}), "Evenly spaced, or at random with the same mean.",
                    "constant");
}

Spec processor_spec() {
    auto steps = list_of(map_of({
        required("at", duration_spec(0, 366 * kDay), "From this moment."),
        required("demand", cores(), "Processors' worth of work, 0.3 is 30 % of one core."),
    }));
    steps.items_min = 1;
    auto map = map_of({
        optional("demand", cores(), "Constant demand in cores."),
        optional("steps", std::move(steps), "Demand that changes at given moments."),
        optional("random",
                 map_of({
                     required("mean", cores(), "Middle of the range."),
                     required("spread", cores(), "Uniform in mean +- spread."),
                     required("every", duration_spec(1'000'000, kDay), "A new value this often."),
                 }),
                 "Demand that changes at random."),
        optional("threads", integer(0, 1024), "As many programs that always want to run, a thread each."),
    });
    map.exactly_one = {{"demand", "steps", "random", "threads"}};
    return choice({std::move(map), cores()});
}

Spec bursts_spec() {
    auto threads = optional("threads", integer(1, 1024), "Closed: as many users, each thinks, asks and waits.");
    threads.needs = {"think"};
    auto think =
        optional("think", duration_spec(1'000, kDay), "Closed: mean time between an answer and the next request.");
    think.needs = {"threads"};
    auto bursts = map_of({
        std::move(threads),
        std::move(think),
        optional("rate", simple(Type::kRate), "Open: requests, whether answered or not."),
        required("work", duration_spec(1'000, 60 * kSecond), "Processor time of one request."),
        optional("arrival", word({"constant", "random"}), "Evenly spaced, or at random with the same mean.", "random"),
    });
    bursts.exactly_one = {{"threads", "rate"}};
    return bursts;
}

}  // namespace

Spec workload_spec() {
    auto network = map_of({
        required("to", simple(Type::kName), "The host that answers."),
        required("rate", simple(Type::kRate), "Requests, over each interface whose VLAN the host is in."),
        optional("size", request_size(), "Bytes of a request and of its answer.", "128B"),
        optional("timeout", duration_spec(1'000'000, 3'600 * kSecond), "A request unanswered for longer is lost.",
                 "1s"),
        arrival(),
    });
    auto disk = map_of({
        required("rate", simple(Type::kRate), "I/Os of each disk."),
        optional("size", request_size(), "Bytes of an I/O.", "4KB"),
        optional("read", simple(Type::kPercent), "Share of reads.", "70%"),
        arrival(),
        optional("stall_threshold", duration_spec(1'000'000, 3'600 * kSecond),
                 "An I/O unanswered for longer is an outage.", "1s"),
        depends("disk", simple(Type::kDisk), "This disk only.", "all"),
    });
    auto spec = map_of({
        optional("start", duration_spec(0, kDay), "When disk and network load begins; the site has settled by then.",
                 "10s"),
        optional("processor", processor_spec(), "Processor demand."),
        optional("bursts", bursts_spec(),
                 "Requests that take processor time, each with its response time (dispatch: exact shows what windows "
                 "do to it)."),
        optional("nmon", simple(Type::kText),
                 "Instead: replay the LPAR section of this recording; path from the scenario's folder."),
        optional("memory", memory_workload_spec(), "Memory that its programs use."),
        optional("disk", std::move(disk), "Disk I/O."),
        optional("network", choice({network, list_of(network)}), "Requests to a host; one map or a list of them."),
        optional("flows", choice({flow_spec(), list_of(flow_spec())}),
                 "Streams and transactions, as rates; one map or a list of them."),
    });
    spec.at_most_one = {"processor", "nmon"};
    return spec;
}

}  // namespace pvmsim::scenarios
