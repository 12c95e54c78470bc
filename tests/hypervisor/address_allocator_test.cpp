// Generated addresses: the recorded pattern, distinct for every adapter.
// WWPN pairs: even and odd, never given twice, 32000 of them.
#include "hypervisor/partition/address_allocator.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace pvmsim::hypervisor {
namespace {

TEST(AddressAllocator, mac_has_the_recorded_pattern) {
    // Slot 7 of partition 2, slot 6 of partition 5 on a recorded machine.
    EXPECT_EQ(default_mac(0x26e6b0, PartitionId{2}, SlotNumber{7}), wire::MacAddress::parse("26E6B0002007"));
    EXPECT_EQ(default_mac(0x26e6b0, PartitionId{5}, SlotNumber{6}), wire::MacAddress::parse("26E6B0005006"));
}

RC_GTEST_PROP(AddressAllocator, mac_is_local_unicast_and_tells_adapters_apart, ()) {
    const std::uint32_t system = *rc::gen::inRange<std::uint32_t>(0, 0x100'0000);
    const auto address = [&] {
        const PartitionId id{*rc::gen::inRange<std::uint16_t>(1, 1001)};
        const SlotNumber slot{
            *rc::gen::oneOf(rc::gen::inRange<std::uint16_t>(2, 300), rc::gen::inRange<std::uint16_t>(2, 65'535))};
        const wire::MacAddress mac = default_mac(system, id, slot);
        RC_ASSERT(!mac.is_group());
        RC_ASSERT((mac.octets[0] & 2) != 0);
        return std::pair{std::pair{id, slot}, mac};
    };
    const auto [place_a, mac_a] = address();
    const auto [place_b, mac_b] = address();
    RC_ASSERT((place_a == place_b) == (mac_a == mac_b));
}

TEST(AddressAllocator, digits_of_a_system_come_from_model_and_serial) {
    EXPECT_EQ(system_digits("8205-E6C", "06ABCDE"), system_digits("8205-E6C", "06ABCDE"));
    EXPECT_NE(system_digits("8205-E6C", "06ABCDE"), system_digits("8205-E6C", "06ABCDF"));
    EXPECT_NE(system_digits("8205-E6C", "06ABCDE"), system_digits("8233-E8B", "06ABCDE"));
}

TEST(AddressAllocator, pairs_are_even_and_odd_and_skip_what_was_given) {
    WwpnAllocator wwpns(0x02f9ac);
    EXPECT_EQ(wwpns.generate(), (wire::WwpnPair{wire::Wwpn{0xc0507602f9ac0000}, wire::Wwpn{0xc0507602f9ac0001}}));
    wwpns.remember({wire::Wwpn{0xc0507602f9ac0002}, wire::Wwpn{0xc0507602f9ac0003}});
    EXPECT_EQ(wwpns.generate(), (wire::WwpnPair{wire::Wwpn{0xc0507602f9ac0004}, wire::Wwpn{0xc0507602f9ac0005}}));
    EXPECT_EQ(wwpns.pairs_left(), WwpnAllocator::kPairsMax - 3);
}

TEST(AddressAllocator, a_server_has_32000_pairs_all_different) {
    WwpnAllocator wwpns(0x02f9ac);
    std::set<wire::Wwpn> names;
    for (std::uint32_t i = 0; i < 32'000; ++i) {
        ASSERT_GT(wwpns.pairs_left(), 0u);
        const wire::WwpnPair pair = wwpns.generate();
        EXPECT_EQ(pair.second.value(), pair.first.value() + 1);
        EXPECT_TRUE(names.insert(pair.first).second);
        EXPECT_TRUE(names.insert(pair.second).second);
    }
    EXPECT_EQ(wwpns.pairs_left(), 0u);  // V56
    EXPECT_EQ(names.rbegin()->value() >> 16, 0xc0507602f9acu) << "the running number stays in its four digits";
}

}  // namespace
}  // namespace pvmsim::hypervisor
