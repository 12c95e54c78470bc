// Virtual adapter strings: formats C.4. WWPN: 16 hex digits, with or without colons. MAC: 12 hex digits likewise.
// Patterns only say how a value looks; numbers in it are judged where they are read.
#include "scenarios/schema/scalar_forms.hpp"

#include "sim/base/assert.hpp"

namespace pvmsim::scenarios {

namespace {

constexpr std::string_view kDuration = "[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)";
constexpr std::string_view kNumber = "[0-9]+(\\.[0-9]+)?";
constexpr std::string_view kSizeText = "[0-9]+(\\.[0-9]+)?(B|KB|MB|GB|TB)";
constexpr std::string_view kBandwidthText = "[0-9]+(\\.[0-9]+)?((B|KB|MB|GB)|(K|M|G)bit)/s";
constexpr std::string_view kCompare = "(<|<=|>|>=|=) *";
constexpr std::string_view kOctet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
constexpr std::string_view kSlotText = "[0-9]{1,5}";
constexpr std::string_view kRole = "(client|server)";
constexpr std::string_view kRemote = "(any|[0-9]{1,4})?/[A-Za-z0-9_.+-]*";
constexpr std::string_view kWwpnText = "[0-9A-Fa-f]{16}";

std::string join(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (auto part : parts) text += part;
    return text;
}

std::string anchored(std::initializer_list<std::string_view> parts) { return "^(" + join(parts) + ")$"; }

std::string bound(std::string_view value) { return anchored({kCompare, value, "|", value, " *\\.\\. *", value}); }

ScalarForm adapter_form(Type type) {
    switch (type) {
        case Type::kEthernetAdapter:
            return {
                anchored(
                    {kSlotText, "/[01]/", kSlotText, "/([0-9]+(,[0-9]+)*)?/[0-9]{1,2}/[01]",
                     "(/[A-Za-z0-9_.-]+(/([0-9A-Fa-f]{12}|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})?(/[^/]*(/[^/]*)?)?)?)?"}),
                "an adapter as the HMC writes it: slot/ieee/pvid/[vlans]/trunk priority/required, like "
                "10/1/1/100,200/1/0"};
        case Type::kScsiAdapter:
            return {anchored({kSlotText, "/", kRole, "/", kRemote, "/(any|", kSlotText, ")?/[01]"}),
                    "an adapter as the HMC writes it: slot/client or server/[remote id]/[remote name]/[remote "
                    "slot]/required, "
                    "like 2/client/2/vios1/2/1"};
        case Type::kFcAdapter:
            return {anchored({"\"*", kSlotText, "/", kRole, "/", kRemote, "/", kSlotText, "/(", kWwpnText, ",",
                              kWwpnText, ")?/[01]\"*"}),
                    "an adapter as the HMC writes it: slot/client or server/[remote id]/[remote name]/remote "
                    "slot/[wwpns]/required, "
                    "like 3/client/1/vios1/8//1"};
        default:
            return {anchored({"[A-Za-z0-9._-]+/(none|[0-9]+)?/[01]"}),
                    "a slot as the HMC writes it: slot/pool or none/required, like C2/none/1 or 21010002/none/1"};
    }
}

ScalarForm name_form(Type type) {
    switch (type) {
        case Type::kName:
            return {"^[A-Za-z0-9_][A-Za-z0-9_.+-]*$", "a name (letters, digits, _ . + -)"};
        case Type::kVirtualSlot:
            return {"^V[0-9]{1,5}$", "a virtual slot such as V10"};
        case Type::kPortName:
            return {"^[A-Za-z0-9._-]+-T[0-9]+$", "a port such as C2-T1"};
        case Type::kLunName:
            return {"^[A-Za-z0-9_+-]+\\.[A-Za-z0-9_.+-]+$", "a logical unit as array.lun"};
        case Type::kInterface:
            return {"^en[0-9]+$", "an interface such as en0"};
        default:
            return {"^hdisk[0-9]+$", "a disk such as hdisk0"};
    }
}

}  // namespace

ScalarForm scalar_form(Type type) {
    switch (type) {
        case Type::kText:
            return {"", "text"};
        case Type::kName:
        case Type::kVirtualSlot:
        case Type::kPortName:
        case Type::kLunName:
        case Type::kInterface:
        case Type::kDisk:
            return name_form(type);
        case Type::kDuration:
            return {anchored({kDuration}), "a duration with its unit, such as 10ms, 5s or 2min"};
        case Type::kSize:
            return {anchored({kNumber, "(B|KB|MB|GB|TB)"}), "a size with its unit, such as 4KB or 50GB"};
        case Type::kMemory:
            return {anchored({kNumber, "(B|KB|MB|GB|TB)"}),
                    "memory with its unit, such as 4GB, or a whole number of MB"};
        case Type::kRate:
            return {anchored({kNumber, "/(s|min|h)"}), "a rate such as 100/s"};
        case Type::kBandwidth:
            return {anchored({kBandwidthText}), "a bandwidth such as 20MB/s (of 2^20 bytes) or 100Mbit/s"};
        case Type::kPercent:
            return {"^(100|[1-9]?[0-9])%$", "a percentage such as 70%"};
        case Type::kIpv4:
            return {anchored({kOctet, "(\\.", kOctet, "){3}"}), "an IPv4 address such as 10.1.100.1"};
        case Type::kMac:
            return {"^([0-9A-Fa-f]{12}|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})$",
                    "a MAC address such as 00:21:5e:12:34:56"};
        case Type::kWwpn:
            return {"^([0-9A-Fa-f]{16}|([0-9A-Fa-f]{2}:){7}[0-9A-Fa-f]{2})$", "a WWPN of 16 hex digits"};
        case Type::kSerialNumber:
            return {"^[A-Z0-9]{7}$", "a serial number of 7 capital letters and digits"};
        case Type::kDrcIndex:
            return {"^[0-9A-Fa-f]{8}$", "8 hex digits, in quotes if they are all digits"};
        case Type::kDurationBound:
            return {bound(kDuration), "a bound such as \"< 5s\", \"30s..90s\" or 0"};
        case Type::kCountBound:
            return {bound("[0-9]+"), "a bound such as 0, \"<= 3\" or \"1..5\""};
        case Type::kDecimalBound:
            return {bound(kNumber), "a bound such as \"< 0.5\" or \"0.2..0.4\""};
        case Type::kMemoryBound:
            return {bound(kSizeText), "a bound such as \"< 100MB\", \"3.9GB..4.1GB\" or 0"};
        case Type::kBandwidthBound:
            return {bound(kBandwidthText), "a bound such as \"> 90MB/s\", \"10MB/s..20MB/s\" or 0"};
        case Type::kEthernetAdapter:
        case Type::kScsiAdapter:
        case Type::kFcAdapter:
        case Type::kIoSlot:
            return adapter_form(type);
        default:
            break;
    }
    PVMSIM_ASSERT(!"a type that is written as text");
    return {};
}

ScalarForm key_form(KeyForm form) {
    switch (form) {
        case KeyForm::kName:
            return name_form(Type::kName);
        case KeyForm::kVlan:
            return {"^([1-9][0-9]{0,3})$", "a VLAN id (1..4094)"};
        case KeyForm::kSlotOfServer:
            return {"^[A-Za-z0-9][A-Za-z0-9._-]*$", "a slot location such as C2"};
        case KeyForm::kPortOfAdapter:
            return {"^T[0-9]+$", "a port such as T1"};
        case KeyForm::kPortOfArray:
            return {"^[A-H]-[A-Za-z0-9]+$", "a port such as A-P0: controller, then the port"};
        case KeyForm::kVirtualSlot:
            return name_form(Type::kVirtualSlot);
        case KeyForm::kDevice:
            return {"^[a-z]+[0-9]+$", "a device name such as ent8"};
    }
    return {};
}

}  // namespace pvmsim::scenarios
