// yaml-cpp's events become our tree. Whatever yaml-cpp throws ends here; its words are replaced where they mislead.
// A mistake ends the parsing by an exception of ours, because yaml-cpp offers no other way out; it does not leave here.
#include "scenarios/loader/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "scenarios/loader/text_check.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::string_view kNoAliases =
    "aliases (*name) are not allowed: write a range like app[01-20] (and text that begins with * in quotes)";

/// Thrown through yaml-cpp's parser to stop it; caught in parse_document.
struct Refusal {
    Place place;
    std::string message;
};

/// yaml-cpp counts columns in bytes, editors in characters.
class Columns {
  public:
    explicit Columns(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] == '\n') starts_.push_back(i + 1);
    }

    [[nodiscard]] Place place(const YAML::Mark& mark, std::uint32_t source) const {
        if (mark.line < 0 || mark.column < 0) return {source, 1, 1};
        const auto line = static_cast<std::size_t>(mark.line);
        const auto column = static_cast<std::size_t>(mark.column);
        return {source, static_cast<std::uint32_t>(line + 1), characters_before(line, column) + 1};
    }

    /// yaml-cpp takes the end of the text for the end of a quoted scalar; we do not.
    [[nodiscard]] bool quote_is_closed(const YAML::Mark& mark) const {
        const auto line = static_cast<std::size_t>(mark.line);
        if (mark.line < 0 || line >= starts_.size()) return true;
        const auto begin = starts_[line] + static_cast<std::size_t>(mark.column);
        if (begin >= text_.size() || (text_[begin] != '"' && text_[begin] != '\'')) return true;
        const char quote = text_[begin];
        for (auto at = begin + 1; at < text_.size(); ++at) {
            if (quote == '"' && text_[at] == '\\') {
                ++at;
            } else if (text_[at] == quote) {
                const bool doubled = quote == '\'' && at + 1 < text_.size() && text_[at + 1] == quote;
                if (!doubled) return true;
                ++at;
            }
        }
        return false;
    }

    [[nodiscard]] std::string_view line(std::uint32_t number) const {
        if (number == 0 || number > starts_.size()) return {};
        const auto rest = text_.substr(starts_[number - 1]);
        return rest.substr(0, rest.find('\n'));
    }

  private:
    /// Marks come mostly in order: counting goes on from the last one, or a long line would be counted again and again.
    [[nodiscard]] std::uint32_t characters_before(std::size_t line, std::size_t bytes) const {
        if (line >= starts_.size()) return static_cast<std::uint32_t>(bytes);
        if (line != last_.line || bytes < last_.bytes) last_ = {line, 0, 0};
        const auto part = text_.substr(std::min(starts_[line] + last_.bytes, text_.size()), bytes - last_.bytes);
        const auto more = std::count_if(part.begin(), part.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
        last_ = {line, bytes, last_.characters + static_cast<std::uint32_t>(more)};
        return last_.characters;
    }

    struct Counted {
        std::size_t line = 0;
        std::size_t bytes = 0;
        std::uint32_t characters = 0;
    };

    std::string_view text_;
    std::vector<std::size_t> starts_;
    mutable Counted last_;
};

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto value = static_cast<unsigned char>(c);
        return (value < 0x20 && value != '\n' && value != '\t') || value == 0x7F;
    });
}

class Builder : public YAML::EventHandler {
  public:
    Builder(const Columns& columns, std::uint32_t source) : columns_(columns), source_(source) {}

