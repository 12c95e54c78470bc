// The walk over the members' pages, and what is done with equal ones.
// The cursor stays where a scan ended; members may come and go before the next.
#include "hypervisor/memory/deduplication/deduplicator.hpp"

#include <algorithm>
#include <bit>

#include "sim/base/assert.hpp"

namespace pvmsim::hypervisor {

namespace {

std::uint64_t lowest_bits(std::uint64_t mask, std::uint64_t count) {
    std::uint64_t rest = mask;
    for (; count > 0 && rest != 0; --count) rest &= rest - 1;
    return mask & ~rest;
}

}  // namespace

Deduplicator::Deduplicator(SharedPages& pages, const PageSignatures& contents, std::uint64_t table_bytes,
                           const DeduplicationCosts& costs)
    : pages_(pages),
      contents_(contents),
      costs_(costs),
      matcher_(std::make_unique<PageMatcher>(pages, contents, table_bytes)) {}

std::uint64_t Deduplicator::candidates() const {
    const PageWord& word = pages_.words(MemberId{cursor_.member})[cursor_.word];
    const std::uint64_t hinted = cursor_.is_on_hinted ? word.hinted : ~word.hinted;
    return PageMatcher::may_share(word) & hinted & ~done_;
}

std::uint32_t Deduplicator::words_of(std::uint16_t member) const {
    return (contents_.pages(MemberId{member}) + kPagesInWord - 1) / kPagesInWord;
}

void Deduplicator::advance() {
    done_ = 0;
    ++cursor_.word;
    skip_missing();
}

/// To a word that exists: members come and go between scans. There is one.
void Deduplicator::skip_missing() {
    while (cursor_.member >= contents_.member_limit() || cursor_.word >= words_of(cursor_.member)) {
        done_ = 0;
        cursor_.word = 0;
        if (++cursor_.member < contents_.member_limit()) continue;
        cursor_.member = 0;
        cursor_.is_on_hinted = !cursor_.is_on_hinted;
    }
}

ScanResult Deduplicator::scan(std::uint64_t pages_max) {
    std::uint64_t steps = 0;
    for (std::uint16_t member = 0; member < contents_.member_limit(); ++member) steps += 2 * words_of(member);
    ScanResult result;
    if (steps == 0) return result;
    skip_missing();
    const std::uint64_t compared = matcher_->counters().compared;
    for (; steps > 0 && result.scanned < pages_max; --steps) {
        const std::uint64_t mask = lowest_bits(candidates(), pages_max - result.scanned);
        matcher_->add(MemberId{cursor_.member}, cursor_.word, mask);
        result.merged += merge_matches();
        result.scanned += static_cast<std::uint64_t>(std::popcount(mask));
        done_ |= mask;
        if (candidates() == 0) advance();
    }
    matcher_->flush();
    result.merged += merge_matches();
    result.compared = matcher_->counters().compared - compared;
    result.cycles = static_cast<std::int64_t>(result.scanned) * (costs_.signature_cycles + costs_.look_up_cycles) +
                    static_cast<std::int64_t>(result.compared) * costs_.comparison_cycles +
                    static_cast<std::int64_t>(result.merged) * costs_.merge_cycles;
    total_.scanned += result.scanned;
    total_.compared += result.compared;
    total_.merged += result.merged;
    total_.cycles += result.cycles;
    return result;
}

std::uint64_t Deduplicator::merge_matches() {
    std::uint64_t merged = 0;
    for (const PageMatch& match : matcher_->matches()) {
        if (pages_.frame_of(match.known) == pages_.frame_of(match.page)) continue;
        pages_.merge(match.known, match.page);
        ++merged;
    }
    matcher_->clear_matches();
    return merged;
}

void Deduplicator::resize(std::uint64_t table_bytes) {
    matcher_ = std::make_unique<PageMatcher>(pages_, contents_, table_bytes);
}

std::uint64_t Deduplicator::pages_for(std::int64_t cycles) const {
    const std::int64_t most =
        costs_.signature_cycles + costs_.look_up_cycles + costs_.comparison_cycles + costs_.merge_cycles;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, cycles) / most);
}

void Deduplicator::digest(sim::Digest& digest) const {
    digest.add(table_bytes());
    digest.add(cursor_.is_on_hinted);
    digest.add(cursor_.member);
    digest.add(cursor_.word);
    digest.add(done_);
    digest.add(total_.scanned);
    digest.add(total_.compared);
    digest.add(total_.merged);
    digest.add(counters().evicted);
}

}  // namespace pvmsim::hypervisor
