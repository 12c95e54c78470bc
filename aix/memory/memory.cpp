// Start, layout and contents of a system's memory; see memory.hpp.
//
// Kernel, program text and file cache lie at the beginning, working storage grows from there. Words of the compressed
// pool come last: their places in true memory are those that hold their compressed contents.
#include "aix/memory/memory.hpp"

#include <algorithm>
#include <utility>

#include "aix/memory/cooperative_memory.hpp"
#include "aix/memory/events.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

using hypervisor::ContentKind;
using hypervisor::PageState;

namespace {

constexpr std::uint64_t kAllPages = ~std::uint64_t{0};
constexpr std::uint32_t kWordsInMib = static_cast<std::uint32_t>(hypervisor::kMebibyte / kWordBytes);
/// [PARAM] Kept mapped for I/O by a virtual Ethernet adapter: Linux' ibmveth at MTU 1500 (behaviour 2.2).
constexpr std::uint64_t kEthernetMappedBytes = 4'243'456;
/// [PARAM] By a virtual SCSI or Fibre Channel client adapter.
constexpr std::uint64_t kStorageMappedBytes = 256 * 1024;

std::uint64_t bytes_of(std::uint64_t words) { return words * kWordBytes; }

std::uint32_t words_of(std::uint64_t bytes, std::uint64_t words_max) {
    return static_cast<std::uint32_t>(std::min(bytes / kWordBytes, words_max));
}

std::uint64_t mapped_pages(const hypervisor::PartitionProfile& profile) {
    const auto storage = profile.virtual_scsi_adapters.size() + profile.virtual_fc_adapters.size();
    return profile.virtual_eth_adapters.size() * (kEthernetMappedBytes / hypervisor::kPageBytes) +
           storage * (kStorageMappedBytes / hypervisor::kPageBytes);
}

}  // namespace

Memory::Memory(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
               Processors& processors, std::string path, const MemoryConfig& config)
    : engine_(engine),
      system_(system),
      partition_(partition),
      processors_(processors),
      config_(config),
      path_(path),
      entity_(engine.add(*this, path)),
      random_(engine.random_stream(path, "system references")),
      os_level_(config.os_level) {}

// --- life ---

void Memory::start() {
    running_ = true;
    const auto& partition = system_.partition(partition_);
    const bool is_in_pool = partition.profile.mem_mode == hypervisor::MemoryMode::kShared;
    sharing_ = is_in_pool ? &system_.memory_sharing() : nullptr;
    true_words_ = static_cast<MemoryWord>(partition.given.memory_mib * kWordsInMib);
    heap_.clear();
    waiting_.clear();
    restored_.clear();
    system_waits_ = system_sweep_ = 0;
    hot_pages_ = 0;
    is_exhausted_ = false;
    oom_freed_pages_ = 0;
    os_page_ins_ = os_page_outs_ = pages_lost_ = 0;
    lay_out();
    if (sharing_ == nullptr) return;
    sharing_->set_client(partition_, this);
    describe_all();
    engine_.schedule_in(kLoanPollInterval, entity_, MemoryPoll{});
}

void Memory::stop() {
    running_ = false;
    sharing_ = nullptr;
    new_level_.clear();
    waiting_.clear();
}

void Memory::lay_out() {
    kernel_ = {.first = 0, .count = words_of(config_.kernel_bytes, true_words_ / 4)};
    text_ = {.first = kernel_.end(), .count = words_of(config_.os_text_bytes, true_words_ / 4)};
    const std::uint64_t cached = config_.file_cache_bytes.value_or(bytes_of(true_words_) / 10);
    const WordRange cache{.first = text_.end(), .count = words_of(cached, true_words_ - text_.end())};
    cache_.clear();
    cache_.add(cache);
    divide();
    free_.clear();
    free_.add({.first = cache.end(), .count = seen_words_ - std::min(cache.end(), seen_words_)});
    loaned_.clear();
}

/// With expansion: how true memory is divided, and what the system sees.
void Memory::divide() {
    seen_words_ = uncompressed_words_ = true_words_;
    pools_ = {};
    const auto hundredths = system_.partition(partition_).profile.mem_expansion_hundredths;
    const auto factor = ExpansionFactor::create(std::max(hundredths, ExpansionFactor::kMinHundredths));
    PVMSIM_ASSERT(factor.has_value());
    if (!factor->expands()) return;
    const std::uint64_t true_pages = std::uint64_t{true_words_} * hypervisor::kPagesInWord;
    const std::uint64_t expanded = expanded_pages(true_pages, *factor);
    const std::uint64_t fixed = std::uint64_t{text_.end() + cache_.size()} * hypervisor::kPagesInWord;
    model_ = config_.expansion;
    model_.compressible_permille = static_cast<std::uint32_t>((expanded - std::min(fixed, expanded)) * 1000 / expanded);
    pools_ = divide_memory(model_, true_pages, expanded);
    seen_words_ = static_cast<MemoryWord>(pools_.achieved_pages() / hypervisor::kPagesInWord);
    uncompressed_words_ = static_cast<MemoryWord>(pools_.uncompressed_pages / hypervisor::kPagesInWord);
}

