// Pages of working storage: taking memory, waiting for pages, paging out, changes of size; see memory.hpp.
//
// Where memory comes from, in this order: free memory; file cache; what is lent, unless ams_loan_policy says that
// working storage goes first; working storage, by a clock, into paging space; at last what is lent all the same, 1 MB
// at a time, as the out-of-memory handler does it.
#include <algorithm>
#include <utility>

#include "aix/memory/cooperative_memory.hpp"
#include "aix/memory/events.hpp"
#include "aix/memory/memory.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using hypervisor::kPagesInWord;
using hypervisor::PageState;

namespace {

constexpr std::uint64_t bit_of(HeapPage page) { return std::uint64_t{1} << (page % kPagesInWord); }

}  // namespace

// --- memory for a word ---

std::uint64_t Memory::paging_space_pages() const { return config_.os_paging_space_bytes / hypervisor::kPageBytes; }

void Memory::drop_cache_word() {
    for (const auto& range : cache_.take_highest(1, seen_words_)) free_words(range);
}

void Memory::free_words(WordRange range) {
    set_state(range, PageState::kUnused);
    free_.add(range);
}

std::optional<MemoryWord> Memory::take_word() {
    const bool takes_back_first = config_.ams_loan_policy != AmsLoanPolicy::kWorkingStorage;
    constexpr auto kOutOfMemoryWords = static_cast<std::uint32_t>(kOutOfMemoryPages / kPagesInWord);
    if (free_.size() == 0) drop_cache_word();
    if (free_.size() == 0 && takes_back_first) take_back(1);
    if (free_.size() == 0)
        if (const auto word = page_out_one()) free_words({.first = *word, .count = 1});
    if (free_.size() == 0 && loaned_.size() > 0) {
        take_back(kOutOfMemoryWords);
        oom_freed_pages_ += kOutOfMemoryPages;
    }
    return free_.take_lowest();
}

std::optional<MemoryWord> Memory::page_out_one() {
    const auto victim = heap_.choose_victim(paging_space_pages() - std::min(paging_space_pages(), heap_.saved_pages()));
    if (!victim) return std::nullopt;
    const auto out = heap_.page_out(*victim);
    os_page_outs_ += out.pages_written;
    return out.memory;
}

bool Memory::give_memory(HeapWord word) {
    const auto memory = is_exhausted_ ? std::nullopt : take_word();
    // Looking for more is long work: not again before the next tick.
    is_exhausted_ = !memory;
    if (!memory) return false;
    heap_.give_memory(word, *memory);
    settle_in(word);
    return true;
}

/// The hypervisor hears what a heap word's memory holds from now on.
void Memory::settle_in(HeapWord word) {
    const auto memory = heap_.at(word).memory;
    if (sharing_ == nullptr || memory >= uncompressed_words_) return;
    set_state({.first = memory, .count = 1}, PageState::kActive);
    sharing_->describe(partition_, memory * kPagesInWord, kPagesInWord,
                       {.kind = hypervisor::ContentKind::kOwn,
                        .seed = seed("heap", path_),
                        .first = std::uint64_t{word} * kPagesInWord,
                        .distinct = config_.heap_distinct});
}

// --- references ---

void Memory::grow_heap(HeapWord words) { heap_.grow(words); }

Memory::Touched Memory::touch(HeapWord word, std::uint64_t touched, std::uint64_t written) {
    auto& entry = heap_.at(word);
    touched &= ~entry.waiting;
    if (touched == 0) return {};
    if (entry.memory == kNoWord && !give_memory(word)) return {.refused = touched};
    entry.is_referenced = true;
    const std::uint64_t paged_out = touched & ~entry.resident & entry.saved;
    const std::uint64_t here = touched & ~paged_out;
    entry.resident |= here;
    std::uint64_t missing = 0;
    if (sharing_ != nullptr && here != 0)
        missing = sharing_->touch(partition_, logical_word(entry.memory), here, here & written);
    entry.dirty |= here & written & ~missing;
    return {.waits = paged_out | missing};
}

bool Memory::wait_for(HeapPage page, bool is_write) {
    auto& entry = heap_.at(page / kPagesInWord);
    const auto bit = bit_of(page);
    PVMSIM_ASSERT((entry.waiting & bit) == 0);
    if (entry.memory == kNoWord || (entry.resident & bit) != 0) {
        const auto again = touch(page / kPagesInWord, bit, is_write ? bit : 0);
        if (again.waits == 0) return false;
    }
    entry.waiting |= bit;
    waiting_.push_back({.page = page, .is_write = is_write, .since = engine_.now()});
    if ((entry.resident & bit) == 0) {
        ++os_page_ins_;
        engine_.schedule_in(config_.os_paging_latency, entity_, OsPageRead{page});
    } else {
        ask_hypervisor(waiting_.back());
    }
    return true;
}

