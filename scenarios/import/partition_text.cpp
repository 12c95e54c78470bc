// Writing partitions: what was recorded under the HMC's own attribute names, then what the site assumes of their
// software and load.
#include "scenarios/import/partition_text.hpp"

#include <algorithm>
#include <string>

#include "scenarios/import/adapter_strings.hpp"
#include "scenarios/import/record_reader.hpp"

namespace pvmsim::scenarios {

namespace {

using hypervisor::PartitionEnvironment;
using hypervisor::PartitionProfile;

std::string_view word(PartitionEnvironment environment) {
    switch (environment) {
        case PartitionEnvironment::kAixLinux:
            return "aixlinux";
        case PartitionEnvironment::kOs400:
            return "os400";
        case PartitionEnvironment::kVioServer:
            return "vioserver";
    }
    return {};
}

std::string_view word(hypervisor::SharingMode mode) {
    using enum hypervisor::SharingMode;
    switch (mode) {
        case kCapped:
            return "cap";
        case kUncapped:
            return "uncap";
        case kKeepIdleProcs:
            return "keep_idle_procs";
        case kShareIdleProcs:
            return "share_idle_procs";
        case kShareIdleProcsActive:
            return "share_idle_procs_active";
        case kShareIdleProcsAlways:
            return "share_idle_procs_always";
    }
    return {};
}

std::string megabytes(std::uint64_t mib) { return std::to_string(mib) + "MB"; }
std::string slot_name(hypervisor::SlotNumber slot) { return "V" + std::to_string(slot.value()); }

class PartitionText {
  public:
    PartitionText(YamlWriter& out, const RecordedMachine& machine, const AssumedSite& site,
                  const RecordedPartition& partition)
        : out_(out), machine_(machine), site_(site), partition_(partition), profile_(partition.profile) {}

    void write() {
        out_.pair(yaml_text(partition_.name), {});
        out_.indent();
        for (const auto& note : partition_.notes) out_.comment(note);
        out_.pair("system", yaml_text(machine_.name));
        out_.pair("lpar_id", std::to_string(partition_.lpar_id.value()));
        out_.pair("lpar_env", word(partition_.lpar_env));
        out_.pair("state", partition_.running ? "running" : "not_activated");
        write_profile();
        if (partition_.lpar_env == PartitionEnvironment::kVioServer)
            write_virtual_io_server();
        else
            write_client();
        out_.outdent();
    }

  private:
    void write_profile();
    void write_processors();
    void write_adapters();
    void write_io_slots();
    void write_list(std::string_view key, const std::vector<std::pair<std::string, std::string>>& items);
    void write_virtual_io_server();
    void write_seas();
    void write_targets();
    void write_client();
    void write_workload();

    [[nodiscard]] std::string partner_name(hypervisor::PartitionId id) const {
        const auto found = std::ranges::find(machine_.partitions, id, &RecordedPartition::lpar_id);
        return found == machine_.partitions.end() ? std::string() : found->name;
    }
    [[nodiscard]] const std::vector<hypervisor::VirtualEthernetAdapter>* assumed_control_channels() const {
        const auto found = site_.control_channels.find(partition_.lpar_id);
        return found == site_.control_channels.end() ? nullptr : &found->second;
    }