std::uint64_t Memory::seed(std::string_view what, std::string_view which) const {
    sim::Digest digest;
    digest.add(what);
    digest.add(which);
    return digest.value() | 1;
}

/// The system boots, or ran for long: kernel, text and file cache are in memory, the rest is unused. Where the pool has
/// no frame for a page now, the page comes when it is referred to.
void Memory::describe_all() {
    const auto describe = [&](WordRange words, ContentKind kind, std::uint64_t source) {
        sharing_->describe(partition_, words.first * hypervisor::kPagesInWord, words.count * hypervisor::kPagesInWord,
                           {.kind = kind, .seed = source});
    };
    describe(kernel_, ContentKind::kOwn, seed("kernel", path_));
    describe(text_, ContentKind::kCommon, seed("os-text", os_level_));
    const auto files = config_.file_set.empty() ? seed("own-files", path_) : seed("file-set", config_.file_set);
    for (const auto& range : cache_.ranges()) describe(range, ContentKind::kCommon, files);
    set_state(kernel_, PageState::kActiveCritical);
    const auto used = text_.end() + cache_.size();
    if (seen_words_ > uncompressed_words_) {
        const WordRange compressed{.first = uncompressed_words_, .count = true_words_ - uncompressed_words_};
        describe(compressed, ContentKind::kOwn, seed("compressed", path_));
    }
    sharing_->set_state(partition_, used * hypervisor::kPagesInWord, (true_words_ - used) * hypervisor::kPagesInWord,
                        PageState::kUnused);
    sharing_->hint_coalesce(partition_, text_.first * hypervisor::kPagesInWord, text_.count * hypervisor::kPagesInWord);
    touch_system(kernel_, kAllPages, kAllPages);
    touch_system(text_, kAllPages, 0);
    for (const auto& range : cache_.ranges()) touch_system(range, kAllPages, 0);
    const auto& profile = system_.partition(partition_).profile;
    const std::uint64_t entitled = sharing_->performance(partition_).io_entitlement / hypervisor::kPageBytes;
    const std::uint64_t kernel_pages = std::uint64_t{kernel_.count} * hypervisor::kPagesInWord;
    const auto mapped = static_cast<std::uint32_t>(std::min({mapped_pages(profile), entitled, kernel_pages}));
    // A page that is being restored at this instant is mapped by no driver: its adapter starts with fewer buffers.
    if (mapped > 0) static_cast<void>(sharing_->map_io(partition_, 0, mapped));
}

/// Where a word's contents lie in true memory. A word in the compressed pool takes a part of one there.
hypervisor::PageNumber Memory::logical_word(MemoryWord word) const {
    if (word < uncompressed_words_) return word;
    const std::uint64_t held = seen_words_ - uncompressed_words_;
    const std::uint64_t pool = true_words_ - uncompressed_words_;
    return static_cast<hypervisor::PageNumber>(uncompressed_words_ + (word - uncompressed_words_) * pool / held);
}

/// States of what is uncompressed; the compressed pool is active as a whole.
void Memory::set_state(WordRange range, PageState state) {
    if (sharing_ == nullptr || range.first >= uncompressed_words_) return;
    const auto count = std::min(range.end(), uncompressed_words_) - range.first;
    if (count == 0) return;
    sharing_->set_state(partition_, range.first * hypervisor::kPagesInWord, count * hypervisor::kPagesInWord, state);
}

std::uint64_t Memory::touch_system(WordRange words, std::uint64_t pages, std::uint64_t written) {
    std::uint64_t missing = 0;
    for (auto word = words.first; word < words.end(); ++word) {
        const auto absent = sharing_->touch(partition_, word, pages, written & pages);
        missing += static_cast<std::uint64_t>(std::popcount(absent));
        // The system's own programs wait for one page at a time.
        if (absent == 0 || system_waits_ > 0 || !waits_for_system_) continue;
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(absent));
        sharing_->fault(partition_, word * hypervisor::kPagesInWord + bit, (written >> bit & 1) != 0);
        ++system_waits_;
    }
    return missing;
}

// --- events ---

