// SeaQueues: the frames of a Shared Ethernet Adapter that wait for the processor, in the queues of its threads.
//
// With thread=1 a frame goes to one of nthreads threads, by its client (hash_algo 0) or its connection (1), and waits
// in a queue of that thread for its class, at most queue_size frames in each: a client that floods fills its own queue
// and not those of others. How long everything waits is IoProcessor's word: each frame that comes buys a turn at a
// time; whose turn it then is, is the discipline's. So quality of service changes the order, and nothing else. When the
// processor takes no more, a less important frame makes room, or the new one is lost. Simplified: a thread may use all
// processors of the partition; importance counts across threads. The hash is ours [PARAM]. Sources: formats A.3, A.8
// (SEA THREADS INFORMATION); docs/model/network-bridge.md
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "fabric/wire/ethernet.hpp"
#include "sim/base/time.hpp"
#include "vios/network/sea_qos.hpp"

namespace pvmsim::vios {

/// Where a frame came from.
enum class SeaSide : std::uint8_t { kReal, kVirtual };

struct SeaQueueSettings {
    bool is_threaded = true;
    std::uint32_t thread_count = 7;
    std::uint32_t queue_size = 8192;
    bool hash_by_connection = false;
    SeaQosMode qos_mode = SeaQosMode::kDisabled;
    friend bool operator==(const SeaQueueSettings&, const SeaQueueSettings&) = default;
};

/// As entstat -all prints them for each queue of a thread.
struct SeaQueueCounters {
    std::uint32_t queued = 0;        ///< "Queue packets queued": now
    std::uint32_t queued_max = 0;    ///< "Queue max packets queued"
    std::uint64_t count = 0;         ///< "Queue packets count": that ever waited
    std::uint64_t full_dropped = 0;  ///< "Queue full dropped packets"
};

class SeaQueues {
  public:
    /// The queue of a thread that is used without quality of service ("SEA Default Queue #8").
    static constexpr std::size_t kDefaultQueue = kSeaQosClasses;
    static constexpr std::size_t kQueuesOfThread = kSeaQosClasses + 1;

    struct Waiting {
        SeaSide from;
        wire::Frame frame;
    };

    /// New settings; what waits goes to its new queues in the order it came.
    void configure(const SeaQueueSettings& settings);

    [[nodiscard]] bool empty() const { return turns_.empty(); }
    [[nodiscard]] std::size_t size() const { return turns_.size(); }
    /// When the next turn is; something must wait.
    [[nodiscard]] sim::SimTime next_turn() const { return turns_.front(); }
    [[nodiscard]] sim::SimTime last_turn() const { return turns_.back(); }

    /// True when the frame's queue has no room, which is counted.
    [[nodiscard]] bool overflows(SeaSide from, const wire::Frame& frame);
    /// The frame waits and brings a turn, not before the last one.
    void push(sim::SimTime turn, SeaSide from, const wire::Frame& frame);
    /// The processor sells no further turn: who is given up, the frame itself or one whose turn it takes.
    [[nodiscard]] Waiting displace(SeaSide from, const wire::Frame& frame);
    /// Whose turn it is now; nullopt: the next turn is later.
    [[nodiscard]] std::optional<Waiting> pop(sim::SimTime now);
    void forget();

    [[nodiscard]] const SeaQueueSettings& settings() const { return settings_; }
    [[nodiscard]] const SeaQueueCounters& counters(std::size_t thread, std::size_t queue) const {
        return counters_[thread * kQueuesOfThread + queue];
    }
    [[nodiscard]] std::uint64_t overflows() const { return overflows_; }
    [[nodiscard]] std::uint32_t thread_of(SeaSide from, const wire::Frame& frame) const;
    void digest(sim::Digest& digest) const;

  private:
    struct Entry {
        Waiting waiting;
        std::uint64_t sequence;
    };
    [[nodiscard]] bool has_classes() const {
        return settings_.is_threaded && settings_.qos_mode != SeaQosMode::kDisabled;
    }
    [[nodiscard]] std::size_t class_of(const wire::Frame& frame) const {
        return has_classes() ? sea_qos_class(frame.priority) : 0;
    }
    [[nodiscard]] SeaQueueCounters& queue_of(SeaSide from, const wire::Frame& frame);
    void put(SeaSide from, const wire::Frame& frame);
    void take(const Waiting& waiting);

    SeaQueueSettings settings_;
    SeaDiscipline discipline_{SeaQosMode::kDisabled};
    std::deque<sim::SimTime> turns_;                         ///< as many as frames wait, ascending
    std::array<std::deque<Entry>, kSeaQosClasses> classes_;  ///< all in the first without quality of service
    SeaQosBytes bytes_{};
    std::vector<SeaQueueCounters> counters_ = std::vector<SeaQueueCounters>(7 * kQueuesOfThread);
    std::uint64_t sequence_ = 0;
    std::uint64_t overflows_ = 0;
};

}  // namespace pvmsim::vios
