// CrqTransport: the command/response queues that link virtual SCSI and virtual FC adapters of two partitions (PAPR
// CRQ).
//
// It moves 16-byte entries with what they point at, and knows nothing of SCSI. A queue has room for a number of
// entries; a receiver that does not take them (it hangs) fills it up, and the sender gets kDropped.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "hypervisor/crq/entry_queue.hpp"
#include "hypervisor/ids.hpp"
#include "sim/engine/engine.hpp"

namespace pvmsim::hypervisor {

/// First byte of an entry (PAPR).
enum class CrqHeader : std::uint8_t { kCommandResponse = 0x80, kInitialization = 0xC0, kTransportEvent = 0xFF };

/// Second byte of a kInitialization entry.
inline constexpr std::uint8_t kCrqInitialize = 0x01;
inline constexpr std::uint8_t kCrqInitializationComplete = 0x02;
/// Second byte of a kTransportEvent entry.
inline constexpr std::uint8_t kCrqPartnerFailed = 0x01;
inline constexpr std::uint8_t kCrqPartnerDeregistered = 0x02;
inline constexpr std::uint8_t kCrqPartnerMigrated = 0x06;

/// An entry and what it points at. `data` belongs to the protocol that uses the queue.
struct CrqMessage {
    CrqHeader header = CrqHeader::kCommandResponse;
    std::uint8_t code = 0;
    std::uint16_t reserved = 0;
    std::uint32_t word = 0;
    std::uint64_t data[4]{};
};
static_assert(sizeof(CrqMessage) == 40);

/// hypervisor -> device driver: an entry reached the queue of a slot.
struct CrqArrived {
    static constexpr std::string_view kName = "crq-arrived";
    CrqMessage message;
    SlotNumber slot;
    std::uint16_t reserved[3]{};
};

struct CrqAdapterIdTag;
/// One adapter known to the transport, for quick sends.
using CrqAdapterId = sim::StrongId<CrqAdapterIdTag>;

class CrqTransport {
  public:
    /// [PARAM] default 10 us from send to the partner's interrupt.
    CrqTransport(sim::Engine& engine, sim::Duration latency);

    /// A virtual adapter exists, with its partner; either side may be declared first. An adapter with `remote_any`
    /// accepts the first one that names it: from any partition when `remote` is kNoPartition, else from any slot of
    /// `remote`. An adapter that is defined again after undefine() gets the id it had.
    CrqAdapterId define(PartitionId owner, SlotNumber slot, PartitionId remote, SlotNumber remote_slot,
                        bool remote_any);
    void undefine(CrqAdapterId id);
    /// The adapter in a slot. Asserts that it is defined.
    [[nodiscard]] CrqAdapterId find(PartitionId owner, SlotNumber slot) const;
    [[nodiscard]] bool is_defined(PartitionId owner, SlotNumber slot) const;

    /// H_REG_CRQ: kSuccess when the partner is registered already, kClosed when it is not yet (the queue is ready all
    /// the same), kResource when registered before, kNotFound when undefined.
    HcallStatus register_queue(CrqAdapterId id, sim::EntityId receiver, std::uint32_t entries_max);
    /// H_FREE_CRQ: the partner gets kCrqPartnerDeregistered.
    void free_queue(CrqAdapterId id);
    /// The partition ended: the partner of each registered queue gets kCrqPartnerFailed.
    void fail_partition(PartitionId owner);

    /// H_SEND_CRQ. kClosed: partner not registered; kDropped: its queue is full.
    HcallStatus send(CrqAdapterId from, const CrqMessage& message);
    /// The driver has taken one arrived entry off its queue. Called once for every CrqArrived.
    void take(CrqAdapterId id);

    [[nodiscard]] bool is_registered(CrqAdapterId id) const;
    /// The linked adapter, or the same id when there is none.
    [[nodiscard]] CrqAdapterId partner_of(CrqAdapterId id) const;
    [[nodiscard]] PartitionId owner_of(CrqAdapterId id) const;
    [[nodiscard]] SlotNumber slot_of(CrqAdapterId id) const;

    void digest(sim::Digest& digest) const;

  private:
    struct Adapter {
        PartitionId owner;
        SlotNumber slot;
        PartitionId remote;
        SlotNumber remote_slot;
        bool remote_any = false;
        bool defined = false;
        bool registered = false;
        std::uint32_t partner = kNone;
        std::uint64_t defined_as = 0;  ///< the how-manyeth definition this is: who came first
        sim::EntityId receiver = sim::kNoEntity;
        std::uint32_t entries_max = 0;
        EntryQueue entries{};  ///< sent to this adapter, not yet taken
    };
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    [[nodiscard]] static bool accepts(const Adapter& adapter, const Adapter& other);
    [[nodiscard]] Adapter& defined_adapter(CrqAdapterId id);
    void link(std::uint32_t index);
    void unregister(Adapter& adapter);
    void tell_partner(const Adapter& adapter, std::uint8_t transport_event);
    void post(Adapter& receiver, const CrqMessage& message);

    sim::Engine& engine_;
    sim::Duration latency_;
    std::vector<Adapter> adapters_;
    std::map<std::uint32_t, std::uint32_t> index_by_place_;  ///< (owner, slot) -> index
    std::uint64_t definitions_ = 0;
};

}  // namespace pvmsim::hypervisor
