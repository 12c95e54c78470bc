// Device: something the operating system has a driver for, with a name ("hdisk0", "ent4"), a state and attributes.
//
// Life: made with the partition's description (Defined); configured when the system boots (Available), unconfigured
// when it ends. A device is an entity: while its partition is down nothing reaches it, while it hangs everything waits.
#pragma once

#include <string>
#include <string_view>

#include "aix/odm/attribute.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::aix {

class OperatingSystem;

enum class DeviceState : std::uint8_t { kDefined, kAvailable };

class Device : public sim::Entity {
  public:
    /// Registers the entity "<partition path>/<name>" and gives it to the partition, so that power and hangs reach it.
    Device(OperatingSystem& os, std::string name, std::span<const AttributeDefinition> attributes);

    /// The system boots: load the driver. Attribute changes made with -P come into effect just before.
    void configure();
    /// The system is gone, or the device is taken away: forget all running state. No goodbye to anybody.
    void unconfigure();
    /// Orderly end while the system still runs: say goodbye to partners. Called before unconfigure at a shutdown.
    virtual void close() {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] sim::EntityId entity() const { return entity_; }
    [[nodiscard]] DeviceState state() const { return state_; }
    [[nodiscard]] bool available() const { return state_ == DeviceState::kAvailable; }
    [[nodiscard]] AttributeSet& attributes() { return attributes_; }
    [[nodiscard]] const AttributeSet& attributes() const { return attributes_; }
    [[nodiscard]] OperatingSystem& os() { return os_; }
    [[nodiscard]] const OperatingSystem& os() const { return os_; }
    /// What lsdev prints ("Virtual SCSI Client Adapter").
    [[nodiscard]] virtual std::string_view description() const = 0;

    /// An attribute was changed on the running device (chdev without -P).
    virtual void on_attribute_changed(std::string_view) {}

    void on_event(const sim::Event&) override {}
    void digest(sim::Digest& digest) const override;

  protected:
    virtual void on_configure() = 0;
    virtual void on_unconfigure() = 0;

    [[nodiscard]] sim::Engine& engine();
    [[nodiscard]] sim::SimTime now();
    /// A line in the run's log book, under this device's path.
    void milestone(std::string_view name, std::string_view text);

  private:
    OperatingSystem& os_;
    std::string name_;
    sim::EntityId entity_;
    AttributeSet attributes_;
    DeviceState state_ = DeviceState::kDefined;
};

}  // namespace pvmsim::aix
