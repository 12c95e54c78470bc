// `workload: flows:` - streams and transactions that are computed as rates: docs/model/network-flows.md.
// MTU and largesend are the interface's; a flow may offer more than there is, that is what it is for.
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

Spec burst_spec() {
    return map_of({
        required("on", duration_spec(1'000'000, kDay), "It offers for so long."),
        required("off", duration_spec(1'000'000, kDay), "Then it offers nothing for so long."),
    });
}

Spec steps_spec() {
    auto step = map_of({
        required("at", duration_spec(0, 366 * kDay), "From this moment of the run."),
        optional("stream", bandwidth(0), "Of a stream: the rate."),
        optional("transactions", simple(Type::kRate), "Of transactions: the rate."),
    });
    step.exactly_one = {{"stream", "transactions"}};
    auto steps = list_of(std::move(step));
    steps.items_min = 1;
    return steps;
}

Spec transaction_size() {
    auto spec = simple(Type::kSize);
    spec.low = 1;
    spec.high = 16 << 20;
    return spec;
}

}  // namespace

Spec flow_spec() {
    auto direction =
        depends("direction", word({"send", "receive", "both"}), "Of a stream, seen from the partition.", "send");
    direction.needs = {"stream"};
    auto size =
        depends("size", transaction_size(), "Of a transaction: bytes of the request, and of its answer.", "64B");
    size.needs = {"transactions"};
    auto several = list_of(simple(Type::kText));
    several.items_min = 1;
    auto flow = map_of({
        required(
            "to", choice({simple(Type::kText), std::move(several)}),
            "A host or a partition with an address in the same VLAN; a range app[02-05] or a list: a flow to each."),
        depends("name", simple(Type::kName), "What results and expectations call it.", "the destination's name"),
        optional("stream", bandwidth(1), "A stream that offers so much, in each direction that it goes."),
        optional("transactions", simple(Type::kRate), "Requests with an answer each."),
        std::move(direction),
        std::move(size),
        depends("interface", simple(Type::kInterface), "Over this interface.",
                "each in whose VLAN the destination has an address"),
        optional("bursts", burst_spec(), "Offered in bursts."),
        optional("varies", duration_spec(10'000'000, kDay),
                 "The rate is drawn anew so often, evenly between nothing and twice itself."),
        optional("steps", steps_spec(), "Rates from given moments on."),
    });
    flow.exactly_one = {{"stream", "transactions"}};
    flow.at_most_one = {"bursts", "varies"};
    return flow;
}

}  // namespace pvmsim::scenarios
