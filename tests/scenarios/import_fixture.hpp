// Listings of a POWER7 machine that never was, made for these tests: two VIOSes with SEA failover and a control
// channel, a client with virtual SCSI from both, one with virtual Fibre Channel and dedicated processors, in the rows
// of HMC V7R7.
#pragma once

#include <map>
#include <string>

#include "tests/scenarios/recordings_support.hpp"

namespace pvmsim::scenarios {

/// File name without the system -> text. A test changes what it needs before it writes them.
using Listings = std::map<std::string, std::string>;

inline std::string power7_profile(const std::string& name, const std::string& id, const std::string& env,
                                  const std::string& io, const std::string& scsi, const std::string& eth,
                                  const std::string& fc) {
    return "name=normal,lpar_name=" + name + ",lpar_id=" + id + ",lpar_env=" + env +
           ",all_resources=0,min_mem=1024,desired_mem=4096,max_mem=8192,mem_mode=ded,mem_expansion=0.0,hpt_ratio=1:64,"
           "proc_mode=shared,min_proc_units=0.1,desired_proc_units=0.5,max_proc_units=2.0,min_procs=1,desired_procs=2,"
           "max_procs=4,sharing_mode=uncap,uncap_weight=128,shared_proc_pool_id=0," +
           io + ",max_virtual_slots=50," + scsi + "," + eth + "," + fc + ",boot_mode=norm\n";
}

inline std::string power7_processors(const std::string& name, const std::string& id) {
    return "lpar_name=" + name + ",lpar_id=" + id +
           ",curr_shared_proc_pool_id=0,curr_proc_mode=shared,curr_min_proc_units=0.1,curr_proc_units=0.75,"
           "curr_max_proc_units=2.0,curr_min_procs=1,curr_procs=3,curr_max_procs=4,curr_sharing_mode=uncap,"
           "curr_uncap_weight=200,run_proc_units=0.75,run_procs=3,run_uncap_weight=200\n";
}

inline std::string power7_memory(const std::string& name, const std::string& id) {
    return "lpar_name=" + name + ",lpar_id=" + id +
           ",curr_min_mem=1024,curr_mem=4096,curr_max_mem=8192,run_mem=4096,mem_mode=ded,curr_hpt_ratio=1:128\n";
}

inline std::string power7_slot(const std::string& location, const std::string& index, const std::string& owner,
                               const std::string& pci_class, const std::string& description) {
    return "unit_phys_loc=U78AA.001.WZSG001,bus_id=513,phys_loc=" + location + ",drc_index=" + index + "," + owner +
           ",slot_io_pool_id=none,description=" + description + ",feature_codes=none,pci_class=" + pci_class +
           ",drc_name=U78AA.001.WZSG001-P1-" + location + "\n";
}

inline std::string power7_ethernet(const std::string& lpar, const std::string& slot, const std::string& rest) {
    return lpar + ",slot_num=" + slot + ",state=1,is_required=0," + rest +
           ",vswitch=ETHERNET0,allowed_os_mac_addrs=all,qos_priority=none\n";
}

inline Listings power7_listings() {
    const std::string vios1 = "lpar_name=vios1,lpar_id=1", vios2 = "lpar_name=vios2,lpar_id=2";
    const std::string app1 = "lpar_name=app1,lpar_id=3", db1 = "lpar_name=db1,lpar_id=4";
    Listings files;
    files["sys"] = "name=p740x,type_model=8205-E6C,serial_num=06A1B2C,state=Operating\n";
    files["lpar_real"] =
        "name=db1,lpar_id=4,lpar_env=aixlinux,state=Running,default_profile=normal,curr_profile=normal\n"
        "name=app1,lpar_id=3,lpar_env=aixlinux,state=Running,default_profile=normal,curr_profile=normal\n"
        "name=vios1,lpar_id=1,lpar_env=vioserver,state=Running,default_profile=normal,curr_profile=normal\n"
        "name=vios2,lpar_id=2,lpar_env=vioserver,state=Running,default_profile=normal,curr_profile=normal\n";
    files["prof"] =
        power7_profile("vios1", "1", "vioserver", "\"io_slots=21010201/none/1,21010202/none/1\"",
                       "virtual_scsi_adapters=20/server/3/app1/20/1",
                       "\"virtual_eth_adapters=\"\"10/1/1/100,200/1/0/ETHERNET0//all/none\"\",\"\"11/0/99//0/0/"
                       "ETHERNET0//all/none\"\"\"",
                       "\"virtual_fc_adapters=\"\"30/server/4/db1/30//0\"\"\"") +
        power7_profile("vios2", "2", "vioserver", "\"io_slots=21010203/none/1,21010204/none/1\"",
                       "virtual_scsi_adapters=20/server/3/app1/21/1",
                       "\"virtual_eth_adapters=\"\"10/1/1/100,200/2/0/ETHERNET0//all/none\"\",\"\"11/0/99//0/0/"
                       "ETHERNET0//all/none\"\"\"",
                       "\"virtual_fc_adapters=\"\"30/server/4/db1/31//0\"\"\"") +
        power7_profile("app1", "3", "aixlinux", "io_slots=none",
                       "\"virtual_scsi_adapters=20/client/1/vios1/20/1,21/client/2/vios2/20/1\"",
                       "virtual_eth_adapters=10/0/100//0/1/ETHERNET0//all/none", "virtual_fc_adapters=none") +
        power7_profile("db1", "4", "aixlinux", "io_slots=none", "virtual_scsi_adapters=none",
                       "virtual_eth_adapters=10/0/200//0/1/ETHERNET0//all/none",
                       "\"virtual_fc_adapters=\"\"30/client/1/vios1/30/c0507601a2b30010,c0507601a2b30011/1\"\","
                       "\"\"31/client/2/vios2/30/c0507601a2b30012,c0507601a2b30013/1\"\"\"");
    files["proc"] = "configurable_sys_proc_units=16.0,curr_avail_sys_proc_units=11.0,installed_sys_proc_units=16.0\n";
    files["proc_lpar"] = power7_processors("vios1", "1") + power7_processors("vios2", "2") +
                         power7_processors("app1", "3") + db1 +
                         ",curr_proc_mode=ded,curr_min_procs=1,curr_procs=3,curr_max_procs=4,"
                         "curr_sharing_mode=share_idle_procs\n";
    files["mem"] =
        "configurable_sys_mem=131072,curr_avail_sys_mem=90000,installed_sys_mem=131072,mem_region_size=256\n";
    files["mem_lpar"] = power7_memory("vios1", "1") + power7_memory("vios2", "2") + power7_memory("app1", "3") +
                        power7_memory("db1", "4");
    files["virtual_eth"] =
        power7_ethernet(vios1, "10",
                        "is_trunk=1,trunk_priority=1,ieee_virtual_eth=1,port_vlan_id=1,\"addl_vlan_ids=100,200\",mac_"
                        "addr=DA2650001001") +
        power7_ethernet(vios1, "11",
                        "is_trunk=0,ieee_virtual_eth=0,port_vlan_id=99,addl_vlan_ids=,mac_addr=DA2650001002") +
        power7_ethernet(vios2, "10",
                        "is_trunk=1,trunk_priority=2,ieee_virtual_eth=1,port_vlan_id=1,\"addl_vlan_ids=100,200\",mac_"
                        "addr=DA2650002001") +
        power7_ethernet(vios2, "11",
                        "is_trunk=0,ieee_virtual_eth=0,port_vlan_id=99,addl_vlan_ids=,mac_addr=DA2650002002") +
        power7_ethernet(app1, "10",
                        "is_trunk=0,ieee_virtual_eth=0,port_vlan_id=100,addl_vlan_ids=,mac_addr=DA2650003001") +
        power7_ethernet(db1, "10",
                        "is_trunk=0,ieee_virtual_eth=0,port_vlan_id=200,addl_vlan_ids=,mac_addr=DA2650004001");
    const auto scsi = [](const std::string& lpar, const std::string& slot, const std::string& role,
                         const std::string& remote) {
        return lpar + ",slot_num=" + slot + ",state=1,is_required=1,adapter_type=" + role + "," + remote + "\n";
    };
    files["virtual_scsi"] = scsi(vios1, "20", "server", "remote_lpar_id=3,remote_lpar_name=app1,remote_slot_num=20") +
                            scsi(vios2, "20", "server", "remote_lpar_id=3,remote_lpar_name=app1,remote_slot_num=21") +
                            scsi(app1, "20", "client", "remote_lpar_id=1,remote_lpar_name=vios1,remote_slot_num=20") +
                            scsi(app1, "21", "client", "remote_lpar_id=2,remote_lpar_name=vios2,remote_slot_num=20");
    files["virtual_fc"] =
        scsi(vios1, "30", "server", "remote_lpar_id=4,remote_lpar_name=db1,remote_slot_num=30") +
        scsi(vios2, "30", "server", "remote_lpar_id=4,remote_lpar_name=db1,remote_slot_num=31") +
        scsi(db1, "30", "client",
             "remote_lpar_id=1,remote_lpar_name=vios1,remote_slot_num=30,\"wwpns=c0507601a2b30010,c0507601a2b30011\"") +
        scsi(db1, "31", "client",
             "remote_lpar_id=2,remote_lpar_name=vios2,remote_slot_num=30,\"wwpns=c0507601a2b30012,c0507601a2b30013\"");
    const auto slots = [](const std::string& lpar) {
        return lpar + ",curr_max_virtual_slots=60,pend_max_virtual_slots=60\n";
    };
    files["virtual_slot"] = slots(vios1) + slots(vios2) + slots(app1) + slots(db1);
    files["io_slot"] =
        power7_slot("C1", "21010201", vios1, "0200", "PCI-E 10/100/1000 Base-TX 4-Port Ethernet Adapter") +
        power7_slot("C2", "21010202", vios1, "0C04", "8 Gigabit PCI Express Dual Port Fibre Channel Adapter") +
        power7_slot("C3", "21010203", vios2, "0200", "PCI-E 10/100/1000 Base-TX 4-Port Ethernet Adapter") +
        power7_slot("C4", "21010204", vios2, "0C04", "8 Gigabit PCI Express Dual Port Fibre Channel Adapter") +
        power7_slot("C5", "21010205", "lpar_id=none", "FFFF", "Empty slot");
    return files;
}

inline void write_listings(const TemporaryDirectory& directory, const Listings& listings) {
    for (const auto& [name, text] : listings) directory.write("p740x_" + name + ".txt", text);
}

}  // namespace pvmsim::scenarios
