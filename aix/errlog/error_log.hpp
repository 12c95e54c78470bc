// The error log of one operating system (errpt): entries in order, newest last. Identifiers are those of formats B.8;
// an entry whose identifier no source gives has only a label.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/time.hpp"

namespace pvmsim::aix {

struct ErrorLogTemplate {
    const char* identifier;  ///< 8 hex digits, or "" when unknown
    const char* label;
    char type;         ///< T temporary, P permanent, I informational, U unknown
    char error_class;  ///< H hardware, S software, O operator, U undetermined
    const char* description;
};

/// Entries that the model writes.
namespace errors {
inline constexpr ErrorLogTemplate kDiskOperation{"DCB47997", "SC_DISK_ERR4", 'T', 'H', "DISK OPERATION ERROR"};
inline constexpr ErrorLogTemplate kPathFailed{"DE3B8540", "SC_DISK_ERR7", 'P', 'H', "PATH HAS FAILED"};
inline constexpr ErrorLogTemplate kPathRecovered{"", "SC_DISK_PCM_ERR9", 'I', 'H', "PATH HAS RECOVERED"};
inline constexpr ErrorLogTemplate kLinkError{"4B436A3D", "FCP_ERR", 'T', 'H', "LINK ERROR"};
inline constexpr ErrorLogTemplate kVirtualLinkDead{"D712FEAE", "", 'T', 'S', "LINK_DEAD events reported by the VIOS"};
inline constexpr ErrorLogTemplate kVfcHost{"7870C5A4", "", 'T', 'S', "Virtual FC Host Adapter detected an error"};
inline constexpr ErrorLogTemplate kVscsiClient{"", "VSCSI_ERR", 'T', 'H', "Virtual SCSI adapter lost its server"};
inline constexpr ErrorLogTemplate kSeaLimbo{"8D424E06", "VIOS_SEA_ADAP_FAIL", 'P', 'H', "ADAPTER FAILURE"};
inline constexpr ErrorLogTemplate kSeaPrimary{"E136EAFA", "", 'I', 'H', "BECOME PRIMARY"};
inline constexpr ErrorLogTemplate kSeaBackup{"40D97644", "", 'I', 'H', "BECOME BACKUP"};
inline constexpr ErrorLogTemplate kEtherChannelFailover{"F3846E13", "", 'P', 'H', "ETHERCHANNEL FAILOVER"};
inline constexpr ErrorLogTemplate kEtherChannelRecovery{"8650BE3F", "", 'I', 'H', "ETHERCHANNEL RECOVERY"};
inline constexpr ErrorLogTemplate kPingFailedPrimary{"", "ECH_PING_FAIL_PRMRY", 'P', 'H', "PING TO REMOTE HOST FAILED"};
inline constexpr ErrorLogTemplate kPingFailedBackup{"", "ECH_PING_FAIL_BCKP", 'P', 'H', "PING TO REMOTE HOST FAILED"};
}  // namespace errors

struct ErrorLogEntry {
    sim::SimTime at;
    const ErrorLogTemplate* what;
    std::string resource;  ///< device name
    std::string detail;
};

class ErrorLog {
  public:
    /// Oldest entries go when the log is full; AIX's default log file holds about this many.
    static constexpr std::size_t kEntriesMax = 4096;

    void add(sim::SimTime at, const ErrorLogTemplate& what, std::string resource, std::string detail = {});
    [[nodiscard]] const std::vector<ErrorLogEntry>& entries() const { return entries_; }
    /// How many were written, those dropped since included.
    [[nodiscard]] std::uint64_t written() const { return written_; }

  private:
    std::vector<ErrorLogEntry> entries_;
    std::uint64_t written_ = 0;
};

}  // namespace pvmsim::aix
