// What an array holds. Private to fabric/storage/*.cpp.
// Initiators and units have dense numbers, so that a command costs a few array steps.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "fabric/storage/storage_array.hpp"

namespace pvmsim::fabric {

struct StorageArray::State {
    /// Initiators that appear in some mask, by dense number.
    using Initiator = std::uint32_t;
    static constexpr Initiator kNoInitiator = 0xffff'ffff;
    /// SAM flat space addressing: 14 bits.
    static constexpr std::size_t kLunsMax = 0x4000;
    static constexpr std::size_t kControllersMax = 26;  ///< named by one letter

    struct Controller {
        std::string name;
        bool working = true;
        std::vector<FcPort*> ports;
    };
    struct Reservation {
        Initiator holder = kNoInitiator;
        wire::FcId address;        ///< the login that reserved
        std::uint32_t serial = 0;  ///< and its number: a new login of the same name is another
    };
    struct Lun {
        LunConfig config;
        std::vector<bool> visible_to;  ///< by initiator
        Reservation reservation;
    };
    /// A command accepted from an initiator. The serials tell whether both logins are still the same at the end.
    struct Task {
        FcPort* port = nullptr;
        FcpCommand command{};
        std::uint32_t source_serial = 0;
        std::uint32_t port_serial = 0;
    };

    State(sim::Engine& simulator, StorageArrayConfig settings);

    sim::Engine& engine;
    StorageArrayConfig config;
    sim::EntityId entity = sim::kNoEntity;
    sim::RandomStream service_random;
    sim::Duration extra_latency{0};
    bool started = false;
    std::vector<Controller> controllers;
    std::vector<wire::Wwpn> initiators;  ///< sorted
    std::vector<Lun> luns;
    std::vector<Task> places;  ///< in service, by place
    std::vector<std::uint32_t> free_places;
    std::deque<Task> waiting;
    StorageArrayCounters counters;

    [[nodiscard]] Controller& controller(std::string_view name);
    [[nodiscard]] Initiator initiator(wire::Wwpn wwpn) const;
    /// The unit behind an address if the initiator may see it.
    [[nodiscard]] Lun* visible_lun(wire::LunNumber number, Initiator who);

    void accept(const Task& task);
    void start_service(const Task& task);
    void finish(std::uint32_t place);
    [[nodiscard]] sim::Duration service_time(wire::ScsiOperation operation);
    [[nodiscard]] wire::ScsiStatus perform(const Task& task);
    [[nodiscard]] bool logins_unchanged(const Task& task) const;
    void answer(const Task& task, wire::ScsiStatus status);
    void set_working(std::string_view name, bool working);
};

}  // namespace pvmsim::fabric
