// The rates of a site's flows: when they are shared anew, who is charged, what was delivered; see flow_network.hpp.
//
// One event each kWatchInterval while any flow is used. It finds out whether paths changed, follows those that may
// have, and shares rates if anything that matters did. Between two of them every rate is constant, so sums are exact.
#include "aix/workload/flow_network.hpp"

#include <algorithm>
#include <utility>

#include "aix/os/operating_system.hpp"
#include "aix/workload/events.hpp"
#include "aix/workload/flow_costs.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::uint32_t kHeaderBytes = 40;  ///< IP and TCP

}  // namespace

FlowNetwork::FlowNetwork(sim::Engine& engine, fabric::Lan& lan, std::string path)
    : engine_(engine), lan_(lan), entity_(engine.add(*this, std::move(path))) {}

std::uint32_t FlowNetwork::find_sender(const OperatingSystem& os) const {
    const auto found = std::ranges::find(senders_, &os, [](const Sender& sender) { return sender.os; });
    return found == senders_.end() ? kNobody : static_cast<std::uint32_t>(found - senders_.begin());
}

void FlowNetwork::add_system(OperatingSystem& os) {
    PVMSIM_ASSERT(find_sender(os) == kNobody && flows_.empty());
    if (std::ranges::find(systems_, &os.system()) == systems_.end()) systems_.push_back(&os.system());
    for (const auto& device : os.devices()) {
        if (auto* interface = dynamic_cast<NetworkInterface*>(device.get())) interfaces_.push_back(interface);
        if (const auto* aggregation = dynamic_cast<const LinkAggregation*>(device.get()))
            aggregations_.push_back(aggregation);
        if (const auto* adapter = dynamic_cast<const VirtualEthernetAdapterDevice*>(device.get()))
            virtuals_.push_back({adapter->entity(), adapter, &os.system()});
        if (const auto* adapter = dynamic_cast<const PhysicalEthernetAdapter*>(device.get())) {
            ports_.push_back({.entity = adapter->port().entity(),
                              .adapter = adapter,
                              .out = shares_.add_resource(kGigabitLink.one_way * 1000),
                              .in = shares_.add_resource(kGigabitLink.one_way * 1000),
                              .both = shares_.add_resource(kGigabitLink.both_ways * 1000)});
        }
    }
    std::ranges::sort(virtuals_, {}, &Virtual::entity);
    std::ranges::sort(ports_, {}, &Port::entity);
    senders_.push_back({.os = &os,
                        .resource = shares_.add_resource(0),
                        .milli_per_core = send_cycles_per_second(os.system().model()) * 1000});
}

void FlowNetwork::add_bridge(FlowBridge& bridge) {
    auto* processor = &bridge.processor();
    auto server = std::ranges::find(servers_, processor, &Server::processor);
    if (server == servers_.end())
        server = servers_.insert(server, {.processor = processor, .resource = shares_.add_resource(0)});
    bridges_.push_back({&bridge, static_cast<std::uint32_t>(server - servers_.begin())});
}

void FlowNetwork::set_link_rate(const PhysicalEthernetAdapter& adapter, LinkRate rate) {
    const auto port = std::ranges::find(ports_, &adapter, &Port::adapter);
    PVMSIM_ASSERT(port != ports_.end());
    shares_.set_capacity(port->out, rate.one_way * 1000);
    shares_.set_capacity(port->in, rate.one_way * 1000);
    shares_.set_capacity(port->both, rate.both_ways * 1000);
    port->limit = rate;
}

std::uint32_t FlowNetwork::add_flow(NetworkInterface& interface, const FlowLoadConfig& config) {
    PVMSIM_ASSERT(config.mtu_bytes > kHeaderBytes && config.transaction_bytes > 0);
    const auto id = shares_.add_flow();
    flows_.push_back({});
    PVMSIM_ASSERT(id + 1 == flows_.size());
    auto& flow = flows_.back();
    flow.interface = &interface;
    flow.config = config;
    flow.frame_bytes = config.largesend ? wire::kLargesendBytes : config.mtu_bytes;
    flow.sender = find_sender(interface.os());
    PVMSIM_ASSERT(flow.sender != kNobody);
    return id;
}

void FlowNetwork::start(std::uint32_t id) {
    auto& flow = flows_[id];
    if (flow.is_wanted) return;
    flow.is_wanted = true;
    flow.has_path = false;
    flow.since = flow.down_since = engine_.now();
    ++wanted_;
    watch();
    follow(id);
}

void FlowNetwork::stop(std::uint32_t id) {
    auto& flow = flows_[id];
    if (!flow.is_wanted) return;
    set_demand(id, 0);
    flow.is_wanted = false;
    --wanted_;
    std::erase(stalled_, id);
    const bool waits = !flow.has_path && !flow.is_held;
    if (waits && flow.down_since < engine_.now()) flow.outages.waited(flow.down_since, engine_.now());
    flow.has_path = flow.is_held = false;
    flow.rate = 0;
    shares_.set_uses(id, {});
    is_urgent_ = true;
}

