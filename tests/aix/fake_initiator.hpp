// An adapter whose paths a test makes good, slow, dead or refusing; it answers by events like a real one.
// Every accepted command is answered exactly once, with the status in force when it was accepted.
#pragma once

#include <string>
#include <vector>

#include "aix/storage/initiator.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix::test {

struct FakeAnswer {
    static constexpr std::string_view kName = "fake-answer";
    std::uint32_t command;
};

class FakeInitiator : public sim::Entity, public ScsiInitiator {
  public:
    FakeInitiator(sim::Engine& engine, std::string name)
        : engine_(engine), name_(std::move(name)), entity_(engine.add(*this, "fake/" + name_)) {}

    wire::ScsiStatus outcome = wire::ScsiStatus::kGood;
    bool refuses = false;
    bool holds = false;
    sim::Duration delay{1'000'000};
    std::vector<PathCommand> commands;

    [[nodiscard]] const std::string& initiator_name() const override { return name_; }
    [[nodiscard]] bool holds_when_alone() const override { return holds; }

    wire::ScsiStatus submit(const PathCommand& command) override {
        if (refuses) return wire::ScsiStatus::kTransportError;
        outcomes_.push_back(outcome);
        commands.push_back(command);
        engine_.schedule_in(delay, entity_, FakeAnswer{static_cast<std::uint32_t>(commands.size() - 1)});
        return wire::ScsiStatus::kGood;
    }

    [[nodiscard]] std::size_t count(wire::ScsiOperation operation) const {
        std::size_t found = 0;
        for (const auto& command : commands) found += command.operation == operation ? 1 : 0;
        return found;
    }

    void on_event(const sim::Event& event) override {
        const auto index = event.as<FakeAnswer>()->command;
        const auto command = commands[index];
        command.user->on_command_done(command.request, command.path, outcomes_[index]);
    }
    void digest(sim::Digest& digest) const override { digest.add(commands.size()); }

  private:
    sim::Engine& engine_;
    std::string name_;
    sim::EntityId entity_;
    std::vector<wire::ScsiStatus> outcomes_;
};

}  // namespace pvmsim::aix::test
