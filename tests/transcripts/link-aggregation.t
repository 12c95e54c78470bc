# A VIOS whose SEA stands on a link aggregation of two ports (R-NET-02): losing one member costs nothing, nor does its
# return; losing both moves the SEA.

# vios1's C2-T1 and C2-T2 become ent7, IEEE 802.3ad; both go to one channel group of sw1.
$ cat > aggregated <<'E'
| --set systems.p740a.slots.C2.ports.T1={switch: sw1, mode: trunk, channel_group: 1, lacp: true}
| --set systems.p740a.slots.C2.ports.T2={switch: sw1, mode: trunk, channel_group: 1, lacp: true}
| --set partitions.vios1.vios.link_aggregations={ent7: {adapter_names: [C2-T1, C2-T2], mode: 8023ad}}
| --set partitions.vios1.vios.shared_ethernet_adapters.ent8.real_adapter=ent7
| E

$ sed 's/^--set /--set\n/' aggregated > arguments; mapfile -t site < arguments
| pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 90s "${site[@]}" \
|   --set 'timeline=[{at: 60s, fault: link-down, target: p740a/C2-T1}]' \
|   --set 'expect=[{client: all, network_outage: 0}, {partition: vios1, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 21 of 21 hold

$ mapfile -t site < arguments
| pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 90s "${site[@]}" \
|   --set 'timeline=[{at: 40s, fault: link-down, target: p740a/C2-T1}, {at: 60s, fault: link-down, target: p740a/C2-T2}]' \
|   --set 'expect=[{client: all, network_outage: "<= 1s"}, {partition: vios1, sea: ent8, state: LIMBO}, {partition: vios2, sea: ent8, state: PRIMARY}]' | grep Expectations
> Expectations: 22 of 22 hold

# The member comes back: neither end sends on it before LACP has agreed.
$ mapfile -t site < arguments
| for member in C2-T1 C2-T2; do pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --quiet --until 90s "${site[@]}" \
|   --set "timeline=[{at: 60s, fault: link-down, target: p740a/$member, for: 10s}]" \
|   --set 'expect=[{client: all, network_outage: 0}, {partition: vios1, sea: ent8, state: PRIMARY}]' | grep Expectations; done
> Expectations: 21 of 21 hold
> Expectations: 21 of 21 hold
