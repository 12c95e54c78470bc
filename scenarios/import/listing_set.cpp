// Finding and recognising HMC listings; see listing_set.hpp. Files are visited in the order of their names, so that the
// same directory gives the same result on every file system.
#include "scenarios/import/listing_set.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace pvmsim::scenarios {

namespace {

/// [PARAM] our choice: a directory of listings has a dozen files, not the whole disk.
constexpr std::size_t kFilesMax = 1000;

using enum ListingKind;
constexpr std::array<ListingKindInfo, kListingKinds> kKinds = {{
    {kSystem, "_sys.txt", "lssyscfg -r sys", false},
    {kPartitions, "_lpar_real.txt", "lssyscfg -r lpar -m M", true},
    {kProfiles, "_prof.txt", "lssyscfg -r prof -m M", true},
    {kProcessorsOfSystem, "_proc.txt", "lshwres -r proc --level sys -m M", true},
    {kProcessorsOfPartitions, "_proc_lpar.txt", "lshwres -r proc --level lpar -m M", false},
    {kMemoryOfSystem, "_mem.txt", "lshwres -r mem --level sys -m M", true},
    {kMemoryOfPartitions, "_mem_lpar.txt", "lshwres -r mem --level lpar -m M", false},
    {kVirtualEthernet, "_virtual_eth.txt", "lshwres -r virtualio --rsubtype eth --level lpar -m M", false},
    {kVirtualScsi, "_virtual_scsi.txt", "lshwres -r virtualio --rsubtype scsi -m M", false},
    {kVirtualFibreChannel, "_virtual_fc.txt", "lshwres -r virtualio --rsubtype fc --level lpar -m M", false},
    {kVirtualSerial, "_virtual_serial.txt", "lshwres -r virtualio --rsubtype serial --level lpar -m M", false},
    {kVirtualSlots, "_virtual_slot.txt", "lshwres -r virtualio --rsubtype slot --level lpar -m M", false},
    {kPhysicalSlots, "_io_slot.txt", "lshwres -r io --rsubtype slot -m M", true},
}};

constexpr std::size_t index_of(ListingKind kind) { return static_cast<std::size_t>(kind); }

const ListingKindInfo* kind_by_name(std::string_view file_name) {
    const ListingKindInfo* longest =
        nullptr;  // "_mem.txt" is no end of "_mem_lpar.txt", but "_slot.txt"-like ones may come
    for (const auto& info : kKinds) {
        const bool ends = file_name.ends_with(info.file_name_end);
        if (ends && (longest == nullptr || info.file_name_end.size() > longest->file_name_end.size())) longest = &info;
    }
    return longest;
}

std::optional<ListingKind> kind_by_content(const HmcListing& listing) {
    const auto has = [&](auto... attributes) { return (listing.has(attributes) && ...); };
    if (has("type_model", "serial_num", "state")) return kSystem;
    if (has("lpar_name", "desired_mem", "proc_mode")) return kProfiles;
    if (has("name", "lpar_env", "state")) return kPartitions;
    if (has("configurable_sys_proc_units")) return kProcessorsOfSystem;
    if (has("lpar_id", "curr_proc_mode")) return kProcessorsOfPartitions;
    if (has("configurable_sys_mem")) return kMemoryOfSystem;
    if (has("lpar_id", "curr_mem")) return kMemoryOfPartitions;
    if (has("slot_num", "port_vlan_id")) return kVirtualEthernet;
    if (has("slot_num", "supports_hmc")) return kVirtualSerial;
    if (has("slot_num", "wwpns")) return kVirtualFibreChannel;
    if (has("lpar_id", "curr_max_virtual_slots")) return kVirtualSlots;
    if (has("drc_index", "phys_loc")) return kPhysicalSlots;
    return std::nullopt;
}

/// The kind of a listing, by content, then by name. Server adapters alone may be of either kind: the name decides.
std::optional<ListingKind> kind_of(const HmcListing& listing, const ListingKindInfo* by_name) {
    if (const auto kind = kind_by_content(listing)) return kind;
    if (listing.has("adapter_type") && listing.has("remote_slot_num")) {
        const bool fibre_channel = by_name != nullptr && by_name->kind == kVirtualFibreChannel;
        return fibre_channel ? kVirtualFibreChannel : kVirtualScsi;
    }
    if (by_name != nullptr && listing.records.empty()) return by_name->kind;
    return std::nullopt;
}

std::expected<std::vector<std::filesystem::path>, RecordingError> files_of(const std::filesystem::path& directory) {
    std::error_code code;
    if (!std::filesystem::exists(directory, code)) {
        return std::unexpected(RecordingError{directory.string(), 0, "no such directory"});
    }
    std::filesystem::directory_iterator at(directory, code);
    if (code) return std::unexpected(RecordingError{directory.string(), 0, "cannot be read as a directory"});
    std::vector<std::filesystem::path> files;
    for (const std::filesystem::directory_iterator end; at != end; at.increment(code)) {
        std::error_code ignored;
        if (at->is_regular_file(ignored)) files.push_back(at->path());
        if (files.size() > kFilesMax) {
            return std::unexpected(
                RecordingError{directory.string(), 0, "more than 1000 files: not a directory of listings"});
        }
    }
    if (code) return std::unexpected(RecordingError{directory.string(), 0, "cannot be read to its end"});
    std::ranges::sort(files);
    return files;
}

class Finder {
  public:
    explicit Finder(const std::filesystem::path& directory) : directory_(directory.string()) {}

