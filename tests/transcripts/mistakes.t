# Mistakes have consequences (R-NET-10): for each shipped mistake what the run shows, what its clients lose, what is left of
# that once the remedy in the file's comment is applied, and what the audit finds.

$ cat > look <<'E'
| # look NAME PATTERN: lines of the timeline, then what each interface loses, then findings with their first place's message.
| file="$PVMSIM_LIBRARY/mistakes/$1.yaml"
| mapfile -t remedy < <(sed -n "s/^# Remedy: --set //p" "$file" | sed "s/'//g; s/^/--set\n/")
| pvmsim run "$file" > shown || echo "an expectation does not hold"
| grep -E "^ *[0-9]+[.][0-9]{3} s  " shown | grep -E "$2"
| cat > losses.py <<'P'
| import json, sys
| for name, partition in json.load(sys.stdin)["partitions"].items():
|     for interface, load in partition["interfaces"].items():
|         share = 100 * load["lost"] / load["requests"]
|         print(f"{sys.argv[1]:6}  {name} {interface}: longest outage {load['longest_outage_s']:.0f} s, {share:.1f} % lost")
| P
| pvmsim run "$file" --output json 2> /dev/null | python3 losses.py wrong
| pvmsim run "$file" "${remedy[@]}" --set 'expect=[]' --output json 2> /dev/null | python3 losses.py mended
| pvmsim audit "$file" | grep -E -A1 '^[A-Z]{3}-[0-9]{3} (critical|warning|advice): ' | grep -v '^--' | sed -E 's/^  [^ ]+: /  /'
| E

# No control channel, and a level that needs one: both bridge.
$ bash look no-control-channel 'ent8|storm'
>     0.000 s  vios1..vios2/ent8 (2)  no control channel: this level of the VIOS needs ctl_chan for failover
>     0.010 s  vios1..vios2/ent8 (2)  PRIMARY: no other side heard
>    10.007 s  lan/sw1            broadcast storm in VLAN 100: a frame of d6:48:06:00:b0:0a comes back again and again by the port to p740/C2-T1; storm control drops floods; look for a loop
> wrong   app1 en0: longest outage 110 s, 99.1 % lost
> wrong   app2 en0: longest outage 110 s, 99.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-001 critical: SEA pair without a control channel, below level 2.2.3.0
>   vios1 ent8 and vios2 ent8 have no ctl_chan, and vios1 is at level 2.2.1.4
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr
> NET-049 advice: Outside switch that does not end a loop through a SEA pair
>   a loop through vios1 ent8 and vios2 ent8 would not be ended by sw1 and sw2

# Control channels in different VLANs: the same, until one side goes.
$ bash look different-control-channels 'ent8|storm|fault'
>     0.010 s  vios1..vios2/ent8 (2)  PRIMARY: no other side heard
>    10.016 s  lan/sw1            broadcast storm in VLAN 100: a frame of d6:48:06:00:b0:0a comes back again and again by the port to p740/C2-T1; storm control drops floods; look for a loop
>    90.000 s  timeline           fault: shutdown vios2
>    91.516 s  lan/sw1            broadcast storm in VLAN 100 is over
> wrong   app1 en0: longest outage 48 s, 74.1 % lost
> wrong   app2 en0: longest outage 82 s, 74.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-002 critical: Control channels of a SEA pair do not meet
>   control channels: vios1 ent8 has VLAN 99 of ETHERNET0, vios2 ent8 has VLAN 98 of ETHERNET0
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr
> NET-049 advice: Outside switch that does not end a loop through a SEA pair
>   a loop through vios1 ent8 and vios2 ent8 would not be ended by sw1 and sw2

# Equal priorities: the keep-alives arrive and decide nothing.
$ bash look equal-priorities 'ent8|storm'
>     0.000 s  vios1..vios2/ent8 (2)  PRIMARY: better than the other side
>     0.000 s  vios1..vios2/ent8 (2)  both sides are PRIMARY with the same priority: a loop
>     0.001 s  lan/sw1            broadcast storm in VLAN 100: a frame of d6:48:06:00:b0:0a comes back again and again by the port to p740/C2-T1; storm control drops floods; look for a loop
> wrong   app1 en0: longest outage 104 s, 99.0 % lost
> wrong   app2 en0: longest outage 110 s, 99.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-005 critical: Equal trunk priorities on both sides of a SEA pair
>   vios1 ent8 and vios2 ent8 both have trunk priority 1
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr
> NET-049 advice: Outside switch that does not end a loop through a SEA pair
>   a loop through vios1 ent8 and vios2 ent8 would not be ended by sw1 and sw2