/// Pages of the compressed pool hold several of the system's: one fault brings them all.
void Memory::ask_hypervisor(Waiting& waiting) {
    const auto word = logical_word(heap_.at(waiting.page / kPagesInWord).memory);
    waiting.logical = word * kPagesInWord + waiting.page % kPagesInWord;
    const auto is_asked = std::ranges::any_of(
        waiting_, [&](const Waiting& other) { return other.is_at_hypervisor && other.logical == waiting.logical; });
    waiting.is_at_hypervisor = true;
    if (!is_asked) sharing_->fault(partition_, waiting.logical, waiting.is_write);
}

void Memory::os_page_read(HeapPage page) {
    const auto found = std::ranges::find(waiting_, page, &Waiting::page);
    if (found == waiting_.end()) return;
    auto& entry = heap_.at(page / kPagesInWord);
    const auto bit = bit_of(page);
    entry.resident |= bit;
    if (sharing_ != nullptr && sharing_->touch(partition_, logical_word(entry.memory), bit, bit) != 0)
        return ask_hypervisor(*found);
    const auto done = *found;
    waiting_.erase(found);
    finish(done);
}

void Memory::on_page_restored(hypervisor::PageNumber page, sim::Duration) {
    if (!running_) return;
    if (system_.partition(partition_).hung) return restored_.push_back(page);
    if (page < text_.end() * kPagesInWord) {
        system_waits_ -= std::min(system_waits_, 1u);
        return;
    }
    // Who is told may wait for the next page at once: those of this one are taken out first.
    std::vector<Waiting> done;
    std::erase_if(waiting_, [&](const Waiting& one) {
        const bool is_done = one.is_at_hypervisor && one.logical == page;
        if (is_done) done.push_back(one);
        return is_done;
    });
    for (const auto& one : done) finish(one);
}

void Memory::on_resume() {
    for (const auto page : std::exchange(restored_, {})) on_page_restored(page, {});
}

void Memory::on_page_lost(hypervisor::PageNumber page) {
    ++pages_lost_;
    engine_.trace().milestone(engine_.now(), path_, "page-lost", std::to_string(page));
    on_page_restored(page, {});
}

void Memory::finish(const Waiting& done) {
    auto& entry = heap_.at(done.page / kPagesInWord);
    entry.waiting &= ~bit_of(done.page);
    if (done.is_write) entry.dirty |= bit_of(done.page);
    if (user_ != nullptr) user_->on_page_ready(done.page, engine_.now() - done.since);
}

// --- dynamic changes ---

bool Memory::release_block() {
    if (!running_) return true;
    const auto block = static_cast<MemoryWord>(system_.memory().lmb_mib() * (hypervisor::kMebibyte / kWordBytes));
    return block < true_words_ && shrink(true_words_ - block);
}

void Memory::on_memory_changed(std::uint64_t total_mib) {
    if (!running_) return;
    no_loans_before_ = engine_.now() + kLoanHotplugPause;
    const auto words = static_cast<MemoryWord>(total_mib * (hypervisor::kMebibyte / kWordBytes));
    if (words > true_words_) grow(words);
    if (words >= true_words_) return;
    const bool is_gone = shrink(words);
    PVMSIM_ASSERT(is_gone);  // nothing is removed that release_block did not give up
}

void Memory::grow(MemoryWord words) {
    const auto before = seen_words_;
    const auto true_before = true_words_;
    true_words_ = words;
    divide();
    set_state({.first = true_before, .count = words - true_before}, PageState::kUnused);
    // Expansion may have made less of more: with a larger share of what cannot be compressed. Never below what is used.
    seen_words_ = std::max(seen_words_, before);
    free_.add({.first = before, .count = seen_words_ - before});
    refresh_compression();
}

bool Memory::shrink(MemoryWord words) {
    const auto seen_before = seen_words_;
    const auto true_before = std::exchange(true_words_, words);
    divide();
    const auto gone = seen_before - std::min(seen_words_, seen_before);
    const bool is_enough = free_.size() + cache_.size() + loaned_.size() >= gone;
    const bool is_movable = std::ranges::none_of(
        waiting_, [&](const Waiting& one) { return heap_.at(one.page / kPagesInWord).memory >= seen_words_; });
    if (!is_enough || !is_movable || text_.end() > uncompressed_words_) {
        true_words_ = true_before;
        divide();
        return false;
    }
    for (auto* set : {&free_, &cache_, &loaned_})
        for (const auto& range : set->cut(seen_words_)) set_state(range, PageState::kUnused);
    move_heap_below(seen_words_);
    no_loans_before_ = engine_.now() + kLoanHotplugPause;
    refresh_compression();
    return true;
}

void Memory::move_heap_below(MemoryWord words) {
    for (HeapWord word = 0; word < heap_.size(); ++word) {
        auto& entry = heap_.at(word);
        if (entry.memory == kNoWord || entry.memory < words) continue;
        if (free_.size() == 0) drop_cache_word();
        if (free_.size() == 0) take_back(1);
        const auto place = free_.take_lowest();
        PVMSIM_ASSERT(place.has_value());
        entry.memory = *place;
        settle_in(word);
        if (sharing_ == nullptr) continue;
        // What finds no frame now comes when it is referred to.
        static_cast<void>(sharing_->touch(partition_, logical_word(*place), entry.resident, entry.resident));
    }
}

}  // namespace pvmsim::aix