    YamlWriter& out_;
    const RecordedMachine& machine_;
    const AssumedSite& site_;
    const RecordedPartition& partition_;
    const PartitionProfile& profile_;
};

void PartitionText::write_profile() {
    out_.pair("profile", {});
    out_.indent();
    out_.pair("name", yaml_text(profile_.name));
    out_.pair("min_mem", megabytes(profile_.min_mem_mib));
    out_.pair("desired_mem", megabytes(profile_.desired_mem_mib));
    out_.pair("max_mem", megabytes(profile_.max_mem_mib));
    if (profile_.mem_mode == hypervisor::MemoryMode::kShared) {
        out_.pair("mem_mode", "ded", "default: the listing says shared; shared memory pools are not imported");
    }
    if (profile_.hpt_ratio != PartitionProfile{}.hpt_ratio) {
        out_.pair("hpt_ratio", yaml_quoted("1:" + std::to_string(profile_.hpt_ratio)));
    }
    write_processors();
    write_adapters();
    out_.outdent();
}

void PartitionText::write_processors() {
    const bool shared = profile_.proc_mode == hypervisor::ProcessorMode::kShared;
    out_.pair("proc_mode", shared ? "shared" : "ded");
    if (shared) {
        out_.pair("min_proc_units", units_text(profile_.min_proc_units));
        out_.pair("desired_proc_units", units_text(profile_.desired_proc_units));
        out_.pair("max_proc_units", units_text(profile_.max_proc_units));
    }
    out_.pair("min_procs", std::to_string(profile_.min_procs));
    out_.pair("desired_procs", std::to_string(profile_.desired_procs));
    out_.pair("max_procs", std::to_string(profile_.max_procs));
    out_.pair("sharing_mode", word(profile_.sharing_mode));
    if (!shared) return;
    out_.pair("uncap_weight", std::to_string(profile_.uncap_weight));
    if (profile_.shared_proc_pool_id != hypervisor::kDefaultPool) {
        out_.comment("default: DefaultPool; the listing says shared_proc_pool_id=" +
                     std::to_string(profile_.shared_proc_pool_id.value()) + ", other pools are not imported");
    }
}

void PartitionText::write_list(std::string_view key, const std::vector<std::pair<std::string, std::string>>& items) {
    if (items.empty()) return;
    out_.pair(key, {});
    out_.indent();
    for (const auto& [text, comment] : items) out_.item(yaml_quoted(text), comment);
    out_.outdent();
}

void PartitionText::write_adapters() {
    std::uint32_t slots = profile_.max_virtual_slots;
    std::vector<std::pair<std::string, std::string>> ethernet;
    for (const auto& adapter : profile_.virtual_eth_adapters)
        ethernet.emplace_back(adapter_strings::write(adapter), "");
    if (const auto* assumed = assumed_control_channels()) {
        for (const auto& adapter : *assumed) {
            ethernet.emplace_back(adapter_strings::write(adapter), "assumed: control channel, not in the listing");
            slots = std::max<std::uint32_t>(slots, adapter.slot_num.value() + 1u);
        }
    }
    out_.pair("max_virtual_slots", std::to_string(slots),
              slots == profile_.max_virtual_slots ? "" : "assumed: one more for the control channel");
    write_io_slots();
    write_list("virtual_eth_adapters", ethernet);
    std::vector<std::pair<std::string, std::string>> scsi;
    for (const auto& adapter : profile_.virtual_scsi_adapters) {
        scsi.emplace_back(adapter_strings::write(adapter, partner_name(adapter.remote_lpar_id)), "");
    }
    write_list("virtual_scsi_adapters", scsi);
    std::vector<std::pair<std::string, std::string>> fibre_channel;
    for (const auto& adapter : profile_.virtual_fc_adapters) {
        fibre_channel.emplace_back(adapter_strings::write(adapter, partner_name(adapter.remote_lpar_id)), "");
    }
    write_list("virtual_fc_adapters", fibre_channel);
}

void PartitionText::write_io_slots() {
    std::vector<std::pair<std::string, std::string>> items;
    for (const auto& request : profile_.io_slots) {
        const auto same = [&](const AssumedSlot& slot) { return slot.slot.config.drc_index == request.drc_index; };
        const auto slot = std::ranges::find_if(site_.slots, same);
        const auto index = drc_index_text(request.drc_index);
        const std::string flag = request.is_required ? "/none/1" : "/none/0";
        if (slot == site_.slots.end()) {
            out_.comment("io_slots: " + index + flag + " is left out: there is no such slot in the listing of slots");
        } else {
            items.emplace_back(slot->slot.config.location + flag, index);
        }
    }
    for (const auto& slot : site_.slots) {
        if (slot.listed || slot.owner != partition_.lpar_id) continue;
        items.emplace_back(slot.slot.config.location + "/none/1", "assumed adapter");
    }
    write_list("io_slots", items);
}

void PartitionText::write_virtual_io_server() {
    const auto has_mine = [&](const auto& items) {
        return std::ranges::any_of(items, [&](const auto& item) { return item.vios == partition_.lpar_id; });
    };
    if (has_mine(site_.targets)) {
        out_.pair("devices", {},
                  "default: disks that two VIOSes share must not be reserved; lsdev -dev hdisk0 -attr tells yours");
        out_.indent();
        out_.pair("hdisk", "{ reserve_policy: no_reserve, hcheck_interval: 60 }");
        out_.pair("fscsi", "{ fc_err_recov: fast_fail, dyntrk: yes }");
        out_.outdent();
    }
    if (!has_mine(site_.seas) && !has_mine(site_.targets) && !has_mine(site_.mappings)) return;
    out_.pair("vios", {},
              "default: the HMC does not see the VIOS's own configuration; lsmap -all and lsmap -all -net tell yours");
    out_.indent();
    if (has_mine(site_.seas)) write_seas();
    if (has_mine(site_.targets)) write_targets();
    if (has_mine(site_.mappings)) {
        out_.pair("vfc_mappings", {});
        out_.indent();
        for (const auto& mapping : site_.mappings) {
            if (mapping.vios == partition_.lpar_id) out_.pair(slot_name(mapping.vadapter), yaml_text(mapping.port));
        }
        out_.outdent();
    }
    out_.outdent();
}

void PartitionText::write_seas() {
    out_.pair("shared_ethernet_adapters", {});
    out_.indent();
    for (const auto& sea : site_.seas) {
        if (sea.vios != partition_.lpar_id) continue;
        std::string trunks;
        for (const auto& trunk : sea.trunks) trunks += (trunks.empty() ? "" : ", ") + slot_name(trunk.slot_num);
        std::string text = "{ real_adapter: " + yaml_text(sea.real_adapter) + ", virt_adapters: [" + trunks +
                           "], pvid_adapter: " + slot_name(sea.trunks.front().slot_num) +
                           ", pvid: " + std::to_string(sea.trunks.front().port_vlan_id.value());
        if (sea.control_channel != hypervisor::SlotNumber{}) {
            text += ", ctl_chan: " + slot_name(sea.control_channel) + ", ha_mode: auto";
        }
        out_.comment("default: " + sea.note);
        out_.pair(sea.name, text + " }");
    }
    out_.outdent();
}

void PartitionText::write_targets() {
    out_.pair("virtual_targets", {});
    out_.indent();
    for (const auto& target : site_.targets) {
        if (target.vios != partition_.lpar_id) continue;
        out_.pair(target.name, "{ vdev: " + yaml_quoted("storage." + target.lun) +
                                   ", vadapter: " + slot_name(target.vadapter) + " }");
    }
    out_.outdent();
}

void PartitionText::write_client() {
    const bool has_scsi = !profile_.virtual_scsi_adapters.empty();
    const bool has_fibre_channel = !profile_.virtual_fc_adapters.empty();
    if (has_scsi || has_fibre_channel) {
        out_.pair("devices", {}, "default: as recommended for two VIOSes; lsattr -El tells yours");
        out_.indent();
        out_.pair("hdisk",
                  "{ algorithm: fail_over, hcheck_interval: 60, hcheck_mode: nonactive, reserve_policy: no_reserve }");
        if (has_scsi) out_.pair("vscsi", "{ vscsi_err_recov: fast_fail, vscsi_path_to: 30 }");
        if (has_fibre_channel) out_.pair("fscsi", "{ fc_err_recov: fast_fail, dyntrk: yes }");
        out_.outdent();
    }
    if (partition_.running) write_workload();
}

void PartitionText::write_workload() {
    const auto has_lun = [&](const AssumedLun& lun) {
        return std::ranges::find(lun.hosts, partition_.lpar_id) != lun.hosts.end();
    };
    const auto serves = [&](const AssumedTarget& target) {
        const auto vios = target.vios;
        return std::ranges::any_of(profile_.virtual_scsi_adapters, [&](const hypervisor::VirtualScsiAdapter& adapter) {
            return adapter.remote_lpar_id == vios && adapter.remote_slot_num == target.vadapter;
        });
    };
    const bool has_disk = std::ranges::any_of(site_.luns, has_lun) || std::ranges::any_of(site_.targets, serves);
    const bool has_network = std::ranges::any_of(profile_.virtual_eth_adapters, [&](const auto& adapter) {
        return !adapter.is_trunk() && std::ranges::find(site_.vlans, adapter.port_vlan_id) != site_.vlans.end();
    });
    const bool shared = profile_.proc_mode == hypervisor::ProcessorMode::kShared;
    const auto procs = static_cast<std::int32_t>(profile_.desired_procs);
    const auto entitled = shared ? profile_.desired_proc_units : hypervisor::ProcUnits{procs * 100};
    out_.pair("workload", {}, "default: half of the entitlement, and enough I/O to see an outage");
    out_.indent();
    out_.pair("processor", "{ demand: " + units_text({entitled.hundredths / 2}) + " }");
    if (has_disk) out_.pair("disk", "{ rate: 20/s, size: 4KB, read: 70% }");
    if (has_network) out_.pair("network", "{ to: gateway, rate: 1/s }");
    out_.outdent();
}

}  // namespace

void write_partitions(YamlWriter& out, const RecordedMachine& machine, const AssumedSite& site) {
    out.pair("partitions", {});
    out.indent();
    for (const auto& partition : machine.partitions) PartitionText(out, machine, site, partition).write();
    out.outdent();
}

}  // namespace pvmsim::scenarios
