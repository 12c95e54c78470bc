# Flows through Virtual I/O Servers: what limits them, what clients lose, what bad input is told.

# What a VIOS takes to bridge streams: the link limits, then the VIOS; frames of 9000 bytes spare it.
$ pvmsim run "$PVMSIM_LIBRARY/network-throughput.yaml" --quiet | sed -n '/^Flows/,/^Processor/p;/bridged$/,/^$/p;/^Expect/p' | grep -vE '^(Processor|$)'
> Flows
> CLIENT          FLOW                    OFFERED MB/S  DELIVERED  TRANS/S  OUTAGES  LONGEST  TOTAL  LOST MB
> app1..app2 (2)  en0 vlan 100 -> server          60.0       34.2        -        0        0      0      0.0
> app3            en0 vlan 100 <- server          60.0       34.2        -        0        0      0      0.0
> Bridges: what flows took of them
> VIOS   SEA   STATE    OUT MB/S  IN MB/S  CORES MEAN  VIOS MAX  SHORT FOR  FRAMES  DROPPED
> vios1  ent8  PRIMARY      62.2     31.1       0.169     0.272    50.00 s       3        0
> Links: what flows took of them
> PORT        OF     OUT MB/S  IN MB/S  OUT MAX  IN MAX  CARRIES  BOTH WAYS  SHORT FOR
> p740/C2-T1  vios1      62.2     31.1    100.0    50.0    100.0      150.0    50.10 s
> vios1: bridged
>     time      out       in  cores
> -------- -------- -------- ------
>      10s      0.0      0.0  0.000
>      20s    100.0     50.0  0.272
>      30s    100.0     50.0  0.272
>      40s    100.0     50.0  0.272
>      50s    100.0     50.0  0.272
>      60s    100.0     50.0  0.272
>      70s     37.3     18.7  0.102
>      80s     36.8     18.4  0.100
>      90s     36.8     18.4  0.100
>     100s     36.8     18.4  0.100
>     110s     36.8     18.4  0.100
> Expectations: 7 of 7 hold
$ pvmsim run "$PVMSIM_LIBRARY/network-throughput.yaml" --quiet --set 'partitions.app[1-2].interfaces.en0.mtu=9000' --set partitions.app3.interfaces.en0.mtu=9000 --set partitions.vios1.vios.shared_ethernet_adapters.ent8.jumbo_frames=yes | sed -n '/^Flows/,/^$/p;/bridged$/,/^$/p;/^Expect/p' | grep -v '^$'
> Flows
> CLIENT          FLOW                    OFFERED MB/S  DELIVERED  TRANS/S  OUTAGES  LONGEST  TOTAL  LOST MB
> app1..app2 (2)  en0 vlan 100 -> server          60.0       45.6        -        0        0      0      0.0
> app3            en0 vlan 100 <- server          60.0       45.6        -        0        0      0      0.0
> vios1: bridged
>     time      out       in  cores
> -------- -------- -------- ------
>      10s      0.0      0.0  0.000
>      20s    100.0     50.0  0.121
>      30s    100.0     50.0  0.121
>      40s    100.0     50.0  0.121
>      50s    100.0     50.0  0.121
>      60s    100.0     50.0  0.121
>      70s     82.5     41.2  0.100
>      80s     82.3     41.2  0.100
>      90s     82.3     41.2  0.100
>     100s     82.3     41.2  0.100
>     110s     82.3     41.2  0.100
> Expectations: 7 of 7 hold
$ pvmsim run "$PVMSIM_LIBRARY/network-throughput.yaml" --quiet --set 'partitions.app[1-2].interfaces.en0.mtu_bypass=on' --set partitions.vios1.vios.shared_ethernet_adapters.ent8.largesend=1 | grep -A13 'bridged$'
> vios1: bridged
>     time      out       in  cores
> -------- -------- -------- ------
>      10s      0.0      0.0  0.000
>      20s    100.0     50.0  0.154
>      30s    100.0     50.0  0.154
>      40s    100.0     50.0  0.154
>      50s    100.0     50.0  0.154
>      60s    100.0     50.0  0.154
>      70s     65.1     32.6  0.100
>      80s     64.8     32.4  0.100
>      90s     64.8     32.4  0.100
>     100s     64.8     32.4  0.100
>     110s     64.8     32.4  0.100

# Forty clients over two VIOSes with load sharing: who loses what when one crashes.
$ pvmsim run "$PVMSIM_LIBRARY/consolidated-network.yaml" --quiet | sed -n '/^What every/,/^Processor/p;/^Expect/p' | grep -vE '^(Processor|$)'
> What every client lost
> CLIENT             SERVICE       OUTAGES  LONGEST   TOTAL  REQUESTS  LOST  RETRIES  SLOWEST
> app01..app20 (20)  en0 vlan 100        1   3.00 s  3.00 s     7,000    60        -   268 us
> app21..app40 (20)  en0 vlan 200        0        0       0     7,000     0        -   146 us
> Flows
> CLIENT             FLOW                    OFFERED MB/S  DELIVERED  TRANS/S  OUTAGES  LONGEST   TOTAL  LOST MB
> app01..app20 (20)  en0 vlan 100 -> server           4.0        2.9        -        1   3.01 s  3.01 s     12.0
> app21..app40 (20)  en0 vlan 200 -> server           4.0        2.9        -        0        0       0      0.0
> Bridges: what flows took of them
> VIOS   SEA   STATE       OUT MB/S  IN MB/S  CORES MEAN  VIOS MAX  SHORT FOR   FRAMES  DROPPED
> vios1  ent8  PRIMARY_SH      21.2      0.0       0.038     0.181          0   36,800        0
> vios2  ent8  BACKUP_SH       91.6      0.0       0.166     0.181          0  480,880        0
> Links: what flows took of them
> PORT        OF     OUT MB/S  IN MB/S  OUT MAX  IN MAX  CARRIES  BOTH WAYS  SHORT FOR
> p740/C2-T1  vios1      21.2      0.0    100.0     0.0    100.0      150.0     1.00 s
> p740/C3-T1  vios2      91.6      0.0    100.0     0.0    100.0      150.0   252.00 s
> Expectations: 240 of 240 hold

# Slow transactions have tenths; a run with flows alone has no clients' loads to tell of, and does not say that nothing was lost.
$ pvmsim run "$PVMSIM_LIBRARY/network-throughput.yaml" --quiet --until 40s --set 'partitions.app[1-2].workload={flows: [{to: server, transactions: 2/s}]}' | grep -E '^app.* en0|client lost|to lose'
> app1..app2 (2)  en0 vlan 100 <=> server           0.0        0.0      2.0        0        0      0      0.0
> app3            en0 vlan 100 <- server           60.0       60.0        -        0        0      0      0.0

# A flow to nobody; a rate without a unit.
$ pvmsim run "$PVMSIM_LIBRARY/network-throughput.yaml" --set partitions.app3.workload.flows.to=servr --set 'partitions.app[1-2].workload.flows.stream=60' 2>&1
> --set partitions.app3.workload.flows.to:1:1: error: there is no host or partition 'servr', did you mean 'server'?
> --set partitions.app[1-2].workload.flows.stream:1:1: error: 'stream' takes a bandwidth such as 20MB/s (of 2^20 bytes) or 100Mbit/s, not '60' (and 1 more like it)
! exit 2
