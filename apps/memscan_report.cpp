// Tables and JSON of a scan; see memscan_report.hpp.
// Integers throughout: percentages and ratios are rounded down once, here, and are the same in both forms.
#include "apps/memscan_report.hpp"

#include <array>
#include <cstdio>

#include "aix/memory/expansion.hpp"
#include "apps/json_text.hpp"
#include "scenarios/results/text.hpp"
#include "scenarios/results/text_table.hpp"

namespace pvmsim::apps {
namespace {

using hypervisor::kPageBytes;
using memscan::LeftOut;
using memscan::ScanResult;
using memscan::Totals;
using scenarios::count_text;
using scenarios::TextRow;

constexpr std::uint64_t kJsonFormat = 1;

/// "12.3": megabytes of so many bytes.
std::string mb_text(std::uint64_t bytes) {
    const auto tenths = (static_cast<std::uint64_t>(bytes) * 10 + (1u << 19)) >> 20;
    return count_text(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string pages_mb(std::uint64_t pages) { return mb_text(pages * kPageBytes); }

std::uint64_t tenths_of_percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : part * 1000 / whole;
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
    const auto tenths = tenths_of_percent(part, whole);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string hundredths_text(std::uint64_t hundredths) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%llu.%02llu", static_cast<unsigned long long>(hundredths / 100),
                  static_cast<unsigned long long>(hundredths % 100));
    return text.data();
}

/// What expansion makes of memory like this: it does not depend on how much there is, so a round amount is asked for.
aix::ExpansionFactor factor_of(const hypervisor::CompressionTally& tally) {
    const aix::ExpansionModel model{.ratio_hundredths = tally.ratio_hundredths(),
                                    .compressible_permille = tally.compressible_permille()};
    return aix::factor_max(model, std::uint64_t{1} << 20);
}

std::uint64_t true_pages_for(std::uint64_t pages, aix::ExpansionFactor factor) {
    return (pages * 100 + factor.hundredths() - 1) / factor.hundredths();
}

TextRow totals_row(const std::string& name, const Totals& totals) {
    return {name,
            count_text(totals.files),
            count_text(totals.pages),
            pages_mb(totals.pages),
            count_text(totals.zero_pages),
            count_text(totals.merged_within),
            count_text(totals.merged_across),
            pages_mb(totals.merged())};
}

std::string totals_table(const ScanResult& result) {
    std::vector<TextRow> rows{{"FILE", "FILES", "PAGES", "MB", "ZERO", "WITHIN", "ACROSS", "SAVED MB"}};
    for (std::size_t i = 0; i < result.arguments.size(); ++i)
        rows.push_back(totals_row(result.arguments[i], result.by_argument[i]));
    if (result.arguments.size() > 1) rows.push_back(totals_row("total", result.all));
    return scenarios::text_table(rows, 1);
}

std::string table_size_text(std::uint64_t bytes) {
    if (bytes < (1u << 10)) return count_text(bytes) + " bytes";
    return bytes < (10u << 20) ? count_text(bytes >> 10) + " KB" : mb_text(bytes) + " MB";
}

std::string deduplication_text(const ScanResult& result) {
    const auto merged = result.all.merged();
    auto text =
        "\nDeduplication\n  pages that merge   " + count_text(merged) + " of " + count_text(result.all.pages) + " (" +
        percent_text(merged, result.all.pages) + "): " + count_text(result.all.merged_within) + " within a file, " +
        count_text(result.all.merged_across) + " across files\n  memory set free    " + pages_mb(merged) + " MB of " +
        pages_mb(result.all.pages) + " MB\n  contents shared    " + count_text(result.groups) +
        "\n  signature table    " + table_size_text(result.table_bytes) + ", finds" +
        (merged == result.table_merged
             ? " all of them"
             : " " + count_text(result.table_merged) + " of them (" + percent_text(result.table_merged, merged) + ")") +
        "\n";
    if (result.missed_at_most > 0)
        text += "  not exact          up to " + count_text(result.missed_at_most) +
                " more may merge: there was no memory to remember every page; see --memory\n";
    return text;
}

std::string expansion_text(const ScanResult& result) {
    const auto& tally = result.compression;
    const auto factor = factor_of(tally);
    auto text =
        "\nExpansion\n  compressed         " +
        (result.sample == 1 ? "every page"
                            : "one page in " + count_text(result.sample) + ", " + count_text(tally.pages) + " pages") +
        "\n  ratio              " + hundredths_text(tally.ratio_hundredths()) + " of the " +
        percent_text(tally.compressible_pages, tally.pages) + " that compress, " +
        hundredths_text(tally.ratio_of_all_hundredths()) + " of all\n  factor at most     " + factor.to_string() +
        ": " + pages_mb(result.all.pages) + " MB out of " + pages_mb(true_pages_for(result.all.pages, factor)) +
        " MB of true memory\n\n";
    std::vector<TextRow> rows{{"COMPRESSED TO BYTES", "PAGES", "SHARE"}};
    for (std::size_t i = 0; i < tally.sizes.size(); ++i)
        rows.push_back({"up to " + std::to_string((i + 1) * kPageBytes / tally.sizes.size()),
                        count_text(tally.sizes[i]), percent_text(tally.sizes[i], tally.pages)});
    return text + scenarios::text_table(rows, 1);
}

std::string left_out_text(const LeftOut& left_out) {
    std::string text;
    const auto add = [&text](std::uint64_t count, const char* what) {
        if (count > 0) text += (text.empty() ? "\nLeft out: " : ", ") + count_text(count) + " " + what;
    };
    add(left_out.empty, "empty");
    add(left_out.links, "symbolic links");
    add(left_out.special, "special files");
    add(left_out.same, "other names of files scanned");
    add(left_out.unreadable, "unreadable");
    add(left_out.changed, "not read to the end");
    return text.empty() ? text : text + "\n";
}

void add_totals(JsonText& json, const Totals& totals) {
    json.number("files", totals.files);
    json.number("pages", totals.pages);
    json.number("zero_pages", totals.zero_pages);
    json.number("merged_within", totals.merged_within);
    json.number("merged_across", totals.merged_across);
    json.number("saved_bytes", totals.merged() * kPageBytes);
}

void add_expansion(JsonText& json, const ScanResult& result) {
    const auto& tally = result.compression;
    const auto factor = factor_of(tally);
    json.begin_object("expansion");
    json.number("sample", result.sample);
    json.number("pages_compressed", tally.pages);
    json.number("compressible_pages", tally.compressible_pages);
    json.decimal("ratio", hundredths_text(tally.ratio_hundredths()));
    json.decimal("ratio_of_all", hundredths_text(tally.ratio_of_all_hundredths()));
    json.decimal("factor_max", factor.to_string());
    json.number("true_bytes", true_pages_for(result.all.pages, factor) * kPageBytes);
    json.begin_array("sizes");
    for (std::size_t i = 0; i < tally.sizes.size(); ++i) {
        json.begin_object();
        json.number("up_to_bytes", (i + 1) * kPageBytes / tally.sizes.size());
        json.number("pages", tally.sizes[i]);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

}  // namespace

std::string memscan_text(const ScanResult& result) {
    return totals_table(result) + deduplication_text(result) + expansion_text(result) + left_out_text(result.left_out);
}

std::string memscan_json(const ScanResult& result) {
    JsonText json;
    json.begin_object();
    json.number("format", kJsonFormat);
    json.number("page_bytes", kPageBytes);
    json.begin_array("arguments");
    for (std::size_t i = 0; i < result.arguments.size(); ++i) {
        json.begin_object();
        json.text("name", result.arguments[i]);
        add_totals(json, result.by_argument[i]);
        json.end_object();
    }
    json.end_array();
    json.begin_object("total");
    add_totals(json, result.all);
    json.end_object();
    json.begin_object("deduplication");
    json.number("merged_pages", result.all.merged());
    json.number("missed_at_most", result.missed_at_most);
    json.number("shared_contents", result.groups);
    json.number("not_compared", result.not_compared);
    json.number("table_bytes", result.table_bytes);
    json.number("table_merged_pages", result.table_merged);
    json.end_object();
    add_expansion(json, result);
    json.begin_object("left_out");
    json.number("empty", result.left_out.empty);
    json.number("symbolic_links", result.left_out.links);
    json.number("special", result.left_out.special);
    json.number("other_names", result.left_out.same);
    json.number("unreadable", result.left_out.unreadable);
    json.number("not_read_to_end", result.left_out.changed);
    json.end_object();
    json.end_object();
    return std::move(json).finish();
}

}  // namespace pvmsim::apps
