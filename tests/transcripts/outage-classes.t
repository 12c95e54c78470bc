# What a client loses, trigger by trigger: the classes that the sources document (behaviour 3.3, 4.3, 5; V47, V49, V50, V51).
# One site each time, the shipped ones; only the timeline and the expectation change. A hundred requests a second make the
# gap visible to 10 ms.

# V50: a VIOS crashes. The standby SEA misses keep-alives: 3 to 5 s.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 90s --set 'partitions.app01.workload.network={to: gateway, rate: 100/s}' \
|   --set 'timeline=[{at: 60s, fault: crash, target: vios1}]' \
|   --set 'expect=[{client: app01, network_outage: 2.9s..5s, disk_outage: 0, io_errors: 0}, {partition: vios2, sea: ent8, state: PRIMARY}]' | grep -A9 Expectations
> Expectations: 4 of 4 hold
~ ^seed=42 fingerprint=[0-9a-f]{16} events=\d+ simtime=90.000s wall=\d+\.\d+s$

# V50: the active SEA loses its link: under 1 s.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 90s --set 'partitions.app01.workload.network={to: gateway, rate: 100/s}' \
|   --set 'timeline=[{at: 60s, fault: link-down, target: p740a/C2-T1}]' \
|   --set 'expect=[{client: app01, network_outage: "< 1s"}, {partition: vios1, sea: ent8, state: LIMBO}, {partition: vios2, sea: ent8, state: PRIMARY}]' | grep -A9 Expectations
> Expectations: 3 of 3 hold
~ ^seed=

# V50: a manual switch for maintenance: under 1 s.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 90s --set 'partitions.app01.workload.network={to: gateway, rate: 100/s}' \
|   --set 'timeline=[{at: 60s, on: vios1, chdev: ent8, attr: {ha_mode: standby}}]' \
|   --set 'expect=[{client: app01, network_outage: "< 1s"}, {partition: vios1, sea: ent8, state: BACKUP}, {partition: vios2, sea: ent8, state: PRIMARY}]' | grep -A9 Expectations
> Expectations: 3 of 3 hold
~ ^seed=

# V50: the same link loss where the outside port is no edge port (spanning tree without PortFast): the SEA's reset of its
# adapter (adapter_reset=yes) makes the port listen and learn, 2 x 15 s.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s --set 'partitions.app01.workload.network={to: gateway, rate: 100/s}' \
|   --set systems.p740a.slots.C4.ports.T1.portfast=false \
|   --set 'timeline=[{at: 60s, fault: link-down, target: p740a/C2-T1}]' \
|   --set 'expect=[{client: app01, network_outage: 29s..31s}]' | grep -A9 Expectations
> Expectations: 1 of 1 hold
~ ^seed=

# V47: vscsi_path_to=30 and a VIOS that hangs: 30 to 90 s until the other path is used; no I/O fails.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 200s --set 'timeline=[{at: 60s, fault: hang, target: vios1}]' \
|   --set 'expect=[{client: app01, disk_outage: 30s..90s, io_errors: 0}]' | grep -A9 Expectations
> Expectations: 2 of 2 hold
~ ^seed=

# The same hang without vscsi_path_to: the client waits until the VIOS goes on, here 100 s.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 200s --set partitions.app01.devices.vscsi.vscsi_path_to=0 \
|   --set 'timeline=[{at: 60s, fault: hang, target: vios1, for: 100s}]' \
|   --set 'expect=[{client: app01, disk_outage: 99s..101s, io_errors: 0}]' | grep -A9 Expectations
> Expectations: 2 of 2 hold
~ ^seed=

# V49: an NPIV client's switch port goes down; fc_err_recov=fast_fail fails the I/O over about 15 s later.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios-npiv.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 60s, fault: port-down, target: p740a/C3-T1}]' \
|   --set 'expect=[{client: all, disk_outage: 14s..17s, io_errors: 0}]' | grep -A9 Expectations
> Expectations: 16 of 16 hold
~ ^seed=

# An NPIV client whose VIOS crashes: the path fails at once.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios-npiv.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 60s, fault: crash, target: vios1}]' \
|   --set 'expect=[{client: all, disk_outage: 0, io_errors: 0}]' | grep -A9 Expectations
> Expectations: 16 of 16 hold
~ ^seed=

# V51: netaddr answers no more: three pings a second apart, then LIMBO. Both sides ping, so here nobody bridges: the address to
# ping must be one that answers when it matters.
$ for until in 62s 65s; do pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until $until --output json \
|   --set 'partitions.vios1.vios.shared_ethernet_adapters.ent8={real_adapter: C2-T1, virt_adapters: [V10], pvid_adapter: V10, ctl_chan: V11, ha_mode: auto, ip: 10.1.100.11, ip_vlan: 100, netaddr: 10.1.100.1}' \
|   --set 'partitions.vios2.vios.shared_ethernet_adapters.ent8={real_adapter: C4-T1, virt_adapters: [V10], pvid_adapter: V10, ctl_chan: V11, ha_mode: auto, ip: 10.1.100.12, ip_vlan: 100, netaddr: 10.1.100.1}' \
|   --set 'timeline=[{at: 60s, fault: host-down, target: gateway}]' --set 'expect=[]' 2>/dev/null |
|   python3 -c 'import json, sys; print([p["shared_ethernet_adapters"]["ent8"]["state"] for n, p in json.load(sys.stdin)["partitions"].items() if n.startswith("vios")])'; done
> ['PRIMARY', 'BACKUP']
> ['LIMBO', 'LIMBO']

# A VIOS that does not run has a SEA without a state.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 70s --output json \
|   --set 'timeline=[{at: 60s, fault: crash, target: vios1}]' --set 'expect=[]' 2>/dev/null |
|   python3 -c 'import json, sys; print([p["shared_ethernet_adapters"]["ent8"]["state"] for n, p in json.load(sys.stdin)["partitions"].items() if n.startswith("vios")])'
> ['Unknown', 'PRIMARY']
