// What tests of Ethernet devices share: an adapter whose wire is the test, who hears answers, and an aggregation of
// three such adapters and a backup adapter.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "aix/network/interface.hpp"
#include "aix/network/link_aggregation.hpp"
#include "aix/odm/predefined.hpp"
#include "tests/aix/partition_fixture.hpp"

namespace pvmsim::aix::test {

inline constexpr wire::Ipv4Address kOwn{0x0a00'0002};
inline constexpr wire::Ipv4Address kPeer{0x0a00'0001};
inline constexpr auto kPeerMac = wire::MacAddress::from_integer(0x0200'0000'0001);

/// An adapter whose wire is the test.
class BenchAdapter : public EthernetDevice {
  public:
    BenchAdapter(OperatingSystem& os, std::string name, std::uint64_t mac)
        : EthernetDevice(os, std::move(name), no_attributes()), mac_(wire::MacAddress::from_integer(mac)) {}
    bool send(const wire::Frame& frame) override {
        if (!up) return false;
        sent.push_back(frame);
        if (world) world(*this, frame);
        return true;
    }
    bool link_up() const override { return up; }
    wire::MacAddress mac() const override { return mac_; }
    void reset_link() override { ++resets; }
    std::string_view description() const override { return "adapter of a test"; }

    void receive(const wire::Frame& frame) { user_->on_frame(*this, frame); }
    void set_link(bool is_up) {
        up = is_up;
        user_->on_link(*this, up);
    }
    [[nodiscard]] std::size_t sent_of(wire::FrameType type) const {
        return static_cast<std::size_t>(std::ranges::count(sent, type, &wire::Frame::type));
    }

    std::vector<wire::Frame> sent;
    std::function<void(BenchAdapter&, const wire::Frame&)> world;  ///< what is behind the wire; none: nothing
    bool up = true;
    std::uint32_t resets = 0;

  protected:
    void on_configure() override {}
    void on_unconfigure() override {}

  private:
    wire::MacAddress mac_;
};

/// What a living neighbour with the address answers at once to ARP, echo and requests; its MAC address is kPeerMac.
inline void answer_as(wire::Ipv4Address address, BenchAdapter& adapter, const wire::Frame& frame) {
    if (frame.destination_ip != address) return;
    using enum wire::FrameType;
    auto answer = frame;
    if (frame.type == kArpRequest)
        answer.type = kArpReply;
    else if (frame.type == kEchoRequest)
        answer.type = kEchoReply;
    else if (frame.type == kRequest)
        answer.type = kResponse;
    else
        return;
    answer.destination = frame.source;
    answer.source = kPeerMac;
    answer.source_ip = frame.destination_ip;
    answer.destination_ip = frame.source_ip;
    adapter.receive(answer);
}

struct Answers : InterfaceUser {
    std::vector<wire::Frame> frames;
    void on_answer(const wire::Frame& frame) override { frames.push_back(frame); }
};

struct AggregateFixture : testing::Test {
    using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;
    struct Above : EthernetUser {
        std::vector<bool> links;
        std::size_t frames = 0;
        void on_frame(EthernetDevice&, const wire::Frame&) override { ++frames; }
        void on_link(EthernetDevice&, bool up) override { links.push_back(up); }
    };
    RunningPartition partition;
    std::vector<BenchAdapter*> members;
    BenchAdapter* backup = nullptr;
    LinkAggregation* aggregate = nullptr;
    Above above;

    /// Adapters ent0.. are primary, the one after them is the backup, the aggregation has the next name.
    void make_devices(std::size_t primaries, const Attributes& attributes) {
        for (std::size_t i = 0; i < primaries; ++i)
            members.push_back(&partition.os->add_device<BenchAdapter>("ent" + std::to_string(i), 0x0200'0000'0010 + i));
        backup = &partition.os->add_device<BenchAdapter>("ent" + std::to_string(primaries), 0x0200'0000'0020);
        aggregate = &partition.os->add_device<LinkAggregation>(
            "ent" + std::to_string(primaries + 1), std::vector<EthernetDevice*>(members.begin(), members.end()),
            backup);
        for (const auto& [name, value] : attributes) aggregate->attributes().set(name, value);
    }
    void build(const Attributes& attributes, std::size_t primaries = 3) {
        make_devices(primaries, attributes);
        aggregate->attach(&above);
        partition.start();
    }
    void change(std::string_view name, std::string_view value) const {
        aggregate->attributes().set(name, value);
        aggregate->on_attribute_changed(name);
    }
    [[nodiscard]] static wire::Frame frame_between(std::uint32_t from, std::uint32_t to) {
        wire::Frame frame;
        frame.source_ip = wire::Ipv4Address{from};
        frame.destination_ip = wire::Ipv4Address{to};
        return frame;
    }
    /// Which member carries the frame; -1: none, the number of primaries: the backup.
    int carrier_of(const wire::Frame& frame) {
        std::vector<BenchAdapter*> all = members;
        all.push_back(backup);
        for (auto* device : all) device->sent.clear();
        aggregate->send(frame);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (!all[i]->sent.empty()) return static_cast<int>(i);
        return -1;
    }
    [[nodiscard]] std::size_t logged(const ErrorLogTemplate& what) const {
        return static_cast<std::size_t>(
            std::ranges::count(partition.os->errlog().entries(), &what, &ErrorLogEntry::what));
    }
    static void answer_lacp(BenchAdapter& member, std::uint64_t partner = 0) {
        wire::Frame frame;
        frame.type = wire::FrameType::kLacp;
        frame.source = kPeerMac;
        frame.data = partner;
        member.receive(frame);
    }
};

}  // namespace pvmsim::aix::test