# Priorities that differ within a VIOS: both sides believe that they are the better one.
$ bash look mixed-priorities 'ent8|storm'
>     0.000 s  vios1..vios2/ent8 (2)  trunk adapters of one SEA have different priorities: the lowest number counts for all
>     0.000 s  vios1..vios2/ent8 (2)  PRIMARY: better than the other side
>     0.000 s  vios1..vios2/ent8 (2)  both sides are PRIMARY with the same priority: a loop
>     0.001 s  lan/sw1            broadcast storm in VLAN 100: a frame of d6:48:06:00:b0:0a comes back again and again by the port to p740/C2-T1; storm control drops floods; look for a loop
>     0.001 s  lan/sw1            broadcast storm in VLAN 200: a frame of d6:48:06:00:b0:0b comes back again and again by the port to p740/C2-T1; storm control drops floods; look for a loop
> wrong   app1 en0: longest outage 63 s, 98.6 % lost
> wrong   app1 en1: longest outage 110 s, 99.1 % lost
> wrong   app2 en0: longest outage 68 s, 98.7 % lost
> wrong   app2 en1: longest outage 110 s, 99.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app1 en1: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en1: longest outage 0 s, 0.0 % lost
> NET-005 critical: Equal trunk priorities on both sides of a SEA pair
>   vios1 ent8 and vios2 ent8 both have trunk priority 1
> NET-006 warning: Different trunk priorities within one SEA
>   vios1 ent8: trunk adapter V10 has priority 1, V12 has 2
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr
> NET-049 advice: Outside switch that does not end a loop through a SEA pair
>   a loop through vios1 ent8 and vios2 ent8 would not be ended by sw1 and sw2

# A VLAN that the switch port of the backup side does not let through: nobody notices before the failover.
$ bash look vlan-missing-outside 'ent8|fault'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    60.000 s  timeline           fault: crash vios1
>    63.000 s  vios2/ent8         PRIMARY: no keep-alive from the other side for 4 s
> wrong   app1 en0: longest outage 3 s, 2.7 % lost
> wrong   app1 en1: longest outage 60 s, 53.6 % lost
> wrong   app2 en0: longest outage 3 s, 2.7 % lost
> wrong   app2 en1: longest outage 60 s, 53.6 % lost
> mended  app1 en0: longest outage 3 s, 2.7 % lost
> mended  app1 en1: longest outage 3 s, 2.7 % lost
> mended  app2 en0: longest outage 3 s, 2.7 % lost
> mended  app2 en1: longest outage 3 s, 2.7 % lost
> NET-020 critical: VLAN in use is missing on the outside switch port
>   sw2 does not let VLAN 200 through at p740/C4-T1 (vios2 ent8); used by app1 and app2

# A VLAN on one trunk adapter only: gone as soon as the other side bridges.
$ bash look vlan-missing-on-one-trunk 'ent8|chdev'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    60.000 s  timeline           vios1: chdev -dev ent8 -attr ha_mode=standby
>    60.000 s  vios1/ent8         BACKUP: ha_mode=standby was set
>    60.000 s  vios2/ent8         PRIMARY: the other side hands over
>    90.000 s  timeline           vios1: chdev -dev ent8 -attr ha_mode=auto
>    90.000 s  vios1/ent8         RECOVERY: ha_mode=auto was set
>    90.000 s  vios2/ent8         NOTIFY: the other side is healthy again, and better
>    90.000 s  vios1/ent8         PRIMARY: the other side hands over
>    90.000 s  vios2/ent8         BACKUP: the other side is PRIMARY again
> wrong   app1 en0: longest outage 0 s, 0.0 % lost
> wrong   app1 en1: longest outage 30 s, 27.3 % lost
> wrong   app2 en0: longest outage 0 s, 0.0 % lost
> wrong   app2 en1: longest outage 30 s, 27.3 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app1 en1: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en1: longest outage 0 s, 0.0 % lost
> NET-022 critical: VLAN in use is on one side of a SEA pair only
>   VLAN 200 is on vios1 ent8 and not on vios2 ent8; used by app1 and app2

# Clients in the port VLAN of a trunk adapter: their frames leave untagged, and no answer finds back.
$ bash look untagged-leakage 'ent8'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
> wrong   app1 en0: longest outage 0 s, 0.0 % lost
> wrong   app1 en1: longest outage 110 s, 99.1 % lost
> wrong   app2 en0: longest outage 0 s, 0.0 % lost
> wrong   app2 en1: longest outage 110 s, 99.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app1 en1: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en1: longest outage 0 s, 0.0 % lost
> NET-023 warning: Clients use the port VLAN of a trunk adapter that is not the default one
>   VLAN 200 is the port VLAN of V12 of vios1 ent8, which is not its pvid_adapter; used by app1 and app2 (and 1 more like it)

