// NetworkLoad: requests to one host over one interface, at a given rate, each answered or lost.
//
// A request without an answer within the time-out is lost (no retransmission: every loss shows). An outage begins when
// the first lost request was sent and ends with the next answer to any later one; its resolution is therefore the
// interval between requests. Requests are numbered: an answer that comes again is a duplicate, one that comes after the
// answer to a later request is reordered (RFC 4737, 3.3: below the next number expected).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "aix/network/interface.hpp"
#include "aix/workload/disk_load.hpp"
#include "aix/workload/outage_meter.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

struct NetworkLoadConfig {
    wire::Ipv4Address to;
    sim::Duration interval{1'000'000'000};
    std::uint32_t size_bytes = 128;
    sim::Duration timeout{1'000'000'000};
    Arrival arrival = Arrival::kConstant;
};

struct NetworkLoadResult {
    std::uint64_t requests = 0;
    std::uint64_t answered = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;        ///< of these: answered after all, when nobody waited any more
    std::uint64_t duplicates = 0;  ///< answers that had come before
    std::uint64_t reordered = 0;   ///< answers that came after one to a later request
    sim::Duration latency_total{0};
    sim::Duration latency_max{0};
    std::vector<Outage> outages;
};

class NetworkLoad : public sim::Entity, public InterfaceUser {
  public:
    /// `number` tells the loads of one partition apart in request serials.
    NetworkLoad(sim::Engine& engine, NetworkInterface& interface, std::string path, std::uint32_t number,
                const NetworkLoadConfig& config);

    void start(sim::SimTime at);
    void stop();

    [[nodiscard]] NetworkInterface& interface() { return interface_; }
    [[nodiscard]] const NetworkInterface& interface() const { return interface_; }
    [[nodiscard]] const NetworkLoadConfig& config() const { return config_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] NetworkLoadResult result(sim::SimTime now) const;

    void on_answer(const wire::Frame& frame) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct Waiting {
        std::uint32_t serial;
        sim::SimTime since;
        sim::EventHandle timeout;
        bool open = true;
        std::optional<sim::SimTime> service_again;  ///< the first answer to anybody after this was sent
    };
    void send();
    void on_timeout(std::uint32_t serial);
    void drop_closed();
    [[nodiscard]] Waiting* find(std::uint32_t serial);
    void on_unexpected(std::uint64_t number);
    void note_order(std::uint64_t number);
    void give_up(std::uint32_t serial);
    /// Of all requests of this load, from 0.
    [[nodiscard]] std::uint64_t number_of(std::uint32_t serial) const;

    static constexpr std::uint32_t kSerialBits = 24;
    static constexpr std::uint32_t kSerialMask = (1u << kSerialBits) - 1;
    /// [PARAM] So many of the last lost requests may yet be answered late; an answer to an older one is a duplicate.
    static constexpr std::size_t kGivenUpMax = 4096;

    sim::Engine& engine_;
    NetworkInterface& interface_;
    NetworkLoadConfig config_;
    sim::EntityId entity_;
    sim::RandomStream arrivals_;
    std::uint32_t serial_base_;
    std::uint32_t next_serial_ = 0;
    std::deque<Waiting> waiting_;  ///< in order of sending; the front is always open
    std::size_t noted_ = 0;        ///< so many of them know their service_again
    std::optional<sim::SimTime> lost_since_;
    std::set<std::uint64_t> given_up_;  ///< numbers of the last that were lost
    std::uint64_t next_expected_ = 0;   ///< the highest number answered, and 1
    sim::EventHandle due_;
    NetworkLoadResult result_;
    OutageMeter meter_;
};

}  // namespace pvmsim::aix
