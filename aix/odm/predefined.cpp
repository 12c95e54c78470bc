// The tables behind predefined.hpp. Defaults: formats A.3 (SEA, EtherChannel), B.3 (disks, adapters); behaviour 4.2
// (queue depth 3), 4.3 (path time-outs). A default that no source gives is named in docs/model/devices.md.
#include "aix/odm/predefined.hpp"

namespace pvmsim::aix {
namespace {

using enum AttributeKind;

constexpr AttributeDefinition kHdisk[] = {
    {"PCM", "PCM/friend/vscsi", kText, "", 0, 0, "Path Control Module", false},
    {"algorithm", "fail_over", kChoice, "fail_over,round_robin", 0, 0, "Algorithm"},
    {"hcheck_cmd", "test_unit_rdy", kChoice, "test_unit_rdy,inquiry", 0, 0, "Health Check Command"},
    {"hcheck_interval", "0", kInteger, "", 0, 3600, "Health Check Interval"},
    {"hcheck_mode", "nonactive", kChoice, "nonactive,enabled,failed", 0, 0, "Health Check Mode"},
    {"max_transfer", "0x40000", kText, "", 0, 0, "Maximum TRANSFER Size"},
    {"queue_depth", "3", kInteger, "", 1, 256, "Queue DEPTH"},
    {"reserve_policy", "no_reserve", kChoice, "no_reserve,single_path,PR_exclusive,PR_shared", 0, 0, "Reserve Policy"},
    {"rw_timeout", "30", kInteger, "", 0, 3600, "READ/WRITE time out value"},
};

constexpr AttributeDefinition kVscsi[] = {
    {"vscsi_err_recov", "delayed_fail", kChoice, "delayed_fail,fast_fail", 0, 0, "N/A"},
    {"vscsi_path_to", "0", kInteger, "", 0, 3600, "Virtual SCSI Path Timeout"},
};

constexpr AttributeDefinition kFscsi[] = {
    {"fc_err_recov", "delayed_fail", kChoice, "delayed_fail,fast_fail", 0, 0, "FC Fabric Event Error RECOVERY Policy"},
    {"dyntrk", "no", kChoice, "yes,no", 0, 0, "Dynamic Tracking of FC Devices"},
};

constexpr AttributeDefinition kFcs[] = {
    {"max_xfer_size", "0x100000", kText, "", 0, 0, "Maximum Transfer Size"},
    {"num_cmd_elems", "500", kInteger, "", 20, 4096, "Maximum number of COMMANDS to queue to the adapter"},
    {"tme", "no", kChoice, "yes,no", 0, 0, "Target Mode Enabled"},
};

constexpr AttributeDefinition kEthernet[] = {
    {"jumbo_frames", "no", kChoice, "yes,no", 0, 0, "Transmit jumbo frames"},
    {"large_send", "yes", kChoice, "yes,no", 0, 0, "Enable hardware TX TCP resegmentation"},
    {"flow_ctrl", "yes", kChoice, "yes,no", 0, 0, "Enable Transmit and Receive Flow Control"},
};

constexpr AttributeDefinition kInterface[] = {
    {"mtu", "1500", kInteger, "", 60, 65394, "Maximum IP Packet Size for This Device"},
    {"mtu_bypass", "off", kChoice, "on,off", 0, 0, "Enable/Disable largesend for virtual Ethernet"},
};

constexpr AttributeDefinition kEtherChannel[] = {
    {"adapter_names", "", kText, "", 0, 0, "EtherChannel Adapters"},
    {"backup_adapter", "NONE", kText, "", 0, 0, "Adapter used when whole channel fails"},
    {"mode", "standard", kChoice, "standard,round_robin,8023ad,netif_backup", 0, 0, "EtherChannel mode of operation"},
    {"hash_mode", "default", kChoice, "default,src_port,dst_port,src_dst_port", 0, 0,
     "Determines how outgoing adapter is chosen"},
    {"interval", "long", kChoice, "long,short", 0, 0, "Determines interval value for IEEE 802.3ad mode"},
    {"auto_recovery", "yes", kChoice, "yes,no", 0, 0, "Enable automatic recovery after failover"},
    {"netaddr", "0", kText, "", 0, 0, "Address to ping"},
    {"num_retries", "3", kInteger, "", 2, 100, "Times to retry ping before failing"},
    {"retry_time", "1", kInteger, "", 1, 100, "Wait time (in seconds) between pings"},
    {"noloss_failover", "yes", kChoice, "yes,no", 0, 0, "Enable lossless failover after ping failure"},
    {"use_jumbo_frame", "no", kChoice, "yes,no", 0, 0, "Enable Gigabit Ethernet Jumbo Frames"},
};

constexpr AttributeDefinition kNetworkOptions[] = {
    {"dgd_packets_lost", "3", kInteger, "", 1, 32767, "Packets lost in a row before a gateway counts as dead"},
    {"dgd_ping_time", "5", kInteger, "", 1, 2147483647, "Seconds between pings of a gateway"},
};

constexpr AttributeDefinition kSea[] = {
    {"accounting", "disabled", kChoice, "enabled,disabled", 0, 0, "Enable per-client accounting of network statistics"},
    {"adapter_reset", "yes", kChoice, "yes,no", 0, 0, "Reset real adapter on HA takeover"},
    {"ctl_chan", "", kText, "", 0, 0, "Control Channel adapter for SEA failover"},
    {"fb_delay", "0", kInteger, "", 0, 3600, "Delay before failing back (seconds)"},
    {"gvrp", "no", kChoice, "yes,no", 0, 0, "Enable GARP VLAN Registration Protocol (GVRP)"},
    {"ha_mode", "disabled", kChoice, "disabled,auto,standby,sharing", 0, 0, "High Availability Mode"},
    {"hash_algo", "0", kInteger, "", 0, 1, "Hash algorithm used to select a SEA thread"},
    {"health_time", "60", kInteger, "", 0, 3600, "Time the SEA must be healthy before it takes back PRIMARY"},
    {"jumbo_frames", "no", kChoice, "yes,no", 0, 0, "Enable Gigabit Ethernet Jumbo Frames"},
    {"large_receive", "no", kChoice, "yes,no", 0, 0, "Enable receive TCP segment aggregation"},
    {"largesend", "0", kInteger, "", 0, 1, "Enable Hardware Transmit TCP Resegmentation"},
    {"link_time", "0", kInteger, "", 0, 3600, "Time the link must be up before it counts as up (seconds)"},
    {"netaddr", "0", kText, "", 0, 0, "Address to ping"},
    {"noauto_failback", "no", kChoice, "yes,no", 0, 0, "Stay where it is after the better side has returned"},
    {"nthreads", "7", kInteger, "", 1, 128, "Number of SEA threads in Thread mode"},
    {"pvid", "1", kInteger, "", 1, 4094, "PVID to use for the SEA device"},
    {"pvid_adapter", "", kText, "", 0, 0, "Default virtual adapter to use for non-VLAN-tagged packets"},
    {"qos_mode", "disabled", kChoice, "disabled,strict,loose", 0, 0, "N/A"},
    {"queue_size", "8192", kInteger, "", 128, 65536, "Queue size for a SEA thread"},
    {"real_adapter", "", kText, "", 0, 0, "Physical adapter associated with the SEA"},
    {"send_RARP", "yes", kChoice, "yes,no", 0, 0, "Transmit Reverse ARP after HA takeover"},
    {"thread", "1", kInteger, "", 0, 1, "Thread mode enabled (1) or disabled (0)"},
    {"virt_adapters", "", kText, "", 0, 0, "List of virtual adapters associated with the SEA (comma separated)"},
};

}  // namespace

std::span<const AttributeDefinition> hdisk_attributes() { return kHdisk; }
std::span<const AttributeDefinition> vscsi_attributes() { return kVscsi; }
std::span<const AttributeDefinition> fscsi_attributes() { return kFscsi; }
std::span<const AttributeDefinition> fcs_attributes() { return kFcs; }
std::span<const AttributeDefinition> ethernet_attributes() { return kEthernet; }
std::span<const AttributeDefinition> interface_attributes() { return kInterface; }
std::span<const AttributeDefinition> etherchannel_attributes() { return kEtherChannel; }
std::span<const AttributeDefinition> sea_attributes() { return kSea; }
std::span<const AttributeDefinition> network_options() { return kNetworkOptions; }
std::span<const AttributeDefinition> no_attributes() { return {}; }

}  // namespace pvmsim::aix
