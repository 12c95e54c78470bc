// PagingSpaceServer: "pager0", by which a Virtual I/O Server is a paging VIOS of the shared memory pool (R-MEM-02).
//
// Each request of the hypervisor is one 4 KiB read or write of a disk, at block = page * 8, and costs the VIOS the
// processor time of a virtual SCSI command of that size; its latency is the disk's, the VIOS's own share of virtual
// SCSI's published added latency, and the wait for a VIOS that is short of processor (behaviour 2.2, 7.1). It offers
// itself to the hypervisor when the system boots and is gone when it ends. A device is usable from the first sight of
// its disk; when a request finds no way to the disk it is lost until a check reaches it again.
//
// Left out: clustering of neighbouring pages into larger requests, a cache in the VIOS, VASI's own protocol.
// docs/model/memory-paging-vios.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aix/os/device.hpp"
#include "aix/storage/disk.hpp"
#include "aix/storage/disk_manager.hpp"
#include "hypervisor/errors.hpp"
#include "hypervisor/memory/sharing/paging_server.hpp"
#include "vios/paging/paging_space_device.hpp"
#include "vios/processor/io_processor.hpp"
#include "vios/requests/cookie_table.hpp"

namespace pvmsim::vios {

struct PagingServerCounters {
    std::uint64_t page_ins = 0;   ///< answered with success
    std::uint64_t page_outs = 0;  ///< answered with success
    std::uint64_t errors = 0;     ///< answered with failure
    std::uint64_t devices_lost = 0;
    std::uint64_t deduplication_cycles = 0;  ///< of the machine's clock
};

/// A line of lsmap -ams (formats B), by its -fmt names.
struct PagingMapping {
    enum class Status : std::uint8_t { kInactive, kActive, kRedundant };
    std::string paging;           ///< vrmpage0
    std::uint64_t stream_id = 0;  ///< 0: inactive
    hypervisor::PartitionId client_id = hypervisor::kNoPartition;
    Status status = Status::kInactive;  ///< redundant: the other VIOS pages for the client now
    bool redundancy = false;
    std::string backing;  ///< hdisk4; empty while the disk was never seen
    std::uint32_t pool_id = 0;
    std::string vasi;
    std::string pager;
    std::string vbsd;
};

class PagingSpaceServer : public aix::Device,
                          public hypervisor::PagingServer,
                          public aix::DiskUser,
                          public aix::DiskObserver {
  public:
    static constexpr std::string_view kName = "pager0";
    /// [PARAM] our choice: a device that was lost is tried so often.
    static constexpr sim::Duration kDeviceCheckInterval{1'000'000'000};
    /// [PARAM] the VIOS's processor time for a request is that of a virtual SCSI command of this size (behaviour 2.2
    /// refers to section 7 for the cost of paging).
    static constexpr std::uint32_t kRequestBytes = 4096;

    /// The VIOS's own, with vasi0 and vbsd0; made when it is asked for first. Before the system starts.
    static PagingSpaceServer& of(aix::OperatingSystem& os);
    /// nullptr: this VIOS is no paging VIOS.
    [[nodiscard]] static PagingSpaceServer* find(aix::OperatingSystem& os);

    explicit PagingSpaceServer(aix::OperatingSystem& os);

    /// Gives a disk of this VIOS ("array.lun") to the pool as the next vrmpageN.
    hypervisor::Result<PagingSpaceDevice*> add_device(const std::string& unit_name, std::uint64_t size_bytes);

    [[nodiscard]] const std::vector<PagingSpaceDevice*>& paging_devices() const { return devices_; }
    [[nodiscard]] std::vector<PagingMapping> mappings() const;
    [[nodiscard]] const PagingServerCounters& counters() const { return counters_; }
    /// Requests that have no answer yet.
    [[nodiscard]] std::uint32_t in_service() const { return in_service_; }

    // hypervisor::PagingServer
    [[nodiscard]] bool serves(hypervisor::PartitionId id) const override;
    void submit(const hypervisor::PagingRequest& request) override;
    void forget_requests() override;
    /// What it does not use of its entitlement, deduplication's own part counted as unused.
    [[nodiscard]] hypervisor::CoreRate spare_capacity() override;
    void charge_deduplication(std::int64_t cycles) override;

    [[nodiscard]] std::string_view description() const override { return "Pager of the Shared Memory Pool"; }
    void close() override;
    void on_event(const sim::Event& event) override;
    void digest(sim::Digest& digest) const override;

    void on_request_done(std::uint32_t cookie, wire::ScsiStatus status, std::uint32_t retries) override;
    void on_disk_found(aix::Disk&) override {}
    void on_disk_reported(aix::Disk& disk) override;

  protected:
    void on_configure() override;
    void on_unconfigure() override;

  private:
    static constexpr std::uint32_t kNoDevice = 0xffff'ffff;
    /// A request with the disk, or waiting for its answer's time.
    struct Request {
        std::uint32_t tag = 0;
        std::uint32_t device = kNoDevice;
        bool is_check = false;  ///< nobody asked: whether the device answers
        bool is_page_out = false;
        bool is_forgotten = false;  ///< the hypervisor does not wait for it
        bool succeeded = false;
        void digest(sim::Digest& digest) const;
    };

    [[nodiscard]] std::uint32_t device_of(hypervisor::PartitionId id) const;
    void answer(std::uint32_t cookie);
    void leave();
    void set_usable(PagingSpaceDevice& device, bool before);
    void lose(std::uint32_t device);
    void check_device(std::uint32_t device);
    void on_check_done(std::uint32_t device, wire::ScsiStatus status);

    IoProcessor& processor_;
    std::vector<PagingSpaceDevice*> devices_;  ///< in the order of adding
    CookieTable<Request> requests_;
    std::uint32_t in_service_ = 0;
    bool attached_ = false;
    PagingServerCounters counters_;
};

}  // namespace pvmsim::vios