# The default PVID outside: what is VLAN 1 inside is VLAN 200 there.
$ bash look default-pvid-outside 'ent8'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
> wrong   app1 en0: longest outage 110 s, 99.1 % lost
> wrong   app2 en0: longest outage 110 s, 99.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-024 warning: Default PVID in use, and the outside switch has another native VLAN
>   VLAN 1 leaves vios1 ent8 untagged, and sw1 takes that for VLAN 200; used by app1 and app2

# VLAN 3358: refused.
$ bash look vlan-3358 'timeline|ent8'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    60.000 s  timeline           hmc: virtual Ethernet adapter V10 of vios1: addl_vlan_ids+=3358
>    60.000 s  timeline           not done: HSCL294C Dynamic add of virtual I/O resources failed: VLAN 3358 is reserved by the firmware
> wrong   app1 en0: longest outage 0 s, 0.0 % lost
> wrong   app2 en0: longest outage 0 s, 0.0 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-025 critical: VLAN 3358 is reserved
>   host storage is in VLAN 3358, which no partition can reach
$ pvmsim run "$PVMSIM_LIBRARY/mistakes/vlan-3358.yaml" --set 'fabric.lan.switches.sw1.vlans=[1, 100, 358]' --set 'fabric.lan.switches.sw2.vlans=[1, 100, 358]' \
|   --set 'fabric.lan.hosts.storage.addresses={ 358: 10.1.58.1 }' \
|   --set 'timeline=[{ at: 60s, on: hmc, chhwres: eth, partition: vios1, slot: V10, attr: { "addl_vlan_ids+": 358 } }]' | grep ' timeline '
>    60.000 s  timeline           hmc: virtual Ethernet adapter V10 of vios1: addl_vlan_ids+=358

# A loop; storm control only limits it.
$ bash look two-bridges 'ent8|storm|fault'
>     0.000 s  lan/sw1            broadcast storm in VLAN 100: a frame of d6:48:06:00:b0:0a comes back again and again by the port to p740/C2-T1; storm control drops floods; look for a loop
>    90.000 s  timeline           fault: link-down p740/C2-T1
>    91.500 s  lan/sw1            broadcast storm in VLAN 100 is over
> wrong   app1 en0: longest outage 82 s, 74.1 % lost
> wrong   app2 en0: longest outage 82 s, 74.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-007 critical: Two SEAs bridge a VLAN, and not both know of failover
>   vios1 ent8 and vios2 ent8 bridge VLAN 100 of ETHERNET0 (p740), and ha_mode of vios1 ent8 is disabled
> NET-049 advice: Outside switch that does not end a loop through a SEA pair
>   a loop through vios1 ent8 and vios2 ent8 would not be ended by sw1 and sw2

# The same loop; the switch disables a port, and again each time it tries.
$ bash look err-disable 'storm|disabled'
>     0.000 s  lan/sw1            port to p740/C2-T1 error-disabled: storm-control
>     0.000 s  lan/sw2            port to p740/C4-T1 error-disabled: storm-control
>    30.000 s  lan/sw1            port to p740/C2-T1 is tried again after storm-control
>    30.000 s  lan/sw2            port to p740/C4-T1 is tried again after storm-control
>    30.001 s  lan/sw1            port to p740/C2-T1 error-disabled: storm-control
>    30.001 s  lan/sw2            port to p740/C4-T1 error-disabled: storm-control
>    60.001 s  lan/sw1            port to p740/C2-T1 is tried again after storm-control
>    60.001 s  lan/sw2            port to p740/C4-T1 is tried again after storm-control
>    60.002 s  lan/sw1            port to p740/C2-T1 error-disabled: storm-control
>    60.002 s  lan/sw2            port to p740/C4-T1 error-disabled: storm-control
>    90.002 s  lan/sw1            port to p740/C2-T1 is tried again after storm-control
>    90.002 s  lan/sw2            port to p740/C4-T1 is tried again after storm-control
>    90.002 s  lan/sw1            port to p740/C2-T1 error-disabled: storm-control
>    90.002 s  lan/sw2            port to p740/C4-T1 error-disabled: storm-control
> wrong   app1 en0: longest outage 110 s, 99.1 % lost
> wrong   app2 en0: longest outage 110 s, 99.1 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-007 critical: Two SEAs bridge a VLAN, and not both know of failover
>   vios1 ent8 and vios2 ent8 bridge VLAN 100 of ETHERNET0 (p740), and ha_mode of vios1 ent8 is disabled

