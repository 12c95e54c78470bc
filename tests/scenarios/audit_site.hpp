// A site that the audit finds nothing in: two VIOSes with a SEA pair over link aggregations, two clients with virtual
// SCSI and one with virtual Fibre Channel, each from both. Tests break one thing at a time.
#pragma once

#include <string>
#include <string_view>

namespace pvmsim::scenarios::audit {

inline constexpr std::string_view kCleanSite = R"(pvmsim: 1
name: Clean site
duration: 1min

fabric:
  lan:
    switches:
      sw1: { vlans: [1, 100, 200], storm_action: shutdown }
      sw2: { vlans: [1, 100, 200], storm_action: shutdown }
    links:
      - { a: sw1, b: sw2 }
    hosts:
      gateway: { switch: sw1, addresses: { 100: 10.1.100.1, 200: 10.1.200.1 } }
      gateway2: { switch: sw2, addresses: { 100: 10.1.100.2 } }
  san:
    fabric_a:
      switches: [fcsw1]
      zones: { all: [vios1, vios2, db1, ds1] }
    fabric_b:
      switches: [fcsw2]
      zones: { all: [vios1, vios2, db1, ds1] }
  storage:
    ds1:
      ports: { A-P0: fcsw1, A-P1: fcsw2, B-P0: fcsw1, B-P1: fcsw2 }
      luns:
        app1_root: { size: 50GB, hosts: [vios1, vios2] }
        app2_root: { size: 50GB, hosts: [vios1, vios2] }
        db1_root: { size: 50GB, hosts: [db1] }

systems:
  p740a:
    type_model: 8205-E6C
    cores: 16
    memory: 128GB
    edition: enterprise
    slots:
      C2:
        adapter: ethernet
        ports:
          T1: { switch: sw1, channel_group: 1, lacp: true }
          T2: { switch: sw1, channel_group: 1, lacp: true }
          T3: { switch: sw2 }
      C3: { adapter: fc, ports: { T1: { switch: fcsw1 }, T2: { switch: fcsw2 } } }
      C4:
        adapter: ethernet
        ports:
          T1: { switch: sw2, channel_group: 2, lacp: true }
          T2: { switch: sw2, channel_group: 2, lacp: true }
          T3: { switch: sw1 }
      C5: { adapter: fc, ports: { T1: { switch: fcsw1 }, T2: { switch: fcsw2 } } }

partitions:
  vios1:
    system: p740a
    lpar_id: 1
    lpar_env: vioserver
    profile:
      desired_mem: 6GB
      max_mem: 8GB
      desired_proc_units: 1.0
      max_proc_units: 2.0
      desired_procs: 2
      max_procs: 4
      uncap_weight: 255
      max_virtual_slots: 200
      io_slots: [C2/none/1, C3/none/1]
      virtual_eth_adapters: ["10/1/1/100/1/0", "11/0/99//0/0", "12/1/2/200/1/0"]
      virtual_scsi_adapters: ["30/server//app1/30/0", "32/server//app2/32/0"]
      virtual_fc_adapters: ["70/server//db1/70//0"]
    devices:
      hdisk: { hcheck_interval: 60, queue_depth: 20, reserve_policy: no_reserve }
      fscsi: { fc_err_recov: fast_fail, dyntrk: yes }
    vios:
      link_aggregations:
        ent9: { adapter_names: [C2-T1, C2-T2], backup_adapter: C2-T3, mode: 8023ad }
      shared_ethernet_adapters:
        ent8: { real_adapter: ent9, virt_adapters: [V10, V12], ctl_chan: V11, ha_mode: auto, ip: 10.1.100.11, ip_vlan: 100, netaddr: 10.1.100.1 }
      virtual_targets:
        app1_root: { vdev: ds1.app1_root, vadapter: V30 }
        app2_root: { vdev: ds1.app2_root, vadapter: V32 }
      vfc_mappings: { V70: C3-T1 }
  vios2:
    system: p740a
    lpar_id: 2
    lpar_env: vioserver
    profile:
      desired_mem: 6GB
      max_mem: 8GB
      desired_proc_units: 1.0
      max_proc_units: 2.0
      desired_procs: 2
      max_procs: 4
      uncap_weight: 255
      max_virtual_slots: 200
      io_slots: [C4/none/1, C5/none/1]
      virtual_eth_adapters: ["10/1/1/100/2/0", "11/0/99//0/0", "12/1/2/200/2/0"]
      virtual_scsi_adapters: ["31/server//app1/31/0", "33/server//app2/33/0"]
      virtual_fc_adapters: ["71/server//db1/71//0"]
    devices:
      hdisk: { hcheck_interval: 60, queue_depth: 20, reserve_policy: no_reserve }
      fscsi: { fc_err_recov: fast_fail, dyntrk: yes }
    vios:
      link_aggregations:
        ent9: { adapter_names: [C4-T1, C4-T2], backup_adapter: C4-T3, mode: 8023ad }
      shared_ethernet_adapters:
        ent8: { real_adapter: ent9, virt_adapters: [V10, V12], ctl_chan: V11, ha_mode: auto, ip: 10.1.100.12, ip_vlan: 100, netaddr: 10.1.100.2 }
      virtual_targets:
        app1_root: { vdev: ds1.app1_root, vadapter: V31 }
        app2_root: { vdev: ds1.app2_root, vadapter: V33 }
      vfc_mappings: { V71: C5-T2 }
  "app[1-2]":
    system: p740a
    lpar_id: "{n+10}"
    lpar_env: aixlinux
    profile:
      desired_mem: 4GB
      max_mem: 8GB
      uncap_weight: 200
      max_virtual_slots: 200
      virtual_eth_adapters: ["10/0/100//0/1", "11/0/200//0/1"]
      virtual_scsi_adapters: ["{n*2+28}/client//vios1/{n*2+28}/1", "{n*2+29}/client//vios2/{n*2+29}/1"]
    devices:
      hdisk: { hcheck_interval: 60, queue_depth: 20, reserve_policy: no_reserve }
      vscsi: { vscsi_err_recov: fast_fail, vscsi_path_to: 30 }
      path_priority: { vscsi0: "{n}", vscsi1: "{3-n}" }
  db1:
    system: p740a
    lpar_id: 20
    lpar_env: aixlinux
    profile:
      desired_mem: 4GB
      max_mem: 8GB
      uncap_weight: 200
      max_virtual_slots: 200
      virtual_eth_adapters: ["10/0/100//0/1"]
      virtual_fc_adapters: ["70/client//vios1/70/c0507601a2b30010,c0507601a2b30011/1", "71/client//vios2/71/c0507601a2b30012,c0507601a2b30013/1"]
    devices:
      hdisk: { hcheck_interval: 60 }
      fscsi: { fc_err_recov: fast_fail, dyntrk: yes }
)";

}  // namespace pvmsim::scenarios::audit
