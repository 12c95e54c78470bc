// Probe: an entity that writes down what it receives, for the tests of the engine.
// With it, events of each size and kind that an engine treats differently.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"

namespace pvmsim::sim::testing {

/// Carries a number that tells events apart.
struct Note {
    static constexpr std::string_view kName = "note";
    std::uint64_t number;
};

/// Same bytes as Note under another name.
struct OtherNote {
    static constexpr std::string_view kName = "other-note";
    std::uint64_t number;
};

/// Lost when it meets a held entity.
struct Fleeting {
    static constexpr std::string_view kName = "fleeting";
    static constexpr WhenHeld kWhenHeld = WhenHeld::kDrop;
    std::uint64_t number;
};

/// No payload at all.
struct Tick {
    static constexpr std::string_view kName = "tick";
};

/// As large as an event may be.
struct Full {
    static constexpr std::string_view kName = "full";
    std::uint64_t words[6];
};

struct Received {
    std::int64_t at_ns;
    std::uint64_t number;

    friend bool operator==(const Received&, const Received&) = default;
    friend void PrintTo(const Received& received, std::ostream* out) {
        *out << received.number << "@" << received.at_ns;
    }
};

class Probe : public Entity {
  public:
    explicit Probe(Engine& engine) : engine_(engine) {}
    Probe(Engine& engine, std::string path) : engine_(engine) { id = engine.add(*this, std::move(path)); }

    void on_event(const Event& event) override {
        std::uint64_t number = 0;
        if (const auto* note = event.as<Note>()) number = note->number;
        if (const auto* note = event.as<OtherNote>()) number = note->number;
        if (const auto* fleeting = event.as<Fleeting>()) number = fleeting->number;
        if (const auto* full = event.as<Full>()) number = full->words[5];
        received.push_back({engine_.now().time_since_epoch().count(), number});
        if (then) then(number);
    }
    void digest(Digest& digest) const override { digest.add(received.size()); }

    EntityId id = kNoEntity;
    std::vector<Received> received;
    std::function<void(std::uint64_t number)> then;

  private:
    Engine& engine_;
};

constexpr SimTime at_ns(std::int64_t ns) { return SimTime{Duration{ns}}; }

}  // namespace pvmsim::sim::testing
