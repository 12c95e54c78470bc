// Batch by batch: plan, read and compress in parallel, then scan; see scan.hpp.
// Counting belongs to the thread that plans, so that all that follows the reading is the same for any number of
// threads.
#include "apps/memscan/scan.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "apps/memscan/batch.hpp"
#include "hypervisor/memory/deduplication/worker_team.hpp"

namespace pvmsim::memscan {
namespace {

using hypervisor::ByteScanCounts;
using hypervisor::ByteScanner;
using hypervisor::kPageBytes;

constexpr std::uint64_t kSegmentPages = 64;
constexpr std::size_t kFilesInBatchMax = 256;
/// A table of this many bytes for each page, two buckets, loses nothing but by a rare chance.
constexpr std::uint64_t kTableBytesOfPage = 128;

constexpr std::uint64_t pages_of(std::uint64_t bytes) { return bytes / kPageBytes + (bytes % kPageBytes != 0); }

/// Whether the page of this number is in a sample of one in `sample`: the same pages in every run, without a period
/// that data could have too (SplitMix64).
bool is_sampled(std::uint64_t number, std::uint64_t sample) {
    if (sample == 1) return true;
    std::uint64_t mixed = number + 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return (mixed ^ (mixed >> 31)) % sample == 0;
}

std::uint64_t count_pages(const std::vector<ListedFile>& files) {
    std::uint64_t pages = 0;
    for (const auto& file : files) pages += pages_of(file.bytes);
    return pages;
}

/// How the memory limit is divided.
struct Budget {
    std::uint64_t recent_bytes;
    std::uint64_t full_table_bytes;
    std::uint64_t table_bytes;

