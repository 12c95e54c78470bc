// Turns, queues and classes of the frames that wait; see sea_queues.hpp. A queue is a number of places: the frames of
// one class lie in one line, whatever thread they belong to, so that the order among threads is that of arrival.
#include "vios/network/sea_queues.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/assert.hpp"

namespace pvmsim::vios {

void SeaQueues::configure(const SeaQueueSettings& settings) {
    PVMSIM_ASSERT(settings.thread_count > 0);
    if (settings == settings_) return;
    std::vector<Entry> waiting;
    for (auto& line : classes_) {
        waiting.insert(waiting.end(), line.begin(), line.end());
        line.clear();
    }
    std::ranges::sort(waiting, {}, &Entry::sequence);
    settings_ = settings;
    discipline_ = SeaDiscipline(has_classes() ? settings.qos_mode : SeaQosMode::kDisabled);
    bytes_ = {};
    counters_.assign(settings.thread_count * kQueuesOfThread, {});
    for (const auto& entry : waiting) put(entry.waiting.from, entry.waiting.frame);
}

std::uint32_t SeaQueues::thread_of(SeaSide from, const wire::Frame& frame) const {
    if (settings_.hash_by_connection) {
        const auto mixed = frame.source_ip.value() ^ frame.destination_ip.value() ^ frame.serial >> 24;
        return (mixed ^ mixed >> 8) % settings_.thread_count;
    }
    const auto client = (from == SeaSide::kVirtual ? frame.source : frame.destination).to_integer();
    return static_cast<std::uint32_t>((client ^ client >> 8 ^ client >> 16) % settings_.thread_count);
}

SeaQueueCounters& SeaQueues::queue_of(SeaSide from, const wire::Frame& frame) {
    const auto queue = has_classes() ? class_of(frame) : kDefaultQueue;
    return counters_[thread_of(from, frame) * kQueuesOfThread + queue];
}

bool SeaQueues::overflows(SeaSide from, const wire::Frame& frame) {
    if (!settings_.is_threaded) return false;  // Interrupt level: nothing but the processor's own limit.
    auto& queue = queue_of(from, frame);
    if (queue.queued < settings_.queue_size) return false;
    ++queue.full_dropped;
    ++overflows_;
    return true;
}

void SeaQueues::put(SeaSide from, const wire::Frame& frame) {
    auto& queue = queue_of(from, frame);
    ++queue.count;
    queue.queued_max = std::max(queue.queued_max, ++queue.queued);
    const auto which = class_of(frame);
    bytes_[which] += frame.size_bytes;
    classes_[which].push_back({{from, frame}, sequence_++});
}

void SeaQueues::take(const Waiting& waiting) {
    --queue_of(waiting.from, waiting.frame).queued;
    bytes_[class_of(waiting.frame)] -= waiting.frame.size_bytes;
}

void SeaQueues::push(sim::SimTime turn, SeaSide from, const wire::Frame& frame) {
    turns_.push_back(turns_.empty() ? turn : std::max(turn, turns_.back()));
    put(from, frame);
}

SeaQueues::Waiting SeaQueues::displace(SeaSide from, const wire::Frame& frame) {
    const Waiting arriving{from, frame};
    if (empty()) return arriving;
    const auto victim = discipline_.victim(bytes_, class_of(frame));
    if (victim == SeaDiscipline::kNone || classes_[victim].empty()) return arriving;
    const auto lost = classes_[victim].back().waiting;
    classes_[victim].pop_back();
    take(lost);
    put(from, frame);
    return lost;
}

std::optional<SeaQueues::Waiting> SeaQueues::pop(sim::SimTime now) {
    if (turns_.empty() || turns_.front() > now) return std::nullopt;
    turns_.pop_front();
    const auto which = has_classes() ? discipline_.choose(bytes_) : 0;
    const auto next = classes_[which].front().waiting;
    classes_[which].pop_front();
    take(next);
    discipline_.sent(which, next.frame.size_bytes);
    return next;
}

void SeaQueues::forget() {
    turns_.clear();
    for (auto& line : classes_) line.clear();
    for (auto& queue : counters_) queue.queued = 0;
    bytes_ = {};
}

void SeaQueues::digest(sim::Digest& digest) const {
    for (const auto& turn : turns_) digest.add(turn);
    for (const auto bytes : bytes_) digest.add(bytes);
    if (has_classes()) discipline_.digest(digest);
    digest.add(overflows_);
}

}  // namespace pvmsim::vios
