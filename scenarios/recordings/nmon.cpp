// Reading .nmon files; see nmon.hpp. One pass collects lines by section in whatever order they stand (people sort these
// files), then the sections are put in order and the snapshots are made of them.
#include "scenarios/recordings/nmon.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <tuple>

#include "sim/base/result.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::uint32_t kSnapshotMax = 99'999'999;
constexpr std::int64_t kRecordingDaysMax =
    3653;  ///< [PARAM] ten years; beyond it a date is wrong, not a recording long
constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

/// 17 of "T0017"; nullopt when the text is no snapshot's name.
std::optional<std::uint32_t> snapshot_number(std::string_view text) {
    if (text.size() < 2 || text.front() != 'T') return std::nullopt;
    const auto number = whole_number(text.substr(1), kSnapshotMax);
    if (!number) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

/// Seconds since midnight of "17:28:10".
std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
    const auto parts = split_at(text, ':');
    if (parts.size() != 3) return std::nullopt;
    const auto hours = whole_number(parts[0], 23);
    const auto minutes = whole_number(parts[1], 59);
    const auto seconds = whole_number(parts[2], 60);
    if (!hours || !minutes || !seconds) return std::nullopt;
    return static_cast<std::int64_t>(*hours * 3600 + *minutes * 60 + *seconds);
}

/// Days since 1970 of "10-FEB-2016".
std::optional<std::int64_t> parse_date(std::string_view text) {
    const auto parts = split_at(text, '-');
    if (parts.size() != 3) return std::nullopt;
    const auto day = whole_number(parts[0], 31);
    const auto year = whole_number(parts[2], 9999);
    std::string name(parts[1]);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto month = std::ranges::find(kMonths, name);
    if (!day || !year || month == kMonths.end()) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(month - kMonths.begin() + 1)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

struct TimeStamp {
    std::uint32_t snapshot = 0;
    std::uint32_t line = 0;
    std::string name;
    std::int64_t of_day_s = 0;
    std::optional<std::int64_t> day;  ///< early nmon versions write no date
};

struct Consumption {
    NmonProcessorSource source;
    const NmonSection* section;
    std::vector<std::size_t> columns;  ///< their sum is what was consumed
};

}  // namespace

/// One read of one file.
class NmonReader {
  public:
    explicit NmonReader(LineReader lines) : lines_(std::move(lines)) { recording_.file = lines_.name(); }

    RecordingResult<NmonRecording> read();

  private:
    template <class T = void>
    using Outcome = RecordingResult<T>;

    Outcome<> read_lines();
    Outcome<> read_line(std::string_view line);
    void read_fact(std::string_view rest);
    Outcome<> read_time_stamp(std::string_view rest);
    void read_data(std::string_view name, std::string_view rest);
    void order_sections();
    Outcome<> order_time_stamps();
    Outcome<> read_interval();
    Outcome<Consumption> find_consumption();
    Outcome<> make_snapshots(const Consumption& consumption);
    Outcome<> fill_snapshot(NmonSnapshot& snapshot, const Consumption& consumption, const NmonSection::Row& row) const;
    Outcome<std::int64_t> number(const NmonSection& section, const NmonSection::Row& row, std::size_t column,
                                 int decimals) const;

    [[nodiscard]] std::unexpected<RecordingError> fail(std::uint32_t line, std::string text) const {
        return std::unexpected(RecordingError{recording_.file, line, std::move(text)});
    }

    LineReader lines_;
    NmonRecording recording_;
    std::map<std::string, NmonSection, std::less<>> sections_;
    std::vector<TimeStamp> stamps_;
};

RecordingResult<NmonRecording> NmonReader::read() {
    PVMSIM_TRY(read_lines());
    order_sections();
    PVMSIM_TRY(order_time_stamps());
    PVMSIM_TRY(read_interval());
    PVMSIM_TRY_ASSIGN(const auto consumption, find_consumption());
    PVMSIM_TRY(make_snapshots(consumption));
    return std::move(recording_);
}

