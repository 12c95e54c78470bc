// LinkAggregation: "entN", an EtherChannel or IEEE 802.3ad aggregate: up to 8 primary adapters that share the load, and
// one backup adapter that takes over when the whole channel fails (R-NET-02, behaviour 3.5).
//
// Modelled: hash modes, loss and return of members, failover and recovery with their error log entries, and of LACP the
// exchange (a silent partner drops out after three intervals) and the two seconds' wait before a link joins.
// Simplified: there are no transport ports, so port hashes use the IP addresses; an 802.3ad link without partner is
// never used; after a settled start links count as joined. Absent: the address to ping (netaddr), lossless failover.
// docs/model/sea.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/network/ethernet_device.hpp"

namespace pvmsim::aix {

struct LacpCounters {
    std::uint64_t received = 0;     ///< "Received LACPDUs"
    std::uint64_t transmitted = 0;  ///< "Transmitted LACPDUs"
};

class LinkAggregation : public EthernetDevice, public EthernetUser {
  public:
    static constexpr std::size_t kMembersMax = 8;              ///< R-NET-02
    static constexpr sim::Duration kLacpShort{1'000'000'000};  ///< behaviour 3.5
    static constexpr sim::Duration kLacpLong{30'000'000'000};
    static constexpr std::int64_t kLacpIntervalsMax = 3;          ///< silent for so many: out (behaviour 3.5)
    static constexpr sim::Duration kLacpJoinWait{2'000'000'000};  ///< aggregate_wait_time of IEEE 802.1AX

    /// `backup` may be nullptr. Attributes: see etherchannel_attributes().
    LinkAggregation(OperatingSystem& os, std::string name, std::vector<EthernetDevice*> members,
                    EthernetDevice* backup);

    bool send(const wire::Frame& frame) override;
    [[nodiscard]] bool link_up() const override { return up_; }
    /// The first adapter's, whichever carries the frames.
    [[nodiscard]] wire::MacAddress mac() const override { return members_.front().device->mac(); }
    void reset_link() override;

    [[nodiscard]] bool on_backup() const { return on_backup_; }
    [[nodiscard]] std::size_t members_in_use() const;
    [[nodiscard]] const LacpCounters& lacp_counters() const { return lacp_counters_; }
    [[nodiscard]] std::string_view description() const override;

    void on_frame(EthernetDevice& device, const wire::Frame& frame) override;
    void on_link(EthernetDevice& device, bool up) override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    struct Member {
        EthernetDevice* device;
        bool joined = false;      ///< 802.3ad: part of the aggregate
        sim::SimTime last_heard;  ///< 802.3ad: the partner's last word
        bool is_joining = false;  ///< 802.3ad: waits before it joins
        sim::EventHandle join_timer{};
    };
    enum class Mode : std::uint8_t { kStandard, kRoundRobin, k8023ad };
    enum class HashMode : std::uint8_t { kDestination, kSource, kBoth };

    void take_attributes();
    [[nodiscard]] bool usable(const Member& member) const;
    [[nodiscard]] std::uint32_t hash(const wire::Frame& frame);
    [[nodiscard]] Member* find(const EthernetDevice& device);
    void hear_partner(Member& member);
    void leave(Member& member);
    void greet(Member& member);
    void look_for_silent_partners();
    /// Members or backup changed: which side carries the frames now, and is there a link at all?
    void advance();

    std::vector<Member> members_;
    EthernetDevice* backup_;
    // The attributes in effect since the device was configured.
    Mode mode_ = Mode::kStandard;
    HashMode hash_mode_ = HashMode::kDestination;
    sim::Duration lacp_interval_ = kLacpLong;

    bool up_ = false;
    bool on_backup_ = false;
    std::uint32_t next_ = 0;  ///< round_robin
    sim::EventHandle lacp_timer_;
    LacpCounters lacp_counters_;
};

}  // namespace pvmsim::aix