void FlowNetwork::set_demand(std::uint32_t id, std::int64_t bytes_per_s) {
    auto& flow = flows_[id];
    PVMSIM_ASSERT(bytes_per_s >= 0 && (flow.is_wanted || bytes_per_s == 0));
    book(flow);
    flow.demand = std::min(bytes_per_s, FlowShares::kRateMax);
    if (!flow.has_path || flow.is_held) return;
    // Nobody gets what he does not offer; where something is scarce, more comes with the next sharing.
    flow.rate = shares_.set_demand(id, flow.demand) ? flow.demand : std::min(flow.rate, flow.demand);
    uncharged_.push_back(id);
}

void FlowNetwork::watch() {
    if (is_watching_) return;
    is_watching_ = true;
    const auto since_start = engine_.now().time_since_epoch();
    const auto next = (since_start + kWatchInterval - sim::Duration{1}) / kWatchInterval * kWatchInterval;
    watch_ = engine_.schedule_at(sim::SimTime{next}, entity_, FlowWatchDue{});
}

void FlowNetwork::on_event(const sim::Event& event) {
    PVMSIM_ASSERT(event.is<FlowWatchDue>());
    tick();
    is_watching_ = false;
    if (wanted_ == 0) return;
    is_watching_ = true;
    watch_ = engine_.schedule_in(kWatchInterval, entity_, FlowWatchDue{});
}

void FlowNetwork::tick() {
    ++ticks_;
    follow_paths();
    if (ticks_ % kCapacityTicks == 0) {
        ask_capacities();
        look_for_scarcity();
    }
    if (!shares_.is_settled() && (is_urgent_ || ticks_ % kShareTicks == 0)) settle();
    for (const auto id : uncharged_) charge_flow(flows_[id]);
    if (!uncharged_.empty()) {
        charge_servers();
        note_peaks();
    }
    uncharged_.clear();
}

void FlowNetwork::follow_paths() {
    const auto word = state_word();
    if (std::exchange(seen_word_, word) != word) {
        for (std::uint32_t id = 0; id < flows_.size(); ++id)
            if (flows_[id].is_wanted) follow(id);
        return;
    }
    if (stalled_.empty()) return;
    const auto stalled = stalled_;
    for (const auto id : stalled) follow(id);
}

void FlowNetwork::set_path(std::uint32_t id, bool there_is_one) {
    auto& flow = flows_[id];
    const auto now = engine_.now();
    if (there_is_one == flow.has_path) {
        if (!there_is_one && std::ranges::find(stalled_, id) == stalled_.end()) stalled_.push_back(id);
        return;
    }
    book(flow);
    flow.has_path = there_is_one;
    is_urgent_ = true;
    if (there_is_one) {
        std::erase(stalled_, id);
        if (flow.down_since < now && now - flow.down_since > kWatchInterval) flow.outages.waited(flow.down_since, now);
        shares_.set_demand(id, flow.demand);
        return;
    }
    flow.down_since = now;
    flow.rate = 0;
    stalled_.push_back(id);
    shares_.set_demand(id, 0);
    shares_.set_uses(id, {});
}

void FlowNetwork::hold(std::uint32_t id, bool is_held) {
    auto& flow = flows_[id];
    if (flow.is_held == is_held) return;
    const auto now = engine_.now();
    book(flow);
    flow.is_held = is_held;
    flow.rate = 0;
    is_urgent_ = true;
    uncharged_.push_back(id);
    if (flow.has_path) {
        const auto demand = is_held ? 0 : flow.demand;
        if (shares_.set_demand(id, demand)) flow.rate = demand;
    } else if (!is_held) {
        flow.down_since = now;
    } else if (now - flow.down_since > kWatchInterval) {
        flow.outages.waited(flow.down_since, now);
    }
}

void FlowNetwork::book(Flow& flow) {
    const auto now = engine_.now();
    const Wide span = (now - flow.since).count();
    flow.since = now;
    if (!flow.is_wanted || flow.is_held) return;
    flow.used += sim::Duration{static_cast<std::int64_t>(span)};
    flow.offered += flow.demand * span;
    if (flow.has_path)
        flow.delivered += flow.rate * span;
    else
        flow.lost += flow.demand * span;
}

/// What is entitled is always granted; only who wants more needs the dispatcher's answer, which is dear.
std::int64_t FlowNetwork::capacity_milli(const Sender& sender) const {
    const auto& os = *sender.os;
    if (!os.running()) return 0;
    auto& system = sender.os->system();
    const auto milli_of = [&sender](hypervisor::CoreRate rate) {
        return static_cast<std::int64_t>(Wide{sender.milli_per_core} * rate.nanocores / kNanosPerSecond);
    };
    const auto entitled =
        milli_of(std::min(hypervisor::CoreRate::from(system.partition(os.partition_id()).given.proc_units),
                          hypervisor::CoreRate::cores(os.processors().unfolded())));
    if (shares_.wanted_milli(sender.resource) <= entitled) return entitled;
    return std::max(entitled, milli_of(system.dispatcher().capacity(os.partition_id())));
}

