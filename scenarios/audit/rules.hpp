// The rules of the audit, family by family; rules() has them all in the order of their ids.
// A new rule is a function, a row in its family's table, a row in docs/audit.md and a case in the tests.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "scenarios/audit/rule.hpp"

namespace pvmsim::scenarios::audit {

[[nodiscard]] std::vector<Rule> failover_rules();            ///< NET: pairs of SEAs
[[nodiscard]] std::vector<Rule> sharing_and_health_rules();  ///< NET: load sharing, netaddr, equal attributes
[[nodiscard]] std::vector<Rule> vlan_rules();                ///< NET: VLANs inside and outside
[[nodiscard]] std::vector<Rule> client_network_rules();      ///< NET: Network Interface Backup of clients
[[nodiscard]] std::vector<Rule> outside_rules();             ///< NET: cables, switches, link aggregations
[[nodiscard]] std::vector<Rule> virtual_scsi_rules();        ///< STO
[[nodiscard]] std::vector<Rule> npiv_rules();                ///< NPV
[[nodiscard]] std::vector<Rule> partition_rules();           ///< VIO, PAR

[[nodiscard]] std::vector<Rule> rules();
/// By id, in upper or lower case.
[[nodiscard]] std::optional<Rule> find_rule(std::string_view id);

}  // namespace pvmsim::scenarios::audit