# A loop of cables without spanning tree: no SEA notices.
$ bash look cabling-loop 'ent8|storm|timeline'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>     5.000 s  timeline           repair: link-down sw2/sw3
>    10.002 s  lan/sw1            broadcast storm in VLAN 100: a frame of d6:48:06:00:b0:0a comes back again and again by the port to sw2; storm control drops floods; look for a loop
>    90.000 s  timeline           fault: link-down sw2/sw3
>    92.502 s  lan/sw1            broadcast storm in VLAN 100 is over
> wrong   app1 en0: longest outage 83 s, 75.0 % lost
> wrong   app2 en0: longest outage 83 s, 74.6 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-050 critical: Cables between switches that form a loop without spanning tree
>   the cable between sw2 and sw3 closes a loop through a switch without spanning_tree
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr
> NET-049 advice: Outside switch that does not end a loop through a SEA pair
>   a loop through vios1 ent8 and vios2 ent8 would not be ended by sw1 and sw2

# The same MAC address on two servers.
$ bash look duplicate-mac 'flaps'
>    11.125 s  lan/sw1            address 0a:ca:fe:00:00:01 flaps in VLAN 100 between the ports to sw2 and p740a/C2-T1
> wrong   app1 en0: longest outage 0 s, 43.2 % lost
> wrong   app2 en0: longest outage 1 s, 42.9 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-032 critical: The same MAC address twice
>   V10 of app2 has the MAC address 0a:ca:fe:00:00:01, as has V10 of app1
> NET-015 advice: SEA pair without netaddr
>   vios_a1 ent8 and vios_a2 ent8 have no netaddr

# LACP at the VIOS only.
$ bash look one-way-lacp-at-vios 'LACP|ent[89]|fault'
>     0.000 s  lan/sw1            port to p740/C2-T1 does not speak LACP: its station gets no answer
>     0.000 s  lan/sw1            port to p740/C2-T2 does not speak LACP: its station gets no answer
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    90.000 s  vios1/ent9         ent0: no word from the switch, out of the aggregate
>    90.000 s  vios1/ent9         ent1: no word from the switch, out of the aggregate
>    90.000 s  vios1/ent8         LIMBO: the real adapter's network is lost
>    90.000 s  vios2/ent8         PRIMARY: the other side is in limbo
>   120.000 s  timeline           fault: shutdown vios2
> wrong   app1 en0: longest outage 60 s, 34.7 % lost
> wrong   app2 en0: longest outage 60 s, 34.7 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-040 critical: LACP on one side of a link aggregation only
>   vios1 ent9 negotiates (mode=8023ad), sw1 does not at p740/C2-T1
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr

# LACP at the switch only: the light stays on.
$ bash look one-way-lacp-at-switch 'LACP|ent[89]|chdev'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>     3.000 s  lan/sw1            port to p740/C2-T1 hears no LACP: suspended, its light stays on
>     3.000 s  lan/sw1            port to p740/C2-T2 hears no LACP: suspended, its light stays on
>    60.000 s  timeline           vios1: chdev -dev ent8 -attr ha_mode=standby
>    60.000 s  vios1/ent8         BACKUP: ha_mode=standby was set
>    60.000 s  vios2/ent8         PRIMARY: the other side hands over
> wrong   app1 en0: longest outage 50 s, 45.5 % lost
> wrong   app2 en0: longest outage 50 s, 45.5 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-040 critical: LACP on one side of a link aggregation only
>   vios1 ent9 does not negotiate, sw1 does at p740/C2-T1
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr

# A link aggregation over two switches that are no stack.
$ bash look channel-on-two-switches 'flaps'
>    10.010 s  lan/sw2            address d6:48:06:00:b0:0a flaps in VLAN 100 between the ports to sw1 and p740/C2-T2
>    10.011 s  lan/sw1            address d6:48:06:00:b0:0a flaps in VLAN 100 between the ports to p740/C2-T1 and sw2
> wrong   app1 en0: longest outage 0 s, 0.4 % lost
> wrong   app1 en0#2: longest outage 0 s, 0.4 % lost
> wrong   app2 en0: longest outage 0 s, 0.5 % lost
> wrong   app2 en0#2: longest outage 0 s, 0.5 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app1 en0#2: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0#2: longest outage 0 s, 0.0 % lost
> NET-042 critical: Primary ports of a link aggregation on two switches
>   vios1 ent9 has primary ports on sw1 and sw2
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr

