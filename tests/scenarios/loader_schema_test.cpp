// The loader and the JSON Schema are two judges of one form: they agree on every file of the library and of the broken
// corpus. What is generated from the spec and committed (schema, reference page) is up to date.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>

#include "scenarios/loader/judge.hpp"
#include "scenarios/loader/load.hpp"
#include "scenarios/schema/json_schema.hpp"
#include "scenarios/schema/reference_page.hpp"
#include "scenarios/schema/spec.hpp"
#include "scenarios/schema/validate.hpp"
#include "tests/scenarios/loader_files.hpp"

namespace pvmsim::scenarios {
namespace {

using Documents = std::vector<std::pair<std::string, std::string>>;  ///< name, JSON

/// The names of the documents that python3-jsonschema rejects; nullopt where it does not run.
std::optional<std::set<std::string>> rejected_by_schema(const Documents& documents) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "pvmsim_loader_schema_test.json";
    {
        std::ofstream out(path);
        out << "{\"schema\":" << scenario_schema_json() << ",\"documents\":{";
        for (const auto& [name, json] : documents)
            out << (name == documents.front().first ? "" : ",") << '"' << name << "\":" << json;
        out << "}}";
    }
    const auto command = "python3 -B tests/scenarios/loader_schema_agrees.py '" + path.string() + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
    std::string output;
    for (std::array<char, 4096> part; const auto size = fread(part.data(), 1, part.size(), pipe.get());)
        output.append(part.data(), size);
    std::filesystem::remove(path);
    std::set<std::string> names;
    std::istringstream lines(output);
    bool done = false;
    for (std::string line; std::getline(lines, line);) {
        done = line == "done";
        if (!done) names.insert(line);
    }
    return done ? std::optional(names) : std::nullopt;
}

struct Judged {
    std::string json;
    bool form_is_bad = false;
};

/// The loader's view of a file's form; nullopt when it is no YAML of ours.
std::optional<Judged> judge(const std::string& text) {
    Errors errors;
    const auto root = expanded_document(text, {}, errors);
    if (!errors.empty()) return std::nullopt;
    validate(root, scenario_spec(), errors);
    Judged judged{document_to_json(root)};
    for (const auto& finding : errors.all()) judged.form_is_bad |= finding.seen_by_schema == SeenBySchema::kYes;
    return judged;
}

TEST(loader_schema, agrees_with_the_loader_on_every_file) {
    Documents documents;
    std::set<std::string> expected;
    std::size_t judged_files = 0;
    for (const auto& folder : {testing::kLibrary, testing::kBroken}) {
        for (const auto& file : testing::yaml_files(folder)) {
            const auto judged = judge(testing::content(file));
            if (!judged) continue;
            ++judged_files;
            documents.emplace_back(file.string(), judged->json);
            if (judged->form_is_bad) expected.insert(file.string());
        }
    }
    ASSERT_GT(judged_files, 100u);
    ASSERT_GT(expected.size(), 50u);
    const auto rejected = rejected_by_schema(documents);
    ASSERT_TRUE(rejected.has_value()) << "python3 with jsonschema (package python3-jsonschema) does not run";
    EXPECT_EQ(*rejected, expected);
}

TEST(loader_schema, accepts_library_files_as_an_editor_sees_them_with_ranges_folded) {
    Documents documents;
    for (const auto& file : testing::yaml_files(testing::kLibrary)) {
        Errors errors;
        documents.emplace_back(file.string(), document_to_json(parse_document(testing::content(file), 0, errors)));
        ASSERT_TRUE(errors.empty());
    }
    EXPECT_EQ(rejected_by_schema(documents), std::set<std::string>());
}

bool updating() { return std::getenv("PVMSIM_UPDATE_GENERATED") != nullptr; }

TEST(loader_schema, committed_schema_is_up_to_date) {
    const std::filesystem::path path = "schema/scenario.schema.json";
    if (updating()) std::ofstream(path) << scenario_schema_json();
    EXPECT_EQ(testing::content(path), scenario_schema_json()) << "run this test with PVMSIM_UPDATE_GENERATED=1";
}

TEST(loader_schema, reference_page_is_up_to_date) {
    constexpr std::string_view kBegin = "<!-- generated: begin -->\n", kEnd = "<!-- generated: end -->";
    const std::filesystem::path path = "docs/scenario-file.md";
    auto page = testing::content(path);
    const auto begin = page.find(kBegin), end = page.find(kEnd);
    ASSERT_NE(begin, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    const auto generated = page.substr(begin + kBegin.size(), end - begin - kBegin.size());
    if (updating()) {
        page.replace(begin + kBegin.size(), generated.size(), scenario_reference());
        std::ofstream(path) << page;
        return;
    }
    EXPECT_EQ(generated, scenario_reference()) << "run this test with PVMSIM_UPDATE_GENERATED=1";
}

/// Every key of the form says what it is for; attributes carry the words of AIX.
void check_described(const Spec& spec, const std::string& path) {
    for (const auto& key : spec.keys) {
        const auto inner = path + "." + key.name;
        const bool attribute = key.spec.type == Type::kAttributeWord || key.spec.type == Type::kAttributeInteger ||
                               key.spec.type == Type::kAttributeText;
        EXPECT_TRUE(attribute || key.description.ends_with('.')) << inner;
        check_described(key.spec, inner);
    }
    for (const auto& inner : spec.of) check_described(inner, path + "[]");
}

TEST(loader_schema, every_key_is_described) { check_described(scenario_spec(), "file"); }

}  // namespace
}  // namespace pvmsim::scenarios
