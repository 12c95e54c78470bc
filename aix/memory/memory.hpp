// Memory: the partition's memory as its operating system uses it: pinned kernel, program text, file cache, working
// storage of the applications, free memory; what it lends to the hypervisor, and what it pages to its own space.
//
// In a shared-memory partition (AMS) it tells the hypervisor what is in which page and what state it is in, polls every
// second what to lend, and waits for pages that were taken away. With dedicated memory the same view exists without
// the hypervisor. With Active Memory Expansion the system sees more than there is. Kept in words of 64 pages.
// Rules: behaviour 2.2, 2.4; V33. What is simplified and every parameter: docs/model/memory-operating-system.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aix/memory/expansion.hpp"
#include "aix/memory/heap_table.hpp"
#include "aix/memory/memory_config.hpp"
#include "aix/memory/word_ranges.hpp"
#include "aix/processor/processors.hpp"
#include "hypervisor/managed_system.hpp"
#include "hypervisor/memory/sharing/memory_sharing.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

inline constexpr std::uint64_t kWordBytes = hypervisor::kPageBytes * hypervisor::kPagesInWord;
/// [PARAM] The system itself refers to its kernel and its program text once in so many seconds.
inline constexpr std::uint32_t kSystemSweepPolls = 8;

/// What waits for pages: the load.
class MemoryUser {
  public:
    virtual ~MemoryUser() = default;
    /// The page asked for with Memory::wait_for can be used; never told from inside that call.
    virtual void on_page_ready(HeapPage page, sim::Duration waited) = 0;
};

/// Bytes now, and pages since the system's start.
struct MemoryFigures {
    sim::SimTime at;
    std::uint64_t true_bytes = 0;  ///< what the partition was given
    std::uint64_t seen_bytes = 0;  ///< what the system works with: more with expansion
    std::uint64_t pinned_bytes = 0;
    std::uint64_t text_bytes = 0;
    std::uint64_t heap_bytes = 0;  ///< working storage in memory
    std::uint64_t file_cache_bytes = 0;
    std::uint64_t free_bytes = 0;
    std::uint64_t loaned_bytes = 0;
    std::uint64_t paging_space_bytes = 0;
    std::uint64_t paging_space_used_bytes = 0;
    std::uint64_t os_page_ins = 0;   ///< from the system's own paging space: pi
    std::uint64_t os_page_outs = 0;  ///< po
    std::uint64_t pages_lost = 0;    ///< neither paging VIOS could read them
    bool is_shared = false;          ///< these three are the hypervisor's
    hypervisor::SharedMemoryCounters hypervisor{};
    hypervisor::MemoryPerformance performance{};
    hypervisor::MemoryPoolCounters pool{};
    bool is_expanded = false;
    ExpansionPools expansion{};         ///< as the factor asks
    ExpansionPools expansion_in_use{};  ///< as memory is used now

    /// Neither free nor lent.
    [[nodiscard]] std::uint64_t used_bytes() const { return seen_bytes - free_bytes - loaned_bytes; }
};

class Memory final : public sim::Entity, public hypervisor::SharedMemoryClient {
  public:
    Memory(sim::Engine& engine, hypervisor::ManagedSystem& system, hypervisor::PartitionId partition,
           Processors& processors, std::string path, const MemoryConfig& config);

    /// The system is up, its kernel, text and files are in memory.
    void start();
    void stop();
    /// A dynamic change has been made: so much logical memory now.
    void on_memory_changed(std::uint64_t total_mib);
    /// The partition goes on after a hang: pages that came in the meantime are noticed.
    void on_resume();
    /// Gives up one logical memory block at the end of memory: free memory and file cache go, working storage moves.
    /// False, and nothing changed: there is not enough of them.
    [[nodiscard]] bool release_block();

    // --- applications ---
    void set_user(MemoryUser* user) { user_ = user; }
    /// Working storage of so many words; more than before only.
    void grow_heap(HeapWord words);
    struct Touched {
        std::uint64_t waits = 0;    ///< these pages need wait_for
        std::uint64_t refused = 0;  ///< there is neither memory nor paging space for these
    };
    /// Refers to pages of a heap word, `written` a subset of `touched`. Pages that somebody waits for already are left
    /// to him.
    [[nodiscard]] Touched touch(HeapWord word, std::uint64_t touched, std::uint64_t written);
    /// A thread stops at the page until on_page_ready. False: it is there after all, the reference is done.
    [[nodiscard]] bool wait_for(HeapPage page, bool is_write);
    /// A tick of the load begins: so many pages are referred to so often that compressing them costs processor time.
    void set_hot_pages(std::uint64_t pages);

