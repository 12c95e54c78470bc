// Parser of HMC listings; see hmc_listing.hpp.
// Quoting is that of comma separated values, one level at a time.
#include "scenarios/recordings/hmc_listing.hpp"

#include <algorithm>
#include <optional>

namespace pvmsim::scenarios {

namespace {

/// [PARAM] our choice. lshmc -V, the longest known, takes five.
constexpr std::uint32_t kLinesOfAnObjectMax = 100;

bool is_attribute_name(std::string_view text) {
    const auto is_name_char = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !text.empty() && std::ranges::all_of(text, is_name_char);
}

/// Sentences have words before any `=`; objects have not.
bool is_sentence(std::string_view line) {
    if (line.starts_with('"')) return false;
    return line.substr(0, line.find('=')).find(' ') != std::string_view::npos;
}

/// "HSCLA4C0" of "HSCLA4C0 The managed system does not ..."
std::string message_code(std::string_view line) {
    const auto word = line.substr(0, line.find(' '));
    const auto is_code_char = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    const bool is_code = word.size() == 8 && word.starts_with("HSC") && std::ranges::all_of(word, is_code_char);
    return is_code ? std::string(word) : std::string();
}

/// Splits at commas outside quotes and undoes one level of quoting. nullopt: a quote is still open at the end.
std::optional<std::vector<std::string>> split_quoted(std::string_view text) {
    std::vector<std::string> items(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
            items.back() += '"';
            ++i;
        } else if (c == '"' && (quoted || items.back().empty())) {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            items.emplace_back();
        } else {
            items.back() += c;
        }
    }
    if (quoted) return std::nullopt;
    return items;
}

RecordingResult<HmcRecord> make_record(const std::vector<std::string>& items, RecordingError at) {
    HmcRecord record;
    record.line = at.line;
    for (const auto& item : items) {
        const auto equals = item.find('=');
        std::string name = item.substr(0, equals);
        if (equals == std::string::npos || !is_attribute_name(name)) {
            at.text = "expected attribute=value, found '" + item.substr(0, 60) + "'";
            return std::unexpected(std::move(at));
        }
        if (record.find(name) != nullptr) {
            at.text = "attribute " + name + " is given twice";
            return std::unexpected(std::move(at));
        }
        record.attributes.emplace_back(std::move(name), item.substr(equals + 1));
    }
    return record;
}

RecordingResult<HmcListing> parse(LineReader reader) {
    HmcListing listing;
    listing.file = reader.name();
    std::string pending;  // the beginning of an object whose quoted value goes on in the next line
    RecordingError start{reader.name(), 0, {}};
    for (;;) {
        auto next = reader.next();
        if (!next) return std::unexpected(std::move(next).error());
        if (!*next) break;
        const std::string_view line = **next;
        if (pending.empty()) {
            if (trimmed(line).empty()) continue;
            start.line = reader.line();
            if (is_sentence(line)) {
                listing.messages.push_back({reader.line(), message_code(line), std::string(trimmed(line))});
                continue;
            }
        } else {
            pending += '\n';
        }
        pending += line;
        if (pending.size() > kRecordingLineBytesMax || reader.line() - start.line >= kLinesOfAnObjectMax) break;
        const auto items = split_quoted(pending);
        if (!items) continue;
        auto record = make_record(*items, start);
        if (!record) return std::unexpected(std::move(record).error());
        listing.records.push_back(*std::move(record));
        pending.clear();
    }
    if (!pending.empty()) {
        start.text = "a double quote that begins in this line is never closed";
        return std::unexpected(std::move(start));
    }
    return listing;
}

}  // namespace

const std::string* HmcRecord::find(std::string_view attribute) const {
    const auto found = std::ranges::find(attributes, attribute, &std::pair<std::string, std::string>::first);
    return found == attributes.end() ? nullptr : &found->second;
}

bool HmcListing::has(std::string_view attribute) const {
    return std::ranges::any_of(records, [&](const HmcRecord& record) { return record.find(attribute) != nullptr; });
}

std::string HmcListing::no_data_because() const {
    std::string text;
    for (const auto& message : messages) {
        if (!text.empty()) text += ' ';
        text += message.text;
    }
    return text;
}

RecordingResult<HmcListing> read_hmc_listing(const std::filesystem::path& path) {
    auto reader = LineReader::open(path);
    if (!reader) return std::unexpected(std::move(reader).error());
    return parse(*std::move(reader));
}

RecordingResult<HmcListing> parse_hmc_listing(std::string text, std::string name) {
    return parse(LineReader::over(std::move(text), std::move(name)));
}

std::optional<std::vector<std::string>> split_hmc_list(std::string_view value) {
    if (value.empty() || value == "none") return std::vector<std::string>{};
    return split_quoted(value);
}

}  // namespace pvmsim::scenarios
