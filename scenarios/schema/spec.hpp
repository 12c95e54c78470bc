// Spec: the scenario file's form as data. From this one description come the judgement of a file, the JSON Schema and
// the reference tables of docs/scenario-file.md, so that the three cannot disagree.
//
// What needs a second look at the file (does the switch exist?) is not here but in the loader's reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvmsim::scenarios {

enum class Type : std::uint8_t {
    kMap,    ///< keys are fixed
    kNamed,  ///< keys are names that the author chooses
    kList,
    kChoice,  ///< told apart by form: map, list or scalar
    kText,
    kName,  ///< of something in the file
    kInteger,
    kDecimal,
    kBoolean,
    kWord,  ///< one of a few
    kDuration,
    kSize,
    kMemory,  ///< size, or MB as the HMC prints it
    kRate,
    kBandwidth,  ///< "20MB/s"
    kPercent,
    kIpv4,
    kMac,
    kWwpn,
    kSerialNumber,
    kDrcIndex,
    kVirtualSlot,     ///< "V10"
    kPortName,        ///< "C2-T1"
    kLunName,         ///< "array.lun"
    kInterface,       ///< "en0"
    kDisk,            ///< "hdisk0"
    kDurationBound,   ///< "< 5s"
    kCountBound,      ///< "<= 3"
    kDecimalBound,    ///< "0.3..0.5"
    kMemoryBound,     ///< "3.9GB..4.1GB"
    kBandwidthBound,  ///< "> 90MB/s"
    kEthernetAdapter,
    kScsiAdapter,
    kFcAdapter,
    kIoSlot,
    kAttributeWord,     ///< raw text of a device attribute: one of a few
    kAttributeInteger,  ///< raw text of a device attribute: a number
    kAttributeText,     ///< raw text of a device attribute
};

/// What the keys of a kNamed map look like.
enum class KeyForm : std::uint8_t { kName, kVlan, kSlotOfServer, kPortOfAdapter, kPortOfArray, kVirtualSlot, kDevice };

struct Key;

struct Spec {
    Type type = Type::kMap;
    std::vector<Key> keys;              ///< kMap
    std::vector<Spec> of;               ///< kList, kNamed: one; kChoice: the alternatives
    std::vector<std::string> words;     ///< kWord, kAttributeWord
    std::int64_t low = 0;               ///< numbers: range, both included; durations in ns, sizes in bytes,
    std::int64_t high = 0;              ///< decimals in hundredths
    int decimals = 2;                   ///< kDecimal: digits after the point that may be written; 2 or more
    KeyForm key_form = KeyForm::kName;  ///< kNamed
    bool none_is_empty = false;         ///< kList: "none", as the HMC prints an empty list
    std::size_t items_min = 0;          ///< kList, kNamed
    std::vector<std::vector<std::string>> exactly_one;  ///< kMap: of these keys
    std::vector<std::string> at_least_one;              ///< kMap: of these keys
    std::vector<std::string> at_most_one;               ///< kMap: of these keys
};

struct Key {
    std::string name;
    Spec spec;
    std::string description;  ///< one line that teaches
    bool required = false;
    std::string default_text;        ///< a YAML scalar that stands when the key is missing
    std::string default_words;       ///< when the default is no constant, in words
    std::vector<std::string> needs;  ///< keys that must be there when this one is
};

/// The whole file.
Spec scenario_spec();

// Its parts, one file each.
Spec fabric_spec();
Spec systems_spec();
Spec partitions_spec();
Spec profile_spec();
Spec virtual_io_server_spec();
/// EtherChannels by device name, over adapters named as `adapter` says.
Spec link_aggregations_spec(Type adapter);
Spec workload_spec();
Spec flow_spec();
Spec memory_pool_spec();
Spec operating_system_memory_spec();
Spec memory_workload_spec();
Spec memory_workload_change_spec();
Spec dedup_table_ratio_spec();
Spec timeline_spec();
Spec watch_spec();
Spec expect_spec();
/// A switch port as seen from the station at its other end.
std::vector<Key> lan_port_keys();

/// Sections in which ranges and {expressions} may stand.
bool has_ranges(std::string_view section);

// --- short words for the tables ---
Spec map_of(std::vector<Key> keys);
Spec named(KeyForm form, Spec value);
Spec list_of(Spec item);
Spec choice(std::vector<Spec> alternatives);
Spec simple(Type type);
Spec integer(std::int64_t low, std::int64_t high);
Spec decimal(std::int64_t low_hundredths, std::int64_t high_hundredths);
Spec duration_spec(std::int64_t low_ns, std::int64_t high_ns);
Spec memory_size(std::int64_t low_bytes);  ///< up to 64 TB
Spec bandwidth(std::int64_t low_bytes_per_s);
Spec word(std::vector<std::string> words);

Key required(std::string name, Spec spec, std::string description);
Key optional(std::string name, Spec spec, std::string description, std::string default_text = {});
/// Optional with a default that depends on something: told in words.
Key depends(std::string name, Spec spec, std::string description, std::string default_words);

}  // namespace pvmsim::scenarios