    [[nodiscard]] Node take() { return std::move(root_); }
    [[nodiscard]] std::size_t documents() const { return documents_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) refuse(mark, "a second document begins here: a scenario file holds one");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        if (expects_key()) refuse(mark, "a key is missing or null here (a text that reads null needs quotes)");
        Node node;
        node.place = columns_.place(mark, source_);
        put(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, std::string(kNoAliases)); }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        if (tag != "?" && tag != "!")
            refuse(mark, "tags (!!" + short_tag(tag) + ") are not allowed: the key says the type");
        if (tag == "!" && !columns_.quote_is_closed(mark)) refuse(mark, "the quote that begins here is never closed");
        if (has_control_characters(value)) refuse(mark, "a control character in a text");
        const auto place = columns_.place(mark, source_);
        if (expects_key()) return take_key(place, value);
        Node node;
        node.kind = Node::Kind::kScalar;
        node.quoted = tag == "!";
        node.place = place;
        node.text = value;
        put(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Node::Kind::kList);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Node::Kind::kMap);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Open {
        Node node;
        std::optional<Entry> pending;  ///< map: the key that waits for its value
        std::map<std::string, Place, std::less<>> keys;
    };

    [[noreturn]] void refuse(const YAML::Mark& mark, std::string message) const {
        throw Refusal{columns_.place(mark, source_), std::move(message)};
    }

    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
        if (anchor != 0) refuse(mark, "anchors (&name) are not allowed: write a range like app[01-20] instead");
    }

    static std::string short_tag(const std::string& tag) {
        const auto colon = tag.find_last_of(":!");
        return colon == std::string::npos ? tag : tag.substr(colon + 1);
    }

    [[nodiscard]] bool expects_key() const {
        return !open_.empty() && open_.back().node.is_map() && !open_.back().pending;
    }

    void take_key(Place place, const std::string& key) {
        auto& map = open_.back();
        const auto [first, is_new] = map.keys.try_emplace(key, place);
        if (!is_new) {
            throw Refusal{place, "key '" + key + "' is here a second time; the first is in line " +
                                     std::to_string(first->second.line)};
        }
        map.pending = Entry{key, place, {}};
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
        refuse_anchor(mark, anchor);
        if (!tag.empty() && tag != "?" && tag != "!")
            refuse(mark, "tags (!!" + short_tag(tag) + ") are not allowed: the key says the type");
        if (expects_key()) refuse(mark, "a list or a map cannot be a key; is a bracket never closed?");
        if (open_.size() >= kDocumentDepthMax) refuse(mark, "nested deeper than 64 levels");
        Open part;
        part.node.kind = kind;
        part.node.place = columns_.place(mark, source_);
        open_.push_back(std::move(part));
    }

    void close() {
        Node node = std::move(open_.back().node);
        open_.pop_back();
        put(std::move(node));
    }

    void put(Node node) {
        if (++nodes_ > kDocumentNodesMax) throw Refusal{node.place, "more than 1,000,000 values in the file"};
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& parent = open_.back();
        if (parent.node.is_list()) {
            parent.node.items.push_back(std::move(node));
            return;
        }
        parent.pending->value = std::move(node);
        parent.node.entries.push_back(std::move(*parent.pending));
        parent.pending.reset();
    }

    const Columns& columns_;
    std::uint32_t source_;
    std::size_t documents_ = 0;
    std::size_t nodes_ = 0;
    Node root_;
    std::vector<Open> open_;
};

/// yaml-cpp's message in the words of this house; its most frequent ones name its own machinery.
std::string translate(const YAML::Exception& error, std::string_view line) {
    if (line.find('\t') != std::string_view::npos) return "a tab in this line confuses YAML: use blanks";
    static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"illegal map value", "a ': ' where no value can be: is a quote missing, or the indentation wrong?"},
        {"illegal block entry", "a '- ' where no list can begin: is the indentation wrong?"},
        {"illegal map key", "a key where none can be: is the indentation wrong?"},
        {"end of map not found", "this line does not fit into the map above it: is the indentation wrong?"},
        {"end of map flow not found", "the '{' before this is never closed with '}'"},
        {"end of sequence not found", "this line does not fit into the list above it: is the indentation wrong?"},
        {"end of sequence flow not found", "the '[' before this is never closed with ']'"},
        {"the referenced anchor is not defined", kNoAliases},
        {"illegal flow end", "a ']' or '}' that was never opened"},
    };
    for (const auto& [theirs, ours] : kWords)
        if (error.msg == theirs) return std::string(ours);
    return "not YAML: " + error.msg;
}

}  // namespace

const Entry* Node::find_entry(std::string_view key) const {
    for (const auto& entry : entries)
        if (entry.key == key) return &entry;
    return nullptr;
}

const Node* Node::find(std::string_view key) const {
    const auto* entry = find_entry(key);
    return entry ? &entry->value : nullptr;
}

Node* Node::find(std::string_view key) {
    for (auto& entry : entries)
        if (entry.key == key) return &entry.value;
    return nullptr;
}

std::string_view describe(const Node& node) {
    switch (node.kind) {
        case Node::Kind::kNull:
            return "nothing";
        case Node::Kind::kList:
            return "a list";
        case Node::Kind::kMap:
            return "a map";
        case Node::Kind::kScalar:
            break;
    }
    if (node.quoted) return "text";
    switch (plain_type(node.text)) {
        case PlainType::kInteger:
        case PlainType::kDecimal:
            return "a number";
        case PlainType::kBoolean:
            return "true or false";
        case PlainType::kText:
        case PlainType::kHexadecimal:
        case PlainType::kAmbiguous:
            return "text";
    }
    return "text";
}

Node parse_document(std::string_view text, std::uint32_t source, Errors& errors) {
    if (!check_text(text, source, errors)) return {};
    const Columns columns(text);
    Builder builder(columns, source);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Refusal& refusal) {
        errors.add(refusal.place, refusal.message);
    } catch (const YAML::Exception& error) {
        const auto place = columns.place(error.mark, source);
        errors.add(place, translate(error, columns.line(place.line)));
    }
    if (errors.empty() && builder.documents() == 0)
        errors.add({source, 1, 1},
                   "empty: a scenario file has at least pvmsim, name, duration, fabric, systems and partitions");
    return builder.take();
}

}  // namespace pvmsim::scenarios