    void visit(const std::filesystem::path& path);
    std::expected<ListingSet, std::vector<RecordingError>> finish();

  private:
    void take_system_name(std::string_view file_name, const ListingKindInfo& by_name, const std::string& file);

    std::string directory_;
    ListingSet set_;
    std::string named_by_;  ///< the file that gave the system its name
    std::vector<RecordingError> errors_;
};

void Finder::visit(const std::filesystem::path& path) {
    const std::string file_name = path.filename().string();
    const ListingKindInfo* by_name = kind_by_name(file_name);
    auto listing = read_hmc_listing(path);
    if (!listing) {
        // A file that does not even claim to be a listing may be anything.
        if (by_name != nullptr)
            errors_.push_back(std::move(listing).error());
        else
            set_.other_files.push_back(file_name);
        return;
    }
    const auto kind = kind_of(*listing, by_name);
    if (!kind && by_name != nullptr) {
        errors_.push_back(
            {path.string(), 1, "this is not what '" + std::string(by_name->command) + "' prints (without -F)"});
        return;
    }
    if (!kind) {
        set_.other_files.push_back(file_name);
        return;
    }
    if (by_name != nullptr) take_system_name(file_name, *by_name, path.string());
    auto& place = set_.listings[index_of(*kind)];
    if (place && !place->records.empty() && !listing->records.empty()) {
        errors_.push_back({path.string(), 0,
                           "a second listing of '" + std::string(listing_kind_info(*kind).command) +
                               "'; the first is " + place->file + ". Give each system its own directory"});
        return;
    }
    if (!place || place->records.empty()) place = *std::move(listing);
}

void Finder::take_system_name(std::string_view file_name, const ListingKindInfo& by_name, const std::string& file) {
    if (!file_name.ends_with(by_name.file_name_end)) return;
    const auto name = file_name.substr(0, file_name.size() - by_name.file_name_end.size());
    if (name.empty()) return;
    if (set_.system_name.empty()) {
        set_.system_name = name;
        named_by_ = file;
    } else if (set_.system_name != name) {
        errors_.push_back({file, 0,
                           "belongs to the system '" + std::string(name) + "', but " + named_by_ + " to '" +
                               set_.system_name + "'. Give each system its own directory"});
    }
}

std::expected<ListingSet, std::vector<RecordingError>> Finder::finish() {
    const auto has_records = [](const auto& listing) { return listing && !listing->records.empty(); };
    if (errors_.empty() && std::ranges::none_of(set_.listings, has_records)) {
        errors_.push_back({directory_, 0, "no HMC listing in this directory; docs/import.md says how to record them"});
        return std::unexpected(std::move(errors_));
    }
    for (const auto& info : kKinds) {
        // What could not be read is no reason to call it missing as well.
        const bool reported = std::ranges::any_of(errors_, [&](const RecordingError& error) {
            const auto* by_name = kind_by_name(std::filesystem::path(error.file).filename().string());
            return by_name != nullptr && by_name->kind == info.kind;
        });
        if (!info.essential || reported || has_records(set_.listings[index_of(info.kind)])) continue;
        errors_.push_back({directory_, 0,
                           "the listing of '" + std::string(info.command) + "' is needed (usual file name: SYSTEM" +
                               std::string(info.file_name_end) + "): " + set_.why_absent(info.kind)});
    }
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(set_);
}

}  // namespace

const ListingKindInfo& listing_kind_info(ListingKind kind) { return kKinds[index_of(kind)]; }

const HmcListing* ListingSet::find(ListingKind kind) const {
    const auto& listing = listings[index_of(kind)];
    return listing && !listing->records.empty() ? &*listing : nullptr;
}

std::string ListingSet::why_absent(ListingKind kind) const {
    const auto& listing = listings[index_of(kind)];
    if (!listing) return "there is no such file";
    const auto reason = listing->no_data_because();
    const auto name = std::filesystem::path(listing->file).filename().string();
    return reason.empty() ? name + " is empty" : name + " says: " + reason;
}

std::expected<ListingSet, std::vector<RecordingError>> find_listings(const std::filesystem::path& directory) {
    const auto files = files_of(directory);
    if (!files) return std::unexpected(std::vector{files.error()});
    Finder finder(directory);
    for (const auto& file : *files) finder.visit(file);
    return finder.finish();
}

}  // namespace pvmsim::scenarios
