// Keys of device attributes, from the predefined tables of aix/: the file takes what the tables know, nothing else.
// A new row in a table is a new key of the file, of its JSON Schema and of the reference page.
#pragma once

#include <span>
#include <vector>

#include "aix/odm/attribute.hpp"
#include "scenarios/schema/spec.hpp"

namespace pvmsim::scenarios {

/// The attributes that an administrator may set, without those in `except`.
std::vector<Key> attribute_keys(std::span<const aix::AttributeDefinition> table,
                                const std::vector<std::string>& except = {});

}  // namespace pvmsim::scenarios
