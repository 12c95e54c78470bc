// The other end of a virtual SCSI adapter under test: registers the queue, writes down what arrives, sends what it is
// told.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "aix/odm/predefined.hpp"
#include "aix/os/operating_system.hpp"
#include "aix/vscsi/protocol.hpp"

namespace pvmsim::aix {

class RawCrqEnd : public Device {
  public:
    RawCrqEnd(OperatingSystem& os, std::string name, hypervisor::SlotNumber slot)
        : Device(os, std::move(name), no_attributes()), slot_(slot) {}

    void open() {
        id_ = crq().find(os().partition_id(), slot_);
        (void)crq().register_queue(id_, entity(), 1024);
    }
    void shut() { crq().free_queue(id_); }
    hypervisor::HcallStatus send(const hypervisor::CrqMessage& message) { return crq().send(id_, message); }

    /// What arrived since the last look.
    std::vector<hypervisor::CrqMessage> take_arrived() { return std::exchange(arrived_, {}); }

    [[nodiscard]] std::string_view description() const override { return "raw end of a test"; }
    void on_event(const sim::Event& event) override {
        const auto* arrived = event.as<hypervisor::CrqArrived>();
        ASSERT_NE(arrived, nullptr);
        crq().take(id_);
        arrived_.push_back(arrived->message);
    }

  protected:
    void on_configure() override { open(); }
    void on_unconfigure() override {}

  private:
    [[nodiscard]] hypervisor::CrqTransport& crq() { return os().system().crq(); }

    hypervisor::SlotNumber slot_;
    hypervisor::CrqAdapterId id_;
    std::vector<hypervisor::CrqMessage> arrived_;
};

/// "init 1", "mad 3", "srp 0", "ping": a message in a word, for sequences.
inline std::string word_of(const hypervisor::CrqMessage& message) {
    if (message.header == hypervisor::CrqHeader::kInitialization) return "init " + std::to_string(message.code);
    if (message.header == hypervisor::CrqHeader::kTransportEvent) return "event " + std::to_string(message.code);
    switch (static_cast<vscsi::Format>(message.code)) {
        case vscsi::Format::kSrp:
            return "srp " + std::to_string(message.word);
        case vscsi::Format::kMad:
            return "mad " + std::to_string(message.word);
        case vscsi::Format::kPing:
            return "ping";
        case vscsi::Format::kPingResponse:
            return "ping-response";
    }
    return "?";
}

inline std::vector<std::string> words_of(const std::vector<hypervisor::CrqMessage>& messages) {
    std::vector<std::string> words;
    for (const auto& message : messages) words.push_back(word_of(message));
    return words;
}

/// One partition pair whose slots 10 name each other: 1 is the server (a VIOS), 2 the client.
struct CrqPair {
    CrqPair() : engine(1) {
        auto created =
            hypervisor::ManagedSystem::create(engine, {.name = "p740a", .type_model = "8205-E6C", .slots = {}});
        system = std::move(created).value();
        define(1, "vios1", hypervisor::AdapterRole::kServer, 2);
        define(2, "app1", hypervisor::AdapterRole::kClient, 1);
    }

    void run(sim::Duration span) { engine.run_until(engine.now() + span); }

    static constexpr hypervisor::PartitionId kServer{1};
    static constexpr hypervisor::PartitionId kClient{2};
    static constexpr hypervisor::SlotNumber kSlot{10};

    sim::Engine engine;
    std::unique_ptr<hypervisor::ManagedSystem> system;

  private:
    void define(std::uint16_t id, std::string name, hypervisor::AdapterRole role, std::uint16_t remote) {
        hypervisor::PartitionConfig config{
            .lpar_id = hypervisor::PartitionId{id}, .name = std::move(name), .profile = {}};
        if (role == hypervisor::AdapterRole::kServer) config.lpar_env = hypervisor::PartitionEnvironment::kVioServer;
        config.profile.virtual_scsi_adapters = {{.slot_num = kSlot,
                                                 .adapter_type = role,
                                                 .remote_lpar_id = hypervisor::PartitionId{remote},
                                                 .remote_slot_num = kSlot}};
        const auto defined = system->define_partition(std::move(config));
        ASSERT_TRUE(defined.has_value()) << defined.error().text;
    }
};

}  // namespace pvmsim::aix
