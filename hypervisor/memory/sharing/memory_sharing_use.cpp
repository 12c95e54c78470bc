// What a partition does with its shared memory: touches, faults, page states, I/O mappings, contents.
// The hot call is touch(): a word of pages that are all there costs a few nanoseconds.
#include "hypervisor/memory/sharing/memory_sharing_state.hpp"
#include "hypervisor/memory/sharing/page_range.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

void MemorySharing::set_client(PartitionId id, SharedMemoryClient* client) { state_->at(id).client = client; }

std::uint64_t MemorySharing::touch(PartitionId id, std::uint32_t word, std::uint64_t touched, std::uint64_t written) {
    PVMSIM_ASSERT((written & ~touched) == 0);
    State& state = *state_;
    const MemberId member = state.member_of(id);
    const std::int64_t spare_before = state.pool.spare_frames();
    const std::uint64_t left = state.pool.touch(member, word, touched, written);
    if (written != 0 && state.members[member.value()].has_contents)
        state.contents.of(member).write(word, written & ~left);
    if (state.pool.spare_frames() != spare_before) [[unlikely]] {
        state.balance();
        state.wake();
    }
    return left;
}

void MemorySharing::fault(PartitionId id, PageNumber page, bool is_write) {
    state_->ask(id, {state_->member_of(id), page}, RequestKind::kFault, is_write);
}

void MemorySharing::set_state(PartitionId id, PageNumber first, std::uint32_t count, PageState state) {
    const MemberId member = state_->member_of(id);
    const bool is_given = state == PageState::kUnused || state == PageState::kLoaned;
    if (is_given) state_->cancel_page_outs(member, first, count);
    state_->pool.set_state(member, first, count, state);
    if (!is_given) return;
    if (state_->members[member.value()].has_contents) {
        const std::vector<PageWord>& words = state_->pool.pages().words(member);
        for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
            std::uint64_t given = (words[word].unused | words[word].loaned) & mask;
            while (given != 0) {
                const auto bit = static_cast<std::uint32_t>(std::countr_zero(given));
                const auto run = static_cast<std::uint32_t>(std::countr_one(given >> bit));
                state_->contents.of(member).describe(word * kPagesInWord + bit, run, {});
                given &= run == kPagesInWord ? 0 : ~(((std::uint64_t{1} << run) - 1) << bit);
            }
        });
    }
    state_->balance();
    state_->wake();
}

void MemorySharing::report_os_page_ins(PartitionId id, std::uint64_t page_ins) {
    state_->pool.report_os_page_ins(state_->member_of(id), page_ins);
}

HcallStatus MemorySharing::map_io(PartitionId id, PageNumber first, std::uint32_t count) {
    State& state = *state_;
    const MemberId member = state.member_of(id);
    const std::uint64_t mapped = state.pool.use(member).io_mapped;
    if (mapped + state.pool.unmapped(member, first, count) > state.pool.terms(member).io_entitled)
        return HcallStatus::kResource;
    bool is_all_there = true;
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        const std::uint64_t missing = touch(id, word, mask, mask);
        if (missing != 0) is_all_there = false;
        for_each_page(word, missing, [&](PageNumber page) {
            state.ask(id, {member, page}, RequestKind::kMapping, true);
        });
    });
    // Frames for the later pages may have been taken from the earlier ones.
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        const PageWord& bits = state.pool.pages().words(member)[word];
        if ((mask & ~(bits.backed & ~bits.coalesced)) != 0) is_all_there = false;
    });
    if (!is_all_there) return HcallStatus::kLongBusyOrder1Msec;
    state.pool.map_io(member, first, count);
    return HcallStatus::kSuccess;
}

void MemorySharing::unmap_io(PartitionId id, PageNumber first, std::uint32_t count) {
    const MemberId member = state_->member_of(id);
    state_->pool.unmap_io(member, first, count);
    if (!state_->members[member.value()].has_contents) return;
    for_each_word(first, count,
                  [&](std::uint32_t word, std::uint64_t mask) { state_->contents.of(member).write(word, mask); });
}

void MemorySharing::describe(PartitionId id, PageNumber first, std::uint32_t count, const ContentSource& source) {
    const MemberId member = state_->member_of(id);
    state_->keep_contents(member, false);
    state_->pool.separate(member, first, count);
    state_->contents.of(member).describe(first, count, source);
}

void MemorySharing::overwrite(PartitionId id, PageNumber first, std::uint32_t count, const ContentSource& source) {
    const MemberId member = state_->member_of(id);
    describe(id, first, count, source);
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        PageWord& bits = state_->pool.pages().words(member)[word];
        bits.referenced |= bits.backed & mask;
        bits.sampled |= bits.backed & mask;
        bits.changed |= bits.backed & mask;
    });
    state_->balance();
    state_->wake();
}

void MemorySharing::hint_coalesce(PartitionId id, PageNumber first, std::uint32_t count) {
    const MemberId member = state_->member_of(id);
    for_each_word(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        state_->pool.pages().words(member)[word].hinted |= mask;
    });
}

}  // namespace pvmsim::hypervisor
