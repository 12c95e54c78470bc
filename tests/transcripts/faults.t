# Every kind of fault and its repair, on the default site: what it costs a client. (outage-classes.t has the classes that the
# sources document; here each word of the vocabulary is shown to do its work, and its repair to undo it.)

# power-off and repair: as a crash for the network, the disk goes on over the other VIOS.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 4min \
|   --set 'timeline=[{at: 20s, fault: power-off, target: vios1, for: 30s}]' \
|   --set 'expect=[{client: all, network_outage: 1s..5s, io_errors: 0}, {partition: vios2, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 41 of 41 hold

# shutdown: an orderly end hands over at once.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 60s \
|   --set 'timeline=[{at: 20s, fault: shutdown, target: vios1}]' \
|   --set 'expect=[{client: all, network_outage: "<= 1s", io_errors: 0}, {partition: vios2, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 41 of 41 hold

# hang and repair: the SEA that went on is not PRIMARY beside the other one. Disks of the clients that prefer vios1 wait.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 200s \
|   --set 'timeline=[{at: 20s, fault: hang, target: vios1, for: 20s}]' \
|   --set 'expect=[{client: all, network_outage: 2s..5s, io_errors: 0}, {client: "app[01-10]", disk_outage: 19s..21s}, {client: "app[11-20]", disk_outage: 0}, {partition: vios1, sea: ent8, state: PRIMARY}, {partition: vios2, sea: ent8, state: BACKUP}]' | grep Expectations
> Expectations: 62 of 62 hold

# switch-down, Ethernet: sw1 carries the gateway, so nobody can reach it until it is back.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 20s, fault: switch-down, target: sw1, for: 30s}]' \
|   --set 'expect=[{client: all, network_outage: 29s..62s, io_errors: 0}]' | grep Expectations
> Expectations: 40 of 40 hold

# switch-down, Fibre Channel: the VIOSes' own multipath uses the other fabric after 15 s (fast_fail); the clients wait that long.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 20s, fault: switch-down, target: fcsw1, for: 60s}]' \
|   --set 'expect=[{client: all, network_outage: 0, disk_outage: 14s..17s, io_errors: 0}]' | grep Expectations
> Expectations: 60 of 60 hold

# controller-down: likewise, for the paths through it (the first one found, by WWPN, leads to B).
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 20s, fault: controller-down, target: ds1/B, for: 60s}]' \
|   --set 'expect=[{client: all, disk_outage: 14s..17s, io_errors: 0}]' | grep Expectations
> Expectations: 40 of 40 hold

# cable-half-open: the adapter hears nothing and sees no link: the SEA moves. The other way round the adapter still sees
# light while the switch hears nothing: only the ping to netaddr notices, after 3 s. Without netaddr nobody does, and the
# network is gone until the cable is mended.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 20s, fault: cable-half-open, target: p740a/C2-T1, side: near, for: 60s}]' \
|   --set 'expect=[{client: all, network_outage: "<= 1s"}]' | grep Expectations
> Expectations: 20 of 20 hold
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 20s, fault: cable-half-open, target: p740a/C2-T1, side: far, for: 60s}]' \
|   --set 'expect=[{client: all, network_outage: 2s..5s}, {partition: vios1, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 21 of 21 hold
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set partitions.vios1.vios.shared_ethernet_adapters.ent8.netaddr=0 \
|   --set 'timeline=[{at: 20s, fault: cable-half-open, target: p740a/C2-T1, side: far, for: 60s}]' \
|   --set 'expect=[{client: all, network_outage: 59s..62s}, {partition: vios1, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 21 of 21 hold

# port-down at the switch takes the link from the adapter: as link-down.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 120s \
|   --set 'timeline=[{at: 20s, fault: port-down, target: p740a/C2-T1, for: 60s}]' \
|   --set 'expect=[{client: all, network_outage: "<= 1s"}, {partition: vios1, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 21 of 21 hold

# link-down between the switches: vios2's way to the gateway; the active side does not need it.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 60s \
|   --set 'timeline=[{at: 20s, fault: link-down, target: sw1/sw2}]' \
|   --set 'expect=[{client: all, network_outage: 0}]' | grep Expectations
> Expectations: 20 of 20 hold

# host-down: the gateway itself; a VIOS can do nothing about it.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 60s \
|   --set 'timeline=[{at: 20s, fault: host-down, target: gateway, for: 20s}]' \
|   --set 'expect=[{client: all, network_outage: 19s..22s, requests_lost: 20}]' | grep Expectations
> Expectations: 40 of 40 hold

# slow: an array with 50 ms more is slow, but no outage.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 60s \
|   --set 'timeline=[{at: 20s, fault: slow, target: ds1, latency: 50ms, for: 20s}]' \
|   --set 'expect=[{client: all, disk_outage: 0, io_errors: 0}]' | grep -E 'Expectations|hdisk0'
~ ^app01\.\.app20 \(20\)  hdisk0  .* 5\d\.\d ms$
> Expectations: 40 of 40 hold

# A fault that the state does not allow is noted, and the play goes on.
$ pvmsim run "$PVMSIM_LIBRARY/single-vios.yaml" --until 60s --set 'timeline=[{at: 20s, repair: crash, target: vios1}]' --set 'expect=[]' | grep 'not done'
~ ^   20\.000 s  timeline           not done: .*
