// Attributes of devices: the predefined table (what a type of device has) and the customised values of one device.
//
// As in AIX: lsattr shows the value in effect; chdev changes both the database and the running device, chdev -P (padmin
// -perm) the database only, which takes effect at the device's next configuration (R-STO-05).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/digest.hpp"

namespace pvmsim::aix {

enum class AttributeKind : std::uint8_t { kChoice, kInteger, kText };

/// One row of the predefined table of a device type (ODM class PdAt).
struct AttributeDefinition {
    std::string_view name;
    std::string_view default_value;
    AttributeKind kind = AttributeKind::kText;
    std::string_view choices;  ///< kChoice: "fail_over,round_robin"
    std::int64_t low = 0;      ///< kInteger: range, both included
    std::int64_t high = 0;
    std::string_view description;  ///< as lsattr prints it
    bool user_settable = true;
};

/// Why a value is refused; nullopt when it is good.
[[nodiscard]] std::optional<std::string> check_attribute_value(const AttributeDefinition& definition,
                                                               std::string_view value);

/// The attributes of one device (ODM class CuAt).
class AttributeSet {
  public:
    explicit AttributeSet(std::span<const AttributeDefinition> table);

    [[nodiscard]] std::span<const AttributeDefinition> table() const { return table_; }
    [[nodiscard]] const AttributeDefinition* definition(std::string_view name) const;

    /// The value in effect. Asserts that the attribute exists.
    [[nodiscard]] const std::string& get(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] bool is(std::string_view name, std::string_view value) const { return get(name) == value; }
    [[nodiscard]] const std::string& customised(std::string_view name) const;

    /// Changes database and running value. The name must exist and the value be good (check first).
    void set(std::string_view name, std::string_view value);
    /// Changes the database only.
    void set_at_next_configuration(std::string_view name, std::string_view value);
    /// What a configuration of the device does: the database's values come into effect.
    void configure();

    void digest(sim::Digest& digest) const;

  private:
    struct Value {
        std::string current;
        std::string customised;
    };
    [[nodiscard]] std::size_t index_of(std::string_view name) const;

    std::span<const AttributeDefinition> table_;
    std::vector<Value> values_;
};

}  // namespace pvmsim::aix
