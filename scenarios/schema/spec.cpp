// The top of the file's form, and the short words that its tables are written in.
// Sections are in the order in which a file is read: the world outside, servers, partitions, what happens.
#include "scenarios/schema/spec.hpp"

#include <limits>
#include <utility>

namespace pvmsim::scenarios {

namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

}  // namespace

Spec scenario_spec() {
    return map_of({
        required("pvmsim", integer(1, 1), "Version of this format; always 1."),
        required("name", simple(Type::kText), "Title of the scenario, printed above its results."),
        optional("description", simple(Type::kText), "What to look for, in a sentence or two."),
        optional("seed", integer(0, std::numeric_limits<std::int64_t>::max() / 10),
                 "Root of all chance: the same seed gives the same run, event by event.", "1"),
        required("duration", duration_spec(1, 366 * kDayNs), "Simulated time of the run."),
        optional("fabric", fabric_spec(), "The world outside the servers: LAN, SAN and storage."),
        required("systems", systems_spec(), "The servers (managed systems), by name."),
        required("partitions", partitions_spec(), "The partitions, by name; names are unique over all systems."),
        optional("timeline", timeline_spec(), "What happens and when: faults, repairs, commands."),
        optional("watch", watch_spec(), "Partitions whose processor use is printed after the run, as lparstat does."),
        optional("explain", simple(Type::kText), "Printed after the run: what there is to see in it, and why."),
        optional("expect", expect_spec(),
                 "What must hold at the end; one line broken and the run fails with exit code 1."),
    });
}

bool has_ranges(std::string_view section) {
    return section == "fabric" || section == "systems" || section == "partitions";
}

Spec map_of(std::vector<Key> keys) {
    Spec spec;
    spec.keys = std::move(keys);
    return spec;
}

Spec named(KeyForm form, Spec value) {
    Spec spec;
    spec.type = Type::kNamed;
    spec.key_form = form;
    spec.of.push_back(std::move(value));
    return spec;
}

Spec list_of(Spec item) {
    Spec spec;
    spec.type = Type::kList;
    spec.of.push_back(std::move(item));
    return spec;
}

Spec choice(std::vector<Spec> alternatives) {
    Spec spec;
    spec.type = Type::kChoice;
    spec.of = std::move(alternatives);
    return spec;
}

Spec simple(Type type) {
    Spec spec;
    spec.type = type;
    return spec;
}

Spec integer(std::int64_t low, std::int64_t high) {
    auto spec = simple(Type::kInteger);
    spec.low = low;
    spec.high = high;
    return spec;
}

Spec decimal(std::int64_t low_hundredths, std::int64_t high_hundredths) {
    auto spec = simple(Type::kDecimal);
    spec.low = low_hundredths;
    spec.high = high_hundredths;
    return spec;
}

Spec duration_spec(std::int64_t low_ns, std::int64_t high_ns) {
    auto spec = simple(Type::kDuration);
    spec.low = low_ns;
    spec.high = high_ns;
    return spec;
}

Spec bandwidth(std::int64_t low_bytes_per_s) {
    auto spec = simple(Type::kBandwidth);
    spec.low = low_bytes_per_s;
    spec.high = std::int64_t{9} << 30;
    return spec;
}

Spec word(std::vector<std::string> words) {
    auto spec = simple(Type::kWord);
    spec.words = std::move(words);
    return spec;
}

Key required(std::string name, Spec spec, std::string description) {
    Key key;
    key.name = std::move(name);
    key.spec = std::move(spec);
    key.description = std::move(description);
    key.required = true;
    return key;
}

Key optional(std::string name, Spec spec, std::string description, std::string default_text) {
    Key key;
    key.name = std::move(name);
    key.spec = std::move(spec);
    key.description = std::move(description);
    key.default_text = std::move(default_text);
    return key;
}

Key depends(std::string name, Spec spec, std::string description, std::string default_words) {
    Key key;
    key.name = std::move(name);
    key.spec = std::move(spec);
    key.description = std::move(description);
    key.default_words = std::move(default_words);
    return key;
}

}  // namespace pvmsim::scenarios