NmonReader::Outcome<> NmonReader::read_lines() {
    for (;;) {
        PVMSIM_TRY_ASSIGN(const auto line, lines_.next());
        if (!line) break;
        PVMSIM_TRY(read_line(*line));
    }
    if (recording_.facts.empty()) return fail(0, "not an nmon file: it has no AAA line");
    if (stamps_.empty()) return fail(0, "the recording has no snapshot: there is no ZZZZ line");
    return {};
}

NmonReader::Outcome<> NmonReader::read_line(std::string_view line) {
    const auto comma = line.find(',');
    const auto name = trimmed(line.substr(0, comma));
    if (comma == std::string_view::npos || name.empty()) return {};
    const auto rest = line.substr(comma + 1);
    if (name == "AAA") {
        read_fact(rest);
    } else if (name == "ZZZZ") {
        PVMSIM_TRY(read_time_stamp(rest));
    } else if (!name.starts_with("BBB") && name != "TOP") {
        read_data(name, rest);
    }
    return {};
}

void NmonReader::read_fact(std::string_view rest) {
    const auto comma = rest.find(',');
    const auto value = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    recording_.facts.emplace_back(trimmed(rest.substr(0, comma)), trimmed(value));
}

NmonReader::Outcome<> NmonReader::read_time_stamp(std::string_view rest) {
    const auto parts = split_at(rest, ',');
    TimeStamp stamp;
    stamp.line = lines_.line();
    stamp.name = trimmed(parts[0]);
    const auto number = snapshot_number(stamp.name);
    const auto of_day = parts.size() > 1 ? parse_time_of_day(trimmed(parts[1])) : std::nullopt;
    if (!number || !of_day) {
        return fail(stamp.line,
                    "expected ZZZZ,T0001,hh:mm:ss,DD-MON-YYYY, found 'ZZZZ," + std::string(rest.substr(0, 60)) + "'");
    }
    stamp.snapshot = *number;
    stamp.of_day_s = *of_day;
    if (parts.size() > 2 && !trimmed(parts[2]).empty()) {
        stamp.day = parse_date(trimmed(parts[2]));
        if (!stamp.day) {
            return fail(stamp.line, "expected a date like 10-FEB-2016, found '" + std::string(trimmed(parts[2])) + "'");
        }
    }
    stamps_.push_back(std::move(stamp));
    return {};
}

void NmonReader::read_data(std::string_view name, std::string_view rest) {
    auto at = sections_.find(name);
    if (at == sections_.end()) at = sections_.emplace(std::string(name), NmonSection(std::string(name))).first;
    NmonSection& section = at->second;
    const auto comma = rest.find(',');
    const auto values = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    if (const auto snapshot = snapshot_number(trimmed(rest.substr(0, comma)))) {
        section.rows_.push_back({*snapshot, lines_.line(), std::string(values)});
        return;
    }
    // A header is repeated when a device joins; the longest one knows every column.
    const auto titles = split_at(values, ',');
    if (titles.size() < section.columns_.size()) return;
    section.title_ = trimmed(rest.substr(0, comma));
    section.columns_.clear();
    for (const auto title : titles) section.columns_.emplace_back(trimmed(title));
}

void NmonReader::order_sections() {
    for (auto& [name, section] : sections_) {
        std::ranges::stable_sort(section.rows_, {}, &NmonSection::Row::snapshot);
        recording_.sections.push_back(std::move(section));
    }
    sections_.clear();
}

NmonReader::Outcome<> NmonReader::order_time_stamps() {
    std::ranges::stable_sort(stamps_, {}, &TimeStamp::snapshot);
    for (std::size_t i = 0; i < stamps_.size(); ++i) {
        TimeStamp& stamp = stamps_[i];
        const TimeStamp* before = i == 0 ? nullptr : &stamps_[i - 1];
        if (before != nullptr && before->snapshot == stamp.snapshot) {
            return fail(stamp.line, "snapshot " + stamp.name + " has a second time stamp");
        }
        if (!stamp.day) {
            // Without dates a time of day that does not grow means that midnight has passed.
            const bool next_day = before != nullptr && stamp.of_day_s <= before->of_day_s;
            stamp.day = before == nullptr ? 0 : *before->day + (next_day ? 1 : 0);
        }
        if (before == nullptr) continue;
        if (std::tuple(*stamp.day, stamp.of_day_s) <= std::tuple(*before->day, before->of_day_s)) {
            return fail(stamp.line, "time does not advance from " + before->name + " to " + stamp.name);
        }
        if (*stamp.day - *stamps_[0].day > kRecordingDaysMax) {
            return fail(stamp.line, "snapshot " + stamp.name + " is more than ten years after the first");
        }
    }
    return {};
}

