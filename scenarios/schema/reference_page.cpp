// One section for each map: its keys with form, default and meaning. Maps below it follow as sections of their own, so
// that the page reads from the outside in.
#include "scenarios/schema/reference_page.hpp"

#include <utility>
#include <vector>

#include "scenarios/schema/quantities.hpp"
#include "scenarios/schema/scalar_forms.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

namespace {

struct Section {
    std::string path;
    const Spec* spec;
};

std::string placeholder(KeyForm form) {
    switch (form) {
        case KeyForm::kName:
            return "NAME";
        case KeyForm::kVlan:
            return "VLAN";
        case KeyForm::kSlotOfServer:
            return "C2";
        case KeyForm::kPortOfAdapter:
            return "T1";
        case KeyForm::kPortOfArray:
            return "A-P0";
        case KeyForm::kVirtualSlot:
            return "V10";
        case KeyForm::kDevice:
            return "DEVICE";
    }
    return {};
}

std::string words_of(const Spec& spec) {
    std::string text;
    for (const auto& one : spec.words) text += (text.empty() ? "`" : ", `") + one + "`";
    return text;
}

std::string range(const std::string& low, const std::string& high) { return low + " to " + high; }

std::string scalar_text(const Spec& spec) {
    switch (spec.type) {
        case Type::kInteger:
        case Type::kAttributeInteger:
            return "whole number, " + range(std::to_string(spec.low), std::to_string(spec.high));
        case Type::kDecimal:
            return "number, " + range(hundredths_text(spec.low), hundredths_text(spec.high));
        case Type::kBoolean:
            return "`true` or `false`";
        case Type::kWord:
        case Type::kAttributeWord:
            return words_of(spec);
        case Type::kAttributeText:
            return "as chdev takes it";
        case Type::kDuration:
            return "duration, " + range(duration_text(spec.low), duration_text(spec.high));
        case Type::kSize:
            return "size, " + range(size_text(spec.low), size_text(spec.high));
        case Type::kMemory:
            return "memory, " + range(size_text(spec.low), size_text(spec.high));
        case Type::kBandwidth:
            return "bandwidth, " + range(bandwidth_text(spec.low), bandwidth_text(spec.high));
        case Type::kText:
            return "text";
        case Type::kName:
            return "name";
        case Type::kEthernetAdapter:
        case Type::kScsiAdapter:
        case Type::kFcAdapter:
            return "adapter string";
        case Type::kIoSlot:
            return "slot string";
        default:
            return std::string(scalar_form(spec.type).what);
    }
}

/// A key's form in a table cell; maps below are put on the list of sections to come.
std::string form_text(const Spec& spec, const std::string& path, std::vector<Section>& later) {
    switch (spec.type) {
        case Type::kMap:
            later.push_back({path, &spec});
            return "map, see below";
        case Type::kNamed: {
            const auto inner = form_text(spec.of[0], path + "." + placeholder(spec.key_form), later);
            return "map of " + placeholder(spec.key_form) + " to " + inner;
        }
        case Type::kList: {
            const auto inner = form_text(spec.of[0], path + "[]", later);
            return "list of " + inner + (spec.none_is_empty ? ", or `none`" : "");
        }
        case Type::kChoice: {
            std::string text;
            for (const auto& alternative : spec.of) {
                // One map told twice (as it is, and in a list) gets one section.
                std::vector<Section> found;
                text += (text.empty() ? "" : "; or ") + form_text(alternative, path, found);
                for (auto& section : found)
                    if (!section.path.ends_with("[]")) later.push_back(std::move(section));
            }
            return text;
        }
        default:
            return scalar_text(spec);
    }
}

std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
}

std::string default_text(const Key& key) {
    if (key.required) return "**required**";
    if (!key.default_words.empty()) return cell(key.default_words);
    return key.default_text.empty() ? "" : "`" + key.default_text + "`";
}

void write(const Section& section, std::string& page) {
    std::vector<Section> later;
    page += "\n### `" + (section.path.empty() ? "the file" : section.path) + "`\n\n";
    page += "| key | form | default | meaning |\n|---|---|---|---|\n";
    for (const auto& key : section.spec->keys) {
        const auto path = section.path.empty() ? key.name : section.path + "." + key.name;
        const auto form = cell(form_text(key.spec, path, later));
        page += "| `" + key.name + "` | " + form + " | " + default_text(key) + " | " + cell(key.description) + " |\n";
    }
    for (const auto& group : section.spec->exactly_one) {
        page += "\nExactly one of ";
        for (const auto& one : group) page += (&one == &group.front() ? "`" : ", `") + one + "`";
        page += ".\n";
    }
    for (const auto& inner : later) write(inner, page);
}

}  // namespace

std::string scenario_reference() {
    std::string page;
    const auto spec = scenario_spec();
    write({"", &spec}, page);
    return page;
}

}  // namespace pvmsim::scenarios
