// LinkAggregation: "entN", an EtherChannel or IEEE 802.3ad aggregate: up to 8 primary adapters that share the load, and
// one backup adapter that takes over when the whole channel fails (R-NET-02, behaviour 3.5). One primary and one backup
// adapter, both virtual, are Network Interface Backup, NIB (R-NET-03).
//
// Modelled: hash modes, loss and return of members, failover and recovery with their error log entries, the address to
// ping (netaddr), which alone notices what is wrong behind a virtual adapter, and of LACP the exchange: a silent
// partner drops out after three intervals, a link joins two seconds after its partner's first word, links to two
// different systems never aggregate. Simplified: an 802.3ad link without partner is never used; after a settled start
// links count as joined; how an idle primary channel is found to work again is our choice (link_aggregation_ping.cpp).
// Absent: lossless failover, an alternate address. docs/model/network-client.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aix/network/aggregation_hash.hpp"
#include "aix/network/ethernet_device.hpp"
#include "aix/network/interface.hpp"

namespace pvmsim::aix {

/// What mkvdev -lnagg (AIX: smitty etherchannel) is told.
struct LinkAggregationConfig {
    std::vector<EthernetDevice*> members;                         ///< primary adapters, in order
    std::vector<EthernetDevice*> backups;                         ///< none or one
    std::vector<std::pair<std::string, std::string>> attributes;  ///< each good by its own (check_attribute_value)
};

/// Why an operator may not make this aggregation; nullopt when it is good.
[[nodiscard]] std::optional<std::string> why_refused(const LinkAggregationConfig& config);

struct LacpCounters {
    std::uint64_t received = 0;     ///< "Received LACPDUs"
    std::uint64_t transmitted = 0;  ///< "Transmitted LACPDUs"
};

/// One adapter of the aggregation, as entstat -d tells it.
struct AggregatedAdapterStatistics {
    std::string name;
    bool is_backup = false;
    bool link_up = false;
    bool in_use = false;  ///< carries frames now
    std::uint64_t sent = 0;
    std::uint64_t send_failures = 0;
    std::uint64_t received = 0;
    std::uint64_t received_idle = 0;  ///< thrown away: the adapter was not in use
    std::uint64_t losses = 0;         ///< how often it stopped being usable
};

struct LinkAggregationStatistics {
    std::string_view operating_mode;  ///< "Standard mode (IEEE 802.3ad)"
    std::string_view hash_mode;
    bool on_backup = false;
    std::uint64_t failovers = 0;   ///< to the backup adapter
    std::uint64_t recoveries = 0;  ///< back to the primary channel
    std::uint64_t pings_sent = 0;
    std::uint64_t pings_lost = 0;
    LacpCounters lacp;
    std::vector<AggregatedAdapterStatistics> adapters;  ///< primary ones in order, then the backup
};

class LinkAggregation : public EthernetDevice, public EthernetUser, public InterfaceUser {
  public:
    static constexpr std::size_t kMembersMax = 8;              ///< R-NET-02
    static constexpr std::size_t kBackupsMax = 1;              ///< R-NET-02
    static constexpr sim::Duration kLacpShort{1'000'000'000};  ///< behaviour 3.5
    static constexpr sim::Duration kLacpLong{30'000'000'000};
    static constexpr std::int64_t kLacpIntervalsMax = 3;          ///< silent for so many: out (behaviour 3.5)
    static constexpr sim::Duration kLacpJoinWait{2'000'000'000};  ///< aggregate_wait_time of IEEE 802.1AX

    /// `backup` may be nullptr. The set must be good (why_refused). Attributes: see etherchannel_attributes().
    LinkAggregation(OperatingSystem& os, std::string name, std::vector<EthernetDevice*> members,
                    EthernetDevice* backup);

    [[nodiscard]] std::uint32_t mtu_max(bool is_tagged) const override;
    [[nodiscard]] bool cuts_segments() const override;
    bool send(const wire::Frame& frame) override;
    [[nodiscard]] bool link_up() const override { return up_; }
    /// The first adapter's, whichever carries the frames.
    [[nodiscard]] wire::MacAddress mac() const override { return members_.front().device->mac(); }
    void reset_link() override;
    /// The interface on the aggregation; its address is the one that pings.
    void on_interface(NetworkInterface& interface) override;
    void on_attribute_changed(std::string_view name) override;

    /// ethchan_config -f: to the other channel, where it stays. Why not, when the other is not up.
    std::optional<std::string> force_failover();

    [[nodiscard]] bool on_backup() const { return on_backup_; }
    [[nodiscard]] std::size_t members_in_use() const;
    /// The adapter that would carry the frame now; nullptr: none. For traffic that is not sent frame by frame; in
    /// round_robin mode the next one in turn, which stays next.
    [[nodiscard]] const EthernetDevice* carrier_of(const wire::Frame& frame) const;
    /// False when VLAN tags make no sense here: two virtual adapters of one virtual switch are told apart by their port
    /// VLAN, so a tag would be bridged by both sides (IBM: no tagging with NIB but on two virtual switches).
    [[nodiscard]] bool may_carry_tags() const;
    [[nodiscard]] const LacpCounters& lacp_counters() const { return lacp_counters_; }
    [[nodiscard]] LinkAggregationStatistics statistics() const;
    [[nodiscard]] std::string_view description() const override;

    // EthernetUser, InterfaceUser
    void on_frame(EthernetDevice& device, const wire::Frame& frame) override;
    void on_link(EthernetDevice& device, bool up) override;
    void on_answer(const wire::Frame& frame) override;

    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    struct Counters {
        std::uint64_t sent = 0;
        std::uint64_t send_failures = 0;
        std::uint64_t received = 0;
        std::uint64_t received_idle = 0;
        std::uint64_t losses = 0;
    };
    struct Member {
        EthernetDevice* device;
        bool joined = false;        ///< 802.3ad: part of the aggregate
        sim::SimTime last_heard;    ///< 802.3ad: the partner's last word
        std::uint64_t partner = 0;  ///< 802.3ad: the partner's system, as its frame's data word tells; 0: not told
        bool is_joining = false;    ///< 802.3ad: waits before it joins
        sim::EventHandle join_timer{};
        bool was_usable = false;
        Counters counters{};
    };
    enum class Mode : std::uint8_t { kStandard, kRoundRobin, k8023ad, kNetifBackup };
    enum class Change : std::uint8_t { kNone, kFailover, kRecovery };

    void take_attributes();
    [[nodiscard]] bool usable(const Member& member) const;
    [[nodiscard]] bool primaries_usable() const;
    [[nodiscard]] const Member* choose(std::uint32_t turn) const;
    [[nodiscard]] std::uint32_t turn_of(const wire::Frame& frame) const;
    static bool send_counted(EthernetDevice& device, Counters& counters, const wire::Frame& frame);
    [[nodiscard]] Member* find(const EthernetDevice& device);
    /// Members or backup changed: which side carries the frames now, and is there a link at all?
    void advance();
    [[nodiscard]] Change wanted_change() const;
    void note_losses();
    void change_side(Change change);

    // LACP
    void start_lacp();
    void hear_partner(Member& member, const wire::Frame& frame);
    void leave(Member& member);
    void greet(Member& member);
    void select_partner();
    void look_for_silent_partners();

    // netaddr
    void start_pinging();
    void stop_pinging();
    void expect_pings_anew();
    void ping();
    void on_pings_lost();
    void probe_idle_channel();
    void hear_probe(const wire::Frame& frame);

    std::vector<Member> members_;
    EthernetDevice* backup_;
    Counters backup_counters_;
    std::uint64_t partner_ = 0;  ///< 802.3ad: links to another system than this one are not aggregated
    bool backup_was_up_ = false;
    NetworkInterface* interface_ = nullptr;
    // The attributes in effect since the device was configured.
    Mode mode_ = Mode::kStandard;
    HashMode hash_mode_ = HashMode::kDefault;
    sim::Duration lacp_interval_ = kLacpLong;
    std::optional<wire::Ipv4Address> netaddr_;

    bool up_ = false;
    bool on_backup_ = false;
    bool forced_ = false;              ///< by hand on the side it is on
    bool primary_distrusted_ = false;  ///< its link is up, but pings over it were lost
    std::uint32_t next_ = 0;           ///< round_robin
    std::uint64_t failovers_ = 0;
    std::uint64_t recoveries_ = 0;
    sim::EventHandle lacp_timer_;
    LacpCounters lacp_counters_;

    sim::EventHandle ping_timer_;
    std::uint32_t ping_serial_ = 0;
    std::uint32_t ping_serial_valid_ = 0;  ///< answers to earlier pings came over the other side
    bool ping_awaited_ = false;
    std::uint32_t pings_missed_ = 0;  ///< in a row
    std::uint32_t probes_answered_ = 0;
    bool probe_awaited_ = false;
    std::uint64_t pings_sent_ = 0;
    std::uint64_t pings_lost_ = 0;
};

}  // namespace pvmsim::aix