NmonReader::Outcome<> NmonReader::read_interval() {
    if (const auto* text = recording_.fact("interval")) {
        const auto seconds = whole_number(*text, 86'400);
        if (!seconds || *seconds == 0) {
            return fail(0, "AAA,interval: expected seconds from 1 to 86400, found '" + *text + "'");
        }
        recording_.interval = std::chrono::seconds(static_cast<std::int64_t>(*seconds));
        return {};
    }
    if (stamps_.size() < 2) return fail(0, "no AAA,interval line, and a single snapshot does not tell the interval");
    const std::int64_t days = *stamps_[1].day - *stamps_[0].day;
    recording_.interval = std::chrono::seconds(days * 86'400 + stamps_[1].of_day_s - stamps_[0].of_day_s);
    return {};
}

NmonReader::Outcome<Consumption> NmonReader::find_consumption() {
    if (const auto* lpar = recording_.section("LPAR")) {
        if (const auto column = lpar->column("PhysicalCPU"))
            return Consumption{NmonProcessorSource::kLpar, lpar, {*column}};
        return fail(0, "the LPAR section has no column PhysicalCPU");
    }
    if (const auto* all = recording_.section("PCPU_ALL")) {
        const auto user = all->column("User");
        const auto sys = all->column("Sys");
        if (user && sys) return Consumption{NmonProcessorSource::kPcpuAll, all, {*user, *sys}};
        return fail(0, "the PCPU_ALL section has no columns User and Sys");
    }
    return fail(0,
                "neither an LPAR nor a PCPU_ALL section: the recording does not say how many processors were consumed");
}

NmonReader::Outcome<> NmonReader::make_snapshots(const Consumption& consumption) {
    const auto& rows = consumption.section->rows();
    const auto& section = consumption.section->name();
    std::size_t next = 0;
    for (std::size_t i = 0; i < stamps_.size(); ++i) {
        const TimeStamp& stamp = stamps_[i];
        if (next < rows.size() && rows[next].snapshot < stamp.snapshot) {
            return fail(rows[next].line, "this snapshot has no ZZZZ line, or stands twice in section " + section);
        }
        if (next == rows.size() || rows[next].snapshot != stamp.snapshot) {
            // nmon writes the time stamp first: a recording that was stopped may end with a bare one.
            if (i + 1 == stamps_.size() && i > 0) break;
            return fail(stamp.line, "snapshot " + stamp.name + " has no line in section " + section);
        }
        NmonSnapshot snapshot;
        snapshot.name = stamp.name;
        const std::int64_t days = *stamp.day - *stamps_[0].day;
        snapshot.end = sim::kStartOfRun + recording_.interval +
                       std::chrono::seconds(days * 86'400 + stamp.of_day_s - stamps_[0].of_day_s);
        PVMSIM_TRY(fill_snapshot(snapshot, consumption, rows[next]));
        recording_.snapshots.push_back(std::move(snapshot));
        ++next;
    }
    if (next < rows.size()) {
        return fail(rows[next].line, "this snapshot has no ZZZZ line, or stands twice in section " + section);
    }
    recording_.source = consumption.source;
    return {};
}

NmonReader::Outcome<> NmonReader::fill_snapshot(NmonSnapshot& snapshot, const Consumption& consumption,
                                                const NmonSection::Row& row) const {
    const NmonSection& section = *consumption.section;
    for (const auto column : consumption.columns) {
        PVMSIM_TRY_ASSIGN(const auto nanocores, number(section, row, column, 9));
        snapshot.physical_cpu.nanocores += nanocores;
    }
    if (consumption.source != NmonProcessorSource::kLpar) return {};
    if (const auto column = section.column("entitled")) {
        PVMSIM_TRY_ASSIGN(const auto nanocores, number(section, row, *column, 9));
        snapshot.entitled = hypervisor::CoreRate{nanocores};
    }
    const std::array<std::pair<std::string_view, std::optional<std::uint32_t>*>, 3> counts = {
        {{"virtualCPUs", &snapshot.virtual_cpus}, {"poolCPUs", &snapshot.pool_cpus}, {"weight", &snapshot.weight}}};
    for (const auto& [title, count] : counts) {
        const auto column = section.column(title);
        if (!column) continue;
        PVMSIM_TRY_ASSIGN(const auto value, number(section, row, *column, 0));
        *count = static_cast<std::uint32_t>(value);
    }
    return {};
}

NmonReader::Outcome<std::int64_t> NmonReader::number(const NmonSection& section, const NmonSection::Row& row,
                                                     std::size_t column, int decimals) const {
    // A million processors is beyond any machine; below it no sum here can overflow.
    constexpr std::uint64_t kWholeMax = 1'000'000;
    const auto text = trimmed(NmonSection::field(row, column));
    const auto value = exact_decimal(text, decimals);
    const bool in_range = whole_number(text.substr(0, text.find('.')), kWholeMax).has_value();
    if (value && in_range) return *value;
    return fail(row.line, "section " + section.name() + ", column " + section.columns()[column] + ": '" +
                              std::string(text.substr(0, 60)) + "' is not a number that fits there");
}

std::optional<std::size_t> NmonSection::column(std::string_view title) const {
    const auto found = std::ranges::find(columns_, title);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
}

std::string_view NmonSection::field(const Row& row, std::size_t column) {
    std::string_view rest = row.values;
    for (; column > 0; --column) {
        const auto comma = rest.find(',');
        if (comma == std::string_view::npos) return {};
        rest.remove_prefix(comma + 1);
    }
    return rest.substr(0, rest.find(','));
}

const std::string* NmonRecording::fact(std::string_view name) const {
    const auto found = std::ranges::find(facts, name, &std::pair<std::string, std::string>::first);
    return found == facts.end() ? nullptr : &found->second;
}

const NmonSection* NmonRecording::section(std::string_view name) const {
    const auto found = std::ranges::find(sections, name, &NmonSection::name);
    return found == sections.end() ? nullptr : &*found;
}

std::vector<const NmonSection*> NmonRecording::family(std::string_view name) const {
    std::map<std::uint64_t, const NmonSection*> members;  // DISKREAD2 before DISKREAD10
    for (const auto& candidate : sections) {
        if (!candidate.name().starts_with(name)) continue;
        const auto suffix = std::string_view(candidate.name()).substr(name.size());
        const auto number = suffix.empty() ? std::optional<std::uint64_t>(0) : whole_number(suffix, kSnapshotMax);
        if (number) members.emplace(*number, &candidate);
    }
    std::vector<const NmonSection*> family;
    for (const auto& [number, member] : members) family.push_back(member);
    return family;
}

hypervisor::CoreRate NmonRecording::mean_physical_cpu() const {
    hypervisor::CoreTime consumed;
    sim::SimTime start = sim::kStartOfRun;
    for (const auto& snapshot : snapshots) {
        consumed.add(snapshot.physical_cpu, snapshot.end - start);
        start = snapshot.end;
    }
    return {static_cast<std::int64_t>(consumed.nanocore_ns / (start - sim::kStartOfRun).count())};
}

RecordingResult<NmonRecording> read_nmon(const std::filesystem::path& path) {
    PVMSIM_TRY_ASSIGN(auto lines, LineReader::open(path));
    return NmonReader(std::move(lines)).read();
}

RecordingResult<NmonRecording> parse_nmon(std::string text, std::string name) {
    return NmonReader(LineReader::over(std::move(text), std::move(name))).read();
}

std::vector<DemandStep> demand_steps(const NmonRecording& recording) {
    std::vector<DemandStep> steps;
    sim::SimTime start = sim::kStartOfRun;
    for (const auto& snapshot : recording.snapshots) {
        steps.push_back({start, snapshot.physical_cpu});
        start = snapshot.end;
    }
    steps.push_back({start, hypervisor::CoreRate{}});
    return steps;
}

}  // namespace pvmsim::scenarios