    Budget(const ScanOptions& options, std::uint64_t pages) {
        table_bytes = options.table_bytes != 0
                          ? options.table_bytes
                          : hypervisor::deduplication_table_bytes(pages * kPageBytes, options.table_ratio);
        const auto wanted = std::max<std::uint64_t>(kTableBytesOfPage * pages, std::uint64_t{1} << 16);
        const auto rest = options.memory_bytes - std::min(options.memory_bytes, table_bytes);
        full_table_bytes = std::min(wanted, rest / 2);
        recent_bytes = std::min(rest - full_table_bytes, pages * kPageBytes + 2 * kBatchBytes);
    }
};

std::string too_large_table(std::uint64_t table_bytes, const ScanOptions& options) {
    const auto mib = [](std::uint64_t bytes) { return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MB"; };
    return "the signature table takes " + mib(table_bytes) + ", more than a quarter of the memory limit of " +
           mib(options.memory_bytes) + "; allow at least " + mib(4 * table_bytes);
}

class Scan {
  public:
    Scan(const Sources& sources, FileList list, const std::vector<std::string>& arguments, const ScanOptions& options,
         const Budget& budget)
        : sources_(sources),
          list_(std::move(list)),
          bytes_total_(list_.bytes()),
          pages_listed_(count_pages(list_.files)),
          recent_(budget.recent_bytes),
          reader_(sources, list_.files, recent_),
          team_(options.threads),
          compressors_(team_.size()) {
        const auto scanner_threads = std::max(1u, options.threads / 2);
        full_.emplace(ByteScanner::Options{.table_bytes = budget.full_table_bytes, .threads = scanner_threads},
                      reader_);
        table_.emplace(ByteScanner::Options{.table_bytes = budget.table_bytes, .threads = scanner_threads}, reader_);
        result_.arguments = arguments;
        result_.by_argument.resize(arguments.size());
        result_.sample = options.sample != 0
                             ? options.sample
                             : std::max<std::uint64_t>(1, (pages_listed_ + kSampledPages - 1) / kSampledPages);
        result_.table_bytes = table_->table_bytes();
    }

    [[nodiscard]] std::expected<ScanResult, ScanFailure> run(const ScanWatcher& watcher) {
        while (plan_batch()) {
            read_batch();
            if (auto failure = drop_unread()) return std::unexpected(std::move(*failure));
            scan_batch();
            if (!watcher({.bytes_done = bytes_done_, .bytes_total = bytes_total_})) return fail_with(true, {});
        }
        if (!plan_error_.empty()) return fail_with(false, {plan_error_});
        finish();
        if (result_.all.pages == 0) return fail_with(false, {"nothing to scan: there is no page in what was named"});
        return std::move(result_);
    }

  private:
    /// The file that the plan is in.
    struct Current {
        std::uint32_t file = 0;
        std::shared_ptr<const SourceFile> source;
        std::uint64_t offset = 0;
    };

    [[nodiscard]] std::unexpected<ScanFailure> fail_with(bool stopped, std::vector<std::string> errors) const {
        return std::unexpected(
            ScanFailure{.stopped = stopped, .errors = std::move(errors), .warnings = list_.warnings});
    }

    /// Opens the next file with a page in it; false: there is none, or a named one cannot be opened.
    bool open_next() {
        while (next_file_ < list_.files.size()) {
            const auto& file = list_.files[next_file_];
            auto opened = sources_.open(file.path);
            if (!opened && file.is_named) {
                plan_error_ = file.path + ": " + opened.error();
                return false;
            }
            if (opened && (*opened)->bytes() > 0) {
                current_ = {.file = next_file_++, .source = std::move(*opened), .offset = 0};
                return true;
            }
            if (opened) {
                ++list_.left_out.empty;
            } else {
                ++list_.left_out.unreadable;
                list_.warnings.push_back(file.path + ": " + opened.error());
            }
            ++next_file_;
        }
        return false;
    }

    /// Fills segments_ with the next batch; false when nothing is left.
    bool plan_batch() {
        segments_.clear();
        open_.clear();
        ++batch_;
        std::uint64_t page = 0;
        while (page < kBatchPages && open_.size() < kFilesInBatchMax) {
            if (!current_.source) {
                if (!open_next()) break;
                reader_.place(current_.file, batch_ * kBatchPages + page);
            }
            if (open_.empty() || open_.back() != current_.source) open_.push_back(current_.source);
            const auto left = current_.source->bytes() - current_.offset;
            const auto pages = std::min({kSegmentPages, pages_of(left), kBatchPages - page});
            const auto bytes = std::min(left, pages * kPageBytes);
            segments_.push_back({.file = current_.file,
                                 .offset = current_.offset,
                                 .bytes = bytes,
                                 .first_page = page,
                                 .pages = pages,
                                 .source = current_.source.get(),
                                 .trouble = {},
                                 .compression = {}});
            page += pages;
            current_.offset += bytes;
            if (current_.offset == current_.source->bytes()) current_.source.reset();
        }
        return !segments_.empty() && plan_error_.empty();
    }

    void read_batch() {
        bytes_ = recent_.make_room(batch_);
        std::atomic<std::size_t> next{0};
        team_.run([&](unsigned part) {
            for (auto i = next.fetch_add(1); i < segments_.size(); i = next.fetch_add(1))
                read(segments_[i], compressors_[part]);
        });
    }

    void read(Segment& segment, hypervisor::PageCompressor& compressor) const {
        const auto room = bytes_.subspan(segment.first_page * kPageBytes, segment.pages * kPageBytes);
        const auto got = segment.source->read_at(segment.offset, room.first(segment.bytes));
        if (!got || *got < segment.bytes) {
            segment.trouble = got ? "became shorter while it was read" : got.error();
            return;
        }
        std::memset(room.data() + segment.bytes, 0, room.size() - segment.bytes);
        for (std::uint64_t i = 0; i < segment.pages; ++i)
            if (is_sampled(batch_ * kBatchPages + segment.first_page + i, result_.sample))
                segment.compression.add(
                    compressor.compressed_bytes(hypervisor::PageBytes{room.data() + i * kPageBytes, kPageBytes}));
    }

    /// A file that could not be read to its end is left there; the pages before it count.
    [[nodiscard]] std::optional<ScanFailure> drop_unread() {
        std::optional<std::uint32_t> dropped;
        std::vector<Segment> kept;
        for (auto& segment : segments_) {
            bytes_done_ += segment.bytes;
            if (dropped == segment.file) continue;
            if (segment.trouble.empty()) {
                result_.compression.add(segment.compression);
                kept.push_back(std::move(segment));
                continue;
            }
            const auto& file = list_.files[segment.file];
            auto text = file.path + ": " + segment.trouble;
            if (file.is_named) return fail_with(false, {std::move(text)}).error();
            ++list_.left_out.changed;
            list_.warnings.push_back(std::move(text));
            dropped = segment.file;
            if (current_.source && current_.file == segment.file) current_.source.reset();
        }
        segments_ = std::move(kept);
        return std::nullopt;
    }

    void scan_batch() {
        team_.run([&](unsigned part) {
            for (unsigned scanner = part; scanner < 2; scanner += team_.size()) {
                if (scanner == 0) scan_with(*full_, true);
                if (scanner == 1) scan_with(*table_, false);
            }
        });
        scanned_file_ = segments_.empty() ? scanned_file_ : std::optional{segments_.back().file};
    }

    /// Segments of one file are one stretch: they follow each other in the buffer.
    void scan_with(ByteScanner& scanner, bool counts) {
        auto file = scanned_file_;
        for (std::size_t at = 0; at < segments_.size();) {
            auto end = at;
            std::uint64_t pages = 0;
            for (; end < segments_.size() && segments_[end].file == segments_[at].file; ++end)
                pages += segments_[end].pages;
            if (file != segments_[at].file) {
                file = segments_[at].file;
                scanner.begin_source(*file);
                if (counts) begin_file(*file);
            }
            scanner.add(bytes_.subspan(segments_[at].first_page * kPageBytes, pages * kPageBytes));
            at = end;
        }
    }

    /// What was counted since belongs to the argument of the file before.
    void begin_file(std::uint32_t file) {
        settle();
        counted_argument_ = list_.files[file].argument;
        ++result_.by_argument[counted_argument_].files;
    }

    void settle() {
        const auto& now = full_->counts();
        auto& totals = result_.by_argument[counted_argument_];
        totals.pages += now.pages - settled_.pages;
        totals.zero_pages += now.zero_pages - settled_.zero_pages;
        totals.merged_within += now.duplicates_within - settled_.duplicates_within;
        totals.merged_across += now.duplicates_across - settled_.duplicates_across;
        settled_ = now;
    }

    void finish() {
        settle();
        for (const auto& totals : result_.by_argument) {
            result_.all.files += totals.files;
            result_.all.pages += totals.pages;
            result_.all.zero_pages += totals.zero_pages;
            result_.all.merged_within += totals.merged_within;
            result_.all.merged_across += totals.merged_across;
        }
        const auto& counts = full_->counts();
        result_.groups = counts.groups;
        result_.missed_at_most = counts.evicted;
        result_.not_compared = counts.different;
        result_.table_merged = table_->counts().saved();
        result_.left_out = list_.left_out;
        result_.warnings = list_.warnings;
    }

    const Sources& sources_;
    FileList list_;
    std::uint64_t bytes_total_;
    std::uint64_t pages_listed_;
    RecentBatches recent_;
    StreamReader reader_;
    hypervisor::WorkerTeam team_;
    std::vector<hypervisor::PageCompressor> compressors_;
    std::optional<ByteScanner> full_;
    std::optional<ByteScanner> table_;
    ScanResult result_;

    Current current_;
    std::uint32_t next_file_ = 0;
    std::uint64_t batch_ = ~std::uint64_t{0};  ///< the first one is 0
    std::vector<Segment> segments_;
    std::vector<std::shared_ptr<const SourceFile>> open_;  ///< of the batch
    std::span<std::byte> bytes_;
    std::string plan_error_;
    std::uint64_t bytes_done_ = 0;
    std::optional<std::uint32_t> scanned_file_;
    std::uint32_t counted_argument_ = 0;
    ByteScanCounts settled_;
};

}  // namespace

std::expected<ScanResult, ScanFailure> scan(const Sources& sources, const std::vector<std::string>& arguments,
                                            const ScanOptions& options, const ScanWatcher& watcher) {
    auto list = list_files(sources, arguments);
    if (!list.errors.empty())
        return std::unexpected(ScanFailure{.stopped = false, .errors = list.errors, .warnings = list.warnings});
    const Budget budget(options, count_pages(list.files));
    if (budget.table_bytes > options.memory_bytes / 4)
        return std::unexpected(ScanFailure{
            .stopped = false, .errors = {too_large_table(budget.table_bytes, options)}, .warnings = list.warnings});
    Scan scan(sources, std::move(list), arguments, options, budget);
    return scan.run(watcher);
}

}  // namespace pvmsim::memscan