    // --- the administrator ---
    /// Installs another level: over os_update_time its program text replaces the present one.
    void update_os(const std::string& level);
    [[nodiscard]] const std::string& os_level() const { return os_level_; }
    /// vmo -o ams_loan_policy.
    void set_loan_policy(AmsLoanPolicy policy) { config_.ams_loan_policy = policy; }

    [[nodiscard]] MemoryFigures figures() const;
    [[nodiscard]] bool is_shared() const { return sharing_ != nullptr; }
    [[nodiscard]] const MemoryConfig& config() const { return config_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }

    void on_page_restored(hypervisor::PageNumber page, sim::Duration waited) override;
    void on_page_lost(hypervisor::PageNumber page) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  private:
    struct Waiting {
        HeapPage page = 0;
        hypervisor::PageNumber logical = 0;
        bool is_write = false;
        bool is_at_hypervisor = false;
        sim::SimTime since;
    };

    // Layout and contents.
    void divide();
    void lay_out();
    void describe_all();
    [[nodiscard]] std::uint64_t seed(std::string_view what, std::string_view which) const;
    [[nodiscard]] hypervisor::PageNumber logical_word(MemoryWord word) const;
    void set_state(WordRange range, hypervisor::PageState state);
    /// Pages that are not there: their number. While waits_for_system_ the system waits for one of them.
    std::uint64_t touch_system(WordRange words, std::uint64_t pages, std::uint64_t written);
    void refer_to_system();

    // Taking and giving words.
    [[nodiscard]] std::optional<MemoryWord> take_word();
    [[nodiscard]] std::optional<MemoryWord> page_out_one();
    bool give_memory(HeapWord word);
    void settle_in(HeapWord word);
    void drop_cache_word();
    void free_words(WordRange range);
    [[nodiscard]] std::uint64_t paging_space_pages() const;
    [[nodiscard]] bool shrink(MemoryWord words);
    void grow(MemoryWord words);
    void move_heap_below(MemoryWord words);

    // Loans.
    void poll();
    void lend(std::uint32_t words);
    void take_back(std::uint32_t words);

    void finish(const Waiting& done);
    void os_page_read(HeapPage page);
    void ask_hypervisor(Waiting& waiting);
    void update_step();
    [[nodiscard]] ExpansionPools pools_in_use() const;
    void refresh_compression();

    sim::Engine& engine_;
    hypervisor::ManagedSystem& system_;
    hypervisor::PartitionId partition_;
    Processors& processors_;
    MemoryConfig config_;
    std::string path_;
    sim::EntityId entity_;
    sim::RandomStream random_;
    MemoryUser* user_ = nullptr;

    bool running_ = false;
    hypervisor::MemorySharing* sharing_ = nullptr;  ///< while running in shared memory
    std::string os_level_;

    MemoryWord true_words_ = 0;
    MemoryWord seen_words_ = 0;          ///< more with expansion
    MemoryWord uncompressed_words_ = 0;  ///< words from here on are in the compressed pool
    ExpansionModel model_;
    ExpansionPools pools_;
    std::uint64_t hot_pages_ = 0;

    WordRange kernel_;
    WordRange text_;
    WordRanges cache_;
    WordRanges free_;
    WordRanges loaned_;
    HeapTable heap_;
    std::vector<Waiting> waiting_;
    std::vector<hypervisor::PageNumber> restored_;  ///< while the partition hung
    std::uint32_t system_waits_ = 0;                ///< pages of kernel and text asked for
    std::uint32_t system_sweep_ = 0;
    bool waits_for_system_ = false;  ///< within refer_to_system only

    bool is_exhausted_ = false;  ///< no word could be had in this tick of the load
    std::int64_t oom_freed_pages_ = 0;
    sim::SimTime no_loans_before_;
    std::uint64_t os_page_ins_ = 0;
    std::uint64_t os_page_outs_ = 0;
    std::uint64_t pages_lost_ = 0;

    std::string new_level_;
    std::uint32_t updated_words_ = 0;
    sim::SimTime update_began_;
};

}  // namespace pvmsim::aix