void FlowNetwork::refresh_capacity(std::uint32_t index) {
    if (index == kNobody || shares_.wanted_milli(senders_[index].resource) == 0) return;
    shares_.set_capacity(senders_[index].resource, capacity_milli(senders_[index]));
}

void FlowNetwork::ask_capacities() {
    for (std::uint32_t i = 0; i < senders_.size(); ++i) refresh_capacity(i);
    for (auto& server : servers_) {
        if (shares_.wanted_milli(server.resource) == 0) continue;
        shares_.set_capacity(server.resource, server.processor->flow_cycles_max() * 1000);
    }
}

void FlowNetwork::settle() {
    ++settles_;
    // Who wants more than his processor could give may be given more.
    for (std::size_t i = 0; i < shares_.unsettled().size(); ++i) {
        const auto& flow = flows_[shares_.unsettled()[i]];
        refresh_capacity(flow.sender);
        refresh_capacity(flow.receiver);
    }
    if (is_urgent_) ask_capacities();
    is_urgent_ = false;
    const auto take_rate = [this](std::uint32_t id) {
        auto& flow = flows_[id];
        if (flow.rate == shares_.rate(id)) return;
        book(flow);
        flow.rate = shares_.rate(id);
    };
    // Those whose rate was cut when they wanted less are right again, too.
    settling_.assign(shares_.unsettled().begin(), shares_.unsettled().end());
    shares_.settle();
    for (const auto id : settling_) take_rate(id);
    for (const auto id : shares_.changed()) {
        take_rate(id);
        charge_flow(flows_[id]);
    }
    charge_servers();
    note_peaks();
}

void FlowNetwork::charge_flow(const Flow& flow) {
    charge_sender(flow.sender);
    if (flow.receiver != kNobody) charge_sender(flow.receiver);
}

void FlowNetwork::charge_sender(std::uint32_t index) {
    auto& sender = senders_[index];
    const auto milli_per_step = sender.milli_per_core / (kNanosPerSecond / kDemandStepNanocores);
    const auto steps = (shares_.used_milli(sender.resource) + milli_per_step - 1) / milli_per_step;
    if (steps == sender.told_steps) return;
    sender.told_steps = steps;
    sender.os->processors().set_io_demand({steps * kDemandStepNanocores});
}

void FlowNetwork::charge_servers() {
    for (auto& server : servers_) {
        const auto cycles = (shares_.used_milli(server.resource) + 999) / 1000;
        if (cycles == server.told) continue;
        server.told = cycles;
        server.processor->set_flow_cycles(cycles);
    }
}

FlowLoadResult FlowNetwork::result(std::uint32_t id, sim::SimTime now) const {
    const auto& flow = flows_[id];
    const auto& config = flow.config;
    const bool both = config.kind == wire::FlowKind::kTransactions || config.direction == wire::FlowDirection::kBoth;
    const Wide span = flow.is_wanted && !flow.is_held ? (now - flow.since).count() : 0;
    const auto bytes = [both](Wide sum) { return static_cast<std::uint64_t>(sum / kNanosPerSecond) * (both ? 2 : 1); };
    FlowLoadResult result;
    result.bytes_offered = bytes(flow.offered + flow.demand * span);
    result.bytes_delivered = bytes(delivered_until(flow, now));
    result.bytes_lost = bytes(flow.lost + (flow.has_path ? Wide{0} : flow.demand * span));
    result.rate_bytes_per_s = flow.rate;
    result.used = flow.used + sim::Duration{static_cast<std::int64_t>(span)};
    const auto frame = flow.frame_bytes;
    if (config.kind == wire::FlowKind::kTransactions) {
        result.transactions = result.bytes_delivered / 2 / config.transaction_bytes;
        const auto payload = frame - kHeaderBytes;
        result.packets = result.transactions * 2 * ((config.transaction_bytes + payload - 1) / payload);
    } else {
        result.packets = result.bytes_delivered / (frame - kHeaderBytes);
    }
    const bool waits = flow.is_wanted && !flow.is_held && !flow.has_path && now - flow.down_since > kWatchInterval;
    result.outages = flow.outages.outages(now, waits ? &flow.down_since : nullptr);
    return result;
}

void FlowNetwork::digest(sim::Digest& digest) const {
    shares_.digest(digest);
    for (const auto& flow : flows_) {
        digest.add(flow.is_wanted);
        digest.add(flow.has_path);
        digest.add(flow.demand);
        digest.add(flow.rate);
        digest.add(flow.since);
        digest.add(static_cast<std::uint64_t>(flow.offered));
        digest.add(static_cast<std::uint64_t>(flow.delivered));
        digest.add(static_cast<std::uint64_t>(flow.lost));
        digest.add(flow.down_since);
        digest.add(flow.probed);
        flow.outages.digest(digest);
    }
    for (const auto& sender : senders_) digest.add(sender.told_steps);
    for (const auto& server : servers_) digest.add(server.told);
    digest.add(is_watching_);
    digest.add(ticks_);
}

}  // namespace pvmsim::aix
