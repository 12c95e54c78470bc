// Every kind of broken scenario file, and exactly what is said about it. The files of tests/scenarios/broken carry
// their expected errors in comments `# expect: line:column: message`; what cannot be a readable file is made here.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "scenarios/loader/load.hpp"
#include "tests/scenarios/loader_files.hpp"

namespace pvmsim::scenarios {
namespace {

constexpr std::string_view kExpect = "# expect: ";

std::string expected_errors(const std::string& text) {
    std::string expected;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(kExpect)) expected += line.substr(kExpect.size()) + "\n";
    return expected;
}

std::string errors_of(const Loaded& loaded) {
    if (loaded) return "no error\n";
    std::string text;
    for (const auto& error : loaded.error())
        text += std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message + "\n";
    return text;
}

std::string errors_of_text(std::string_view text) { return errors_of(load_scenario_text(text, "test.yaml", ".")); }

class LoaderBroken : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(LoaderBroken, file_is_refused_with_exactly_these_errors) {
    const auto text = testing::content(GetParam());
    const auto expected = expected_errors(text);
    ASSERT_FALSE(expected.empty()) << "the file says nothing about what is expected";
    EXPECT_EQ(errors_of(load_scenario(GetParam())), expected);
}

INSTANTIATE_TEST_SUITE_P(Corpus, LoaderBroken, ::testing::ValuesIn(testing::yaml_files(testing::kBroken)),
                         [](const auto& file) { return file.param.stem().string(); });

TEST(loader_bytes, hostile_bytes_are_refused_at_their_place) {
    struct Case {
        std::string_view text;
        std::string_view error;
    };
    const Case cases[] = {
        {std::string_view("pvmsim: 1\nname: a\0b\n", 20), "2:8: a NUL byte: this is not a text file\n"},
        {"pvmsim: 1\nname: \xff\n", "2:7: not UTF-8: byte 0xff; save the file as UTF-8\n"},
        {"name: \xc3\xa4\xc0\x80\n", "1:8: not UTF-8: byte 0xc0; save the file as UTF-8\n"},
        {"name: \xed\xa0\x80\n", "1:7: not UTF-8: byte 0xed; save the file as UTF-8\n"},
        {"name: \x1b[2J\n", "1:7: control character 0x1b in the file\n"},
        {"\xff\xfep\0", "1:1: UTF-16 text: save the file as UTF-8\n"},
        {"", "1:1: empty: a scenario file has at least pvmsim, name, duration, fabric, systems and partitions\n"},
        {"\xef\xbb\xbf",
         "1:1: empty: a scenario file has at least pvmsim, name, duration, fabric, systems and partitions\n"},
        {"\xc3\xa4: 1\n\xc3\xa4: 2\n", "2:1: key '\xc3\xa4' is here a second time; the first is in line 1\n"},
    };
    for (const auto& one : cases) EXPECT_EQ(errors_of_text(one.text), one.error);
}

TEST(loader_bytes, columns_count_characters_not_bytes) {
    EXPECT_EQ(errors_of_text("{ \xc3\xa4\xc3\xb6\xc3\xbc: 1, x: *y }\n").substr(0, 5), "1:14:");
}

TEST(loader_bytes, windows_line_ends_and_byte_order_mark_are_accepted) {
    std::string text = "\xef\xbb\xbf";
    for (char c : testing::content(testing::kLibrary / "dual-vios.yaml"))
        text += c == '\n' ? "\r\n" : std::string(1, c);
    EXPECT_EQ(errors_of_text(text), "no error\n");
}

TEST(loader_bytes, sizes_are_judged_at_the_limit_and_one_beyond) {
    auto text = testing::content(testing::kLibrary / "dual-vios.yaml") + "#";
    text.resize(std::size_t{4} << 20, 'x');
    EXPECT_EQ(errors_of_text(text), "no error\n");
    EXPECT_EQ(errors_of_text(text + "x"), "0:0: larger than 4 MiB, the limit of a scenario file\n");
}

TEST(loader_bytes, what_cannot_be_read_is_named) {
    const auto message = [](const Loaded& loaded) { return format_error(loaded.error().front()); };
    EXPECT_EQ(message(load_scenario("nowhere/at/all.yaml")), "nowhere/at/all.yaml: error: no such file");
    EXPECT_EQ(message(load_scenario("tests")), "tests: error: is a directory, not a scenario file");
    EXPECT_EQ(message(load_scenario("/dev/zero")), "/dev/zero: error: larger than 4 MiB, the limit of a scenario file");
}

// The promise (1 s, 256 MB) is the release build's, alone on its machine; slower builds and busy machines get room.
#ifdef NDEBUG
constexpr auto kBombTimeMax = std::chrono::seconds(4);
#else
constexpr auto kBombTimeMax = std::chrono::seconds(60);
#endif
#ifdef __SANITIZE_ADDRESS__
constexpr long kBombMemoryMaxKib = 4L << 20;
#else
constexpr long kBombMemoryMaxKib = 256L << 10;
#endif

/// Texts made to exhaust a parser: each is refused soon and in little memory.
TEST(loader_bytes, bombs_are_refused_in_no_time) {
    const auto repeated = [](std::string_view part, std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += part;
        return text;
    };
    std::string stairs;
    for (std::size_t depth = 0; depth < 2'000; ++depth) stairs += std::string(depth, ' ') + "a:\n";
    const std::pair<std::string, std::string> cases[] = {
        {repeated("[", 200'000), "1:65: nested deeper than 64 levels\n"},
        {repeated("{a: ", 200'000), "1:257: nested deeper than 64 levels\n"},
        {repeated("- ", 200'000), "1:129: nested deeper than 64 levels\n"},
        {repeated("? ", 200'000), ""},
        {stairs, "65:65: nested deeper than 64 levels\n"},
        {"a: [" + repeated("1,", 1'100'000) + "1]", "more than 1,000,000 values in the file\n"},
        {"a: " + std::string(4'000'000, '"'), ""},
        {"a: " + std::string(4'000'000, 'x'), ""},
        {repeated("a: {\n", 200'000), ""},
        {repeated("&a ", 1'000'000), ""},
        {repeated("!", 4'000'000), ""},
        {"a: \"" + repeated("\\n", 2'000'000), ""},
        {repeated("'a", 2'000'000), ""},
        {repeated("a\n", 2'000'000), ""},
        {repeated("%", 4'000'000), ""},
        {repeated("---\n", 1'000'000), ""},
    };
    for (const auto& [text, error] : cases) {
        const auto start =
            std::chrono::steady_clock::now();  // tidy: allow(clock-or-chance) the promise is about wall time
        const auto errors = errors_of_text(text);
        const auto spent = std::chrono::steady_clock::now() - start;  // tidy: allow(clock-or-chance) as above
        EXPECT_NE(errors, "no error\n") << text.substr(0, 20);
        EXPECT_TRUE(errors.ends_with(error)) << text.substr(0, 20) << ": " << errors.substr(0, 300);
        EXPECT_LT(spent, kBombTimeMax) << text.substr(0, 20);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    EXPECT_LT(usage.ru_maxrss, kBombMemoryMaxKib);  // of this whole test program
}

}  // namespace
}  // namespace pvmsim::scenarios