void Memory::on_event(const sim::Event& event) {
    if (!running_) return;
    if (const auto* read = event.as<OsPageRead>())
        os_page_read(read->page);
    else if (event.is<UpdateStep>())
        update_step();
    else
        poll();
}

// --- an update of the system ---

void Memory::update_os(const std::string& level) {
    if (!running_ || (level == os_level_ && new_level_.empty())) return;
    const bool is_under_way = !new_level_.empty();
    new_level_ = level;
    updated_words_ = 0;
    update_began_ = engine_.now();
    if (!is_under_way) engine_.schedule_in(kLoanPollInterval, entity_, UpdateStep{});
}

void Memory::update_step() {
    const auto elapsed = engine_.now() - update_began_;
    std::uint64_t written = text_.count;
    if (elapsed < config_.os_update_time)
        written = static_cast<std::uint64_t>(elapsed.count() / 1'000'000) * text_.count /
                  static_cast<std::uint64_t>(config_.os_update_time.count() / 1'000'000);
    const auto words = static_cast<std::uint32_t>(written);
    if (sharing_ != nullptr && words > updated_words_) {
        const auto first = updated_words_ * hypervisor::kPagesInWord;
        sharing_->overwrite(partition_, text_.first * hypervisor::kPagesInWord + first,
                            (words - updated_words_) * hypervisor::kPagesInWord,
                            {.kind = ContentKind::kCommon, .seed = seed("os-text", new_level_), .first = first});
    }
    updated_words_ = words;
    if (updated_words_ < text_.count) {
        engine_.schedule_in(kLoanPollInterval, entity_, UpdateStep{});
        return;
    }
    os_level_ = std::exchange(new_level_, {});
    engine_.trace().milestone(engine_.now(), path_, "os-updated", "The operating system is at level " + os_level_);
}

// --- expansion ---

void Memory::set_hot_pages(std::uint64_t pages) {
    hot_pages_ = pages;
    is_exhausted_ = false;
    refresh_compression();
}

/// As long as what is used fits into true memory nothing is compressed.
ExpansionPools Memory::pools_in_use() const {
    const std::uint64_t true_pages = std::uint64_t{true_words_} * hypervisor::kPagesInWord;
    const std::uint64_t used = std::uint64_t{seen_words_ - free_.size()} * hypervisor::kPagesInWord;
    return divide_memory(model_, true_pages, std::max(used, true_pages));
}

void Memory::refresh_compression() {
    if (seen_words_ == true_words_) return;
    model_.hot_pages = hot_pages_ + std::uint64_t{text_.end()} * hypervisor::kPagesInWord;
    processors_.set_compression_demand(compression_cost(model_, pools_in_use()));
}

// --- figures ---

MemoryFigures Memory::figures() const {
    MemoryFigures figures{.at = engine_.now(),
                          .true_bytes = bytes_of(true_words_),
                          .seen_bytes = bytes_of(seen_words_),
                          .pinned_bytes = bytes_of(kernel_.count),
                          .text_bytes = bytes_of(text_.count),
                          .heap_bytes = bytes_of(heap_.with_memory()),
                          .file_cache_bytes = bytes_of(cache_.size()),
                          .free_bytes = bytes_of(free_.size()),
                          .loaned_bytes = bytes_of(loaned_.size()),
                          .paging_space_bytes = config_.os_paging_space_bytes,
                          .paging_space_used_bytes = heap_.saved_pages() * hypervisor::kPageBytes,
                          .os_page_ins = os_page_ins_,
                          .os_page_outs = os_page_outs_,
                          .pages_lost = pages_lost_};
    if (sharing_ != nullptr) {
        figures.is_shared = true;
        figures.hypervisor = sharing_->counters(partition_);
        figures.performance = sharing_->performance(partition_);
        figures.pool = sharing_->pool_counters();
    }
    if (pools_.expanded_pages > 0) {
        figures.is_expanded = true;
        figures.expansion = pools_;
        figures.expansion_in_use = pools_in_use();
    }
    return figures;
}

void Memory::digest(sim::Digest& digest) const {
    digest.add(running_);
    digest.add(seen_words_);
    digest.add(free_.size());
    digest.add(loaned_.size());
    digest.add(cache_.size());
    digest.add(heap_.with_memory());
    digest.add(heap_.saved_pages());
    digest.add(waiting_.size());
    digest.add(restored_.size());
    digest.add(is_exhausted_);
    digest.add(oom_freed_pages_);
    digest.add(os_page_ins_);
    digest.add(os_page_outs_);
    digest.add(std::string_view(os_level_));
    digest.add(updated_words_);
}

}  // namespace pvmsim::aix
