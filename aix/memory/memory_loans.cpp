// The poll of every second in shared memory: lending to the hypervisor and taking back, and what the system itself
// refers to; see memory.hpp and cooperative_memory.hpp.
//
// Loans are made of whole words of 256 KiB; the target is rounded down to them.
#include <algorithm>

#include "aix/memory/cooperative_memory.hpp"
#include "aix/memory/events.hpp"
#include "aix/memory/memory.hpp"

namespace pvmsim::aix {

using hypervisor::kPagesInWord;
using hypervisor::PageState;

namespace {

/// [PARAM] Working storage is written to paging space at 16 MiB a second at most to be lent.
constexpr std::uint32_t kPagedOutWordsMax = 64;

}  // namespace

void Memory::poll() {
    engine_.schedule_in(kLoanPollInterval, entity_, MemoryPoll{});
    sharing_->report_os_page_ins(partition_, os_page_ins_);
    refer_to_system();
    if (engine_.now() < no_loans_before_) return;
    const LoanSituation now{.loan_request = sharing_->performance(partition_).loan_request /
                                            static_cast<std::int64_t>(hypervisor::kPageBytes),
                            .loaned = std::int64_t{loaned_.size()} * kPagesInWord,
                            .total = std::int64_t{true_words_} * kPagesInWord,
                            .oom_freed = oom_freed_pages_};
    std::uint32_t target = 0;
    if (config_.ams_loan_policy != AmsLoanPolicy::kNone)
        target = static_cast<std::uint32_t>(loan_target(now) / kPagesInWord);
    if (target > loaned_.size()) lend(target - loaned_.size());
    if (target < loaned_.size()) take_back(loaned_.size() - target);
}

/// Kernel and program text are referred to bit by bit, a quarter of the text's pages in a turn.
void Memory::refer_to_system() {
    waits_for_system_ = true;
    const auto turn = system_sweep_++ % kSystemSweepPolls;
    const auto part = [&](WordRange words) {
        const auto begin = words.count * turn / kSystemSweepPolls;
        const auto end = words.count * (turn + 1) / kSystemSweepPolls;
        return WordRange{.first = words.first + begin, .count = end - begin};
    };
    touch_system(part(kernel_), ~std::uint64_t{0}, random_.bits() & random_.bits());
    touch_system(part(text_), random_.bits() & random_.bits(), 0);
    waits_for_system_ = false;
}

void Memory::lend(std::uint32_t words) {
    const auto lend_from = [&](WordRanges& set) {
        for (const auto& range : set.take_highest(words, uncompressed_words_)) {
            set_state(range, PageState::kLoaned);
            loaned_.add(range);
            words -= range.count;
        }
    };
    lend_from(free_);
    lend_from(cache_);
    if (config_.ams_loan_policy != AmsLoanPolicy::kWorkingStorage) return;
    for (auto room = std::min(words, kPagedOutWordsMax); room > 0; --room) {
        const auto memory = page_out_one();
        if (!memory) return;
        free_words({.first = *memory, .count = 1});
        lend_from(free_);
    }
}

void Memory::take_back(std::uint32_t words) {
    for (const auto& range : loaned_.take_highest(words, seen_words_)) free_words(range);
}

}  // namespace pvmsim::aix
