// The life of a device; see device.hpp.
// Configuring puts attribute changes that waited for it into effect first, as a boot does.
#include "aix/os/device.hpp"

#include <utility>

#include "aix/os/operating_system.hpp"
#include "sim/base/assert.hpp"

namespace pvmsim::aix {

Device::Device(OperatingSystem& os, std::string name, std::span<const AttributeDefinition> attributes)
    : os_(os), name_(std::move(name)), entity_(sim::kNoEntity), attributes_(attributes) {
    entity_ = os.engine().add(*this, os.path() + "/" + name_);
    os.system().adopt_entity(os.partition_id(), entity_);
}

void Device::configure() {
    PVMSIM_ASSERT(!available());
    attributes_.configure();
    state_ = DeviceState::kAvailable;
    on_configure();
}

void Device::unconfigure() {
    if (!available()) return;
    on_unconfigure();
    state_ = DeviceState::kDefined;
}

void Device::digest(sim::Digest& digest) const {
    digest.add(state_);
    attributes_.digest(digest);
}

sim::Engine& Device::engine() { return os_.engine(); }

sim::SimTime Device::now() { return os_.engine().now(); }

void Device::milestone(std::string_view name, std::string_view text) {
    os_.engine().trace().milestone(now(), os_.engine().path_of(entity_), name, text);
}

}  // namespace pvmsim::aix
