// Rounds are short (a megabyte of pages), so a thread looks a while for the next one before it sleeps.
// Whoever finds nothing for long sleeps until it is called.
#include "hypervisor/memory/deduplication/worker_team.hpp"

#include <algorithm>

namespace pvmsim::hypervisor {

namespace {

constexpr int kLooks = 2000;

/// Until `value` is no longer `old`.
void await_change(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
    for (int look = 0; look < kLooks; ++look) {
        if (value.load(std::memory_order_acquire) != old) return;
        __builtin_ia32_pause();
    }
    value.wait(old, std::memory_order_acquire);
}

}  // namespace

WorkerTeam::WorkerTeam(unsigned size) {
    for (unsigned part = 1; part < size; ++part) threads_.emplace_back([this, part] { work(part); });
}

WorkerTeam::~WorkerTeam() {
    is_over_.store(true, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void WorkerTeam::work(unsigned part) {
    for (std::uint32_t round = 0;; ++round) {
        await_change(round_, round);
        if (is_over_.load(std::memory_order_relaxed)) return;
        (*task_)(part);
        if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
    }
}

void WorkerTeam::run(const std::function<void(unsigned)>& task) {
    if (threads_.empty()) {
        task(0);
        return;
    }
    task_ = &task;
    unfinished_.store(static_cast<std::uint32_t>(threads_.size()), std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    task(0);
    for (std::uint32_t left = unfinished_.load(std::memory_order_acquire); left != 0;
         left = unfinished_.load(std::memory_order_acquire))
        await_change(unfinished_, left);
}

}  // namespace pvmsim::hypervisor
