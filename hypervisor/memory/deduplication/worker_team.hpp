// WorkerTeam: a few threads that do the parts of one task at a time, the caller among them. Which thread does which
// part never shows in a result: part n of a task is always the same work.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace pvmsim::hypervisor {

class WorkerTeam {
  public:
    /// The caller and `size - 1` threads.
    explicit WorkerTeam(unsigned size);
    ~WorkerTeam();
    WorkerTeam(const WorkerTeam&) = delete;
    WorkerTeam& operator=(const WorkerTeam&) = delete;

    [[nodiscard]] unsigned size() const { return static_cast<unsigned>(threads_.size()) + 1; }
    /// Calls task(0) .. task(size() - 1), each in a thread of its own; returns when all are done. It must not throw.
    void run(const std::function<void(unsigned)>& task);

  private:
    void work(unsigned part);

    const std::function<void(unsigned)>* task_ = nullptr;
    std::atomic<std::uint32_t> round_{0};
    std::atomic<std::uint32_t> unfinished_{0};
    std::atomic<bool> is_over_{false};
    std::vector<std::thread> threads_;
};

}  // namespace pvmsim::hypervisor