# Primary and backup port on one switch.
$ bash look backup-on-same-switch 'ent[89]|fault|repair'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    30.000 s  timeline           fault: shutdown vios2
>    60.000 s  timeline           fault: switch-down sw1
>    60.000 s  vios1/ent9         all primary adapters failed: ent1 takes over
>    60.000 s  vios1/ent8         LIMBO: the real adapter's network is lost
> wrong   app1 en0: longest outage 60 s, 53.6 % lost
> wrong   app2 en0: longest outage 60 s, 53.6 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr
> NET-043 advice: Backup port of a link aggregation on the switch of the primary ports
>   primary and backup ports of vios1 ent9 are on sw1

# Both SEAs on one switch.
$ bash look both-sides-on-one-switch 'ent8|fault|repair'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    60.000 s  timeline           fault: switch-down sw1
>    60.000 s  vios1..vios2/ent8 (2)  LIMBO: the real adapter's network is lost
> wrong   app1 en0: longest outage 60 s, 53.6 % lost
> wrong   app2 en0: longest outage 60 s, 53.6 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-044 warning: Both sides of a SEA pair on one switch
>   vios1 ent8 and vios2 ent8 are both cabled to sw1

# Both sides ping the same router, and it dies: both in LIMBO.
$ bash look netaddr-dies 'ent8|fault|repair'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>    60.000 s  timeline           fault: host-down router1
>    63.000 s  vios1..vios2/ent8 (2)  no answer from 10.1.100.1 to 3 pings
>    63.000 s  vios1..vios2/ent8 (2)  LIMBO: the real adapter's network is lost
>    90.000 s  timeline           repair: host-down router1
>    90.000 s  vios1..vios2/ent8 (2)  INIT: looking for the other side
>    90.000 s  vios1/ent8         PRIMARY: the other side is in limbo
>    90.000 s  vios2/ent8         BACKUP: the other side is PRIMARY
> wrong   app1 en0: longest outage 27 s, 24.5 % lost
> wrong   app2 en0: longest outage 27 s, 24.5 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> NET-018 advice: Both sides of a SEA pair ping the same address
>   vios1 ent8 and vios2 ent8 both ping 10.1.100.1

# adapter_reset with load sharing over LACP: the VLAN that did not move loses, too.
$ bash look adapter-reset 'ent8|chdev'
>     0.000 s  vios1/ent8         PRIMARY: better than the other side
>     0.000 s  vios2/ent8         BACKUP: the other side is better
>     0.000 s  vios1/ent8         PRIMARY_SH: the other side asked to share
>     0.000 s  vios2/ent8         BACKUP_SH: the other side granted a share
>    60.000 s  timeline           vios2: chdev -dev ent8 -attr ha_mode=standby
>    60.000 s  vios2/ent8         BACKUP: ha_mode=standby was set
>    60.000 s  vios1/ent8         PRIMARY: the other side hands over
> wrong   app1 en0: longest outage 2 s, 1.8 % lost
> wrong   app1 en1: longest outage 2 s, 1.8 % lost
> wrong   app2 en0: longest outage 2 s, 1.8 % lost
> wrong   app2 en1: longest outage 2 s, 1.8 % lost
> mended  app1 en0: longest outage 0 s, 0.0 % lost
> mended  app1 en1: longest outage 0 s, 0.0 % lost
> mended  app2 en0: longest outage 0 s, 0.0 % lost
> mended  app2 en1: longest outage 0 s, 0.0 % lost
> NET-013 warning: adapter_reset=yes with load sharing over LACP
>   vios1 ent8 has adapter_reset=yes over the LACP aggregation ent9 (and 1 more like it)
> NET-015 advice: SEA pair without netaddr
>   vios1 ent8 and vios2 ent8 have no netaddr

# Network Interface Backup without netaddr, over two single SEAs: the virtual link never goes down.
$ bash look nib-without-netaddr 'ent|fault'
>    60.000 s  timeline           fault: crash vios1
> wrong   app1 en0: longest outage 60 s, 53.6 % lost
> wrong   app2 en0: longest outage 60 s, 53.6 % lost
> mended  app1 en0: longest outage 3 s, 2.7 % lost
> mended  app2 en0: longest outage 3 s, 2.7 % lost
> NET-034 warning: Network Interface Backup over virtual adapters without netaddr
>   app1 ent2 backs up V10 with V11 and has no netaddr (and 1 more like it)
