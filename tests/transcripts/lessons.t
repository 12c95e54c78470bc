# What the lessons on processors and memory show: rows over time, and expectations that hold.

# Capped: 1.00 whatever is idle. Uncapped: all of it, back to 1.00 when the neighbour wants its own, then half of it.
$ pvmsim run "$PVMSIM_LIBRARY/capped-vs-uncapped.yaml" --quiet | grep -E '^(capped|uncapped|System| +(time|(20|40|60)s))|Expect'
> capped     Running      1.00       1.333      2.000       4,096
> uncapped   Running      1.00       2.000      3.000       4,096
> capped
> System configuration: type=Shared mode=Capped smt=4 lcpu=16 mem=4096MB psize=4 ent=1.00
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
>      20s  90.0  10.0    0.0    0.0  1.00 100.0   25.0  2000     0    4  3000.0     0.0   7.50
>      40s  90.0  10.0    0.0    0.0  1.00 100.0   25.0  2000     0    4  2000.0  1000.0  12.50
> System configuration: type=Shared mode=Uncapped smt=4 lcpu=16 mem=4096MB psize=4 ent=1.00
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
>      60s  90.0  10.0    0.0    0.0  2.00 200.0   50.0  2000     0    4  2000.0     0.0  12.50
> uncapped
> System configuration: type=Shared mode=Uncapped smt=4 lcpu=16 mem=4096MB psize=4 ent=1.00
>     time %user  %sys  %wait  %idle physc %entc  lbusy   app  vcsw phint  unf   cwait   pwait latmax
>      20s  90.0  10.0    0.0    0.0  3.00 300.0   75.0  0.00  2000     0    4     0.0  1000.0   2.50
>      40s  90.0  10.0    0.0    0.0  1.00 100.0   25.0  0.00  2000     0    4  1000.0  2000.0   7.50
>      60s  90.0  10.0    0.0    0.0  2.00 200.0   50.0  0.00  2000     0    4     0.0  2000.0  10.00
> Expectations: 3 of 3 hold

# Weights: %entc of VIOS, production and test.
$ pvmsim run "$PVMSIM_LIBRARY/weights.yaml" --quiet | grep -E '^(vios_like|production|test)$|^ +120s|Expect'
> vios_like
>     120s  90.0  10.0    0.0    0.0  3.02 302.4   30.2 40000     0   10  6976.2     0.0   6.98
> production
>     120s  90.0  10.0    0.0    0.0  2.59 258.7   25.9 40000     0   10  4388.9  3023.8   7.41
> test
>     120s  90.0  10.0    0.0    0.0  1.20 119.8   12.0 72000     0   10     0.0  8801.6   8.80
> Expectations: 5 of 5 hold

# Too many virtual processors: the same physc, and what a slice of 1 ms costs in switches and waits.
$ pvmsim run "$PVMSIM_LIBRARY/too-many-virtual-processors.yaml" --quiet | grep -E '^(lean1|fat[12])$|^ +(time|(20|40)s)|Expect'
> lean1
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
>      20s  90.0  10.0    0.0    0.0  1.00 100.0  100.0     0     0    1     0.0     0.0   0.00
>      40s  90.0  10.0    0.0    0.0  1.00 100.0  100.0     0     0    1     0.0     0.0   0.00
> fat1
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
>      20s  90.0  10.0    0.0    0.0  1.00 100.0   10.0  5000     0    2  5000.0  4000.0   9.00
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
>      40s  90.0  10.0    0.0    0.0  1.00 100.0   50.0  1500     0    2   500.0   500.0   9.00
> fat2
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
>      20s  90.0  10.0    0.0    0.0  1.00 100.0   10.0  5000     0   10  4000.0  5000.0   9.00
>      40s  90.0  10.0    0.0    0.0  1.00 100.0   10.0  5000     0   10  4000.0  5000.0  13.00
> Expectations: 6 of 6 hold

# Dispatch latency: 18 ms with 0.1 units; and what the users of a small partition see of it.
$ pvmsim run "$PVMSIM_LIBRARY/dispatch-latency.yaml" --quiet | sed -n '/^Transactions/,/^$/p;/^app10$/,/^What/p;/^Expect/p' | grep -vE '^$|^What'
> Transactions: response times
> PARTITION  ANSWERED  REFUSED     MEAN      P50      P95      P99      MAX  WAIT MEAN
> app10           481        0  24.1 ms  24.1 ms  28.8 ms  29.0 ms  29.0 ms    22.1 ms
> app50           580        0   3.2 ms   2.0 ms   6.4 ms   6.9 ms   7.0 ms     1.2 ms
> app10
> System configuration: type=Shared mode=Capped smt=4 lcpu=4 mem=4096MB psize=1 ent=0.10
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
> -------- ----- ----- ------ ------ ----- ----- ------ ----- ----- ---- ------- ------- ------
>      10s  14.6   1.6    0.0   83.8  0.02  16.2    1.6   158     0    1    71.1   102.6  18.00
>      20s  13.5   1.5    0.0   85.0  0.01  15.0    1.5   146     0    1    65.7    96.7  18.00
>      30s  17.0   1.9    0.0   81.1  0.02  18.9    1.9   184     0    1    82.8   119.1  18.00
>      40s  14.2   1.6    0.0   84.2  0.02  15.8    1.6   154     0    1    69.3   100.2  18.00
>      50s  15.7   1.7    0.0   82.6  0.02  17.4    1.7   170     0    1    76.5   108.8  18.00
>      60s  13.9   1.5    0.0   84.5  0.02  15.5    1.5   151     0    1    67.5   100.4  18.00
> app50
> System configuration: type=Shared mode=Capped smt=4 lcpu=4 mem=4096MB psize=1 ent=0.50
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf   cwait   pwait latmax
> -------- ----- ----- ------ ------ ----- ----- ------ ----- ----- ---- ------- ------- ------
>      10s   3.6   0.4    0.0   96.0  0.02   4.0    2.0    98     0    1     0.0     9.8   4.99
>      20s   3.8   0.4    0.0   95.7  0.02   4.3    2.1   105     0    1     0.0    11.7   4.99
>      30s   3.4   0.4    0.0   96.2  0.02   3.8    1.9    94     0    1     0.0    12.5   4.99
>      40s   3.8   0.4    0.0   95.7  0.02   4.3    2.1   105     0    1     0.0    12.6   4.99
>      50s   3.5   0.4    0.0   96.1  0.02   3.9    2.0    97     0    1     0.0    13.5   4.99
>      60s   3.0   0.3    0.0   96.7  0.02   3.3    1.6    81     0    1     0.0    10.4   4.99
> Expectations: 5 of 5 hold

# Pools: the maximum is 2, then 4; a database leaves the pool; the pool cannot be given up.
$ pvmsim run "$PVMSIM_LIBRARY/pool-limits.yaml" | grep -E 'not done|^    time pool|^ +(20|40|60)s (physical|DefaultPool|SharedPool01)|Expect'
>    50.000 s  timeline           not done: p740: shared processor pool 1 (SharedPool01): max_pool_proc_units 0 would make it inactive while 1 activated partition is in it; move it to another pool first
>     time pool         entitled capacity    used
>      20s physical         2.00    10.00    9.00
>      20s DefaultPool      1.00    10.00    7.00
>      20s SharedPool01     1.00     2.00    2.00
>      40s physical         2.00    10.00   10.00
>      40s DefaultPool      1.50    10.00    6.00
>      40s SharedPool01     0.50     4.00    4.00
>      60s physical         2.00    10.00   10.00
>      60s DefaultPool      1.50    10.00    7.00
>      60s SharedPool01     0.50     4.00    3.00
> Expectations: 2 of 2 hold
$ pvmsim run "$PVMSIM_LIBRARY/pool-limits.yaml" --quiet | sed -n '/^web$/,/^$/p'
> web
> System configuration: type=Shared mode=Uncapped smt=4 lcpu=32 mem=4096MB psize=10 ent=1.00
>     time %user  %sys  %wait  %idle physc %entc  lbusy   app  vcsw phint  unf
> -------- ----- ----- ------ ------ ----- ----- ------   --- ----- ----- ----
>      10s  90.0  10.0    0.0    0.0  7.00 700.0   87.5  1.00     0     0    8
>      20s  90.0  10.0    0.0    0.0  7.00 700.0   87.5  1.00     0     0    8
>      30s  90.0  10.0    0.0    0.0  6.00 600.0   75.0  0.00     0     0    8
>      40s  90.0  10.0    0.0    0.0  6.00 600.0   75.0  0.00     0     0    8
>      50s  90.0  10.0    0.0    0.0  4.00 400.0   50.0  0.00     0     0    8
>      60s  90.0  10.0    0.0    0.0  4.00 400.0   50.0  0.00     0     0    8
>

# Donation: three processors are lent, regained, lent, kept.
$ pvmsim run "$PVMSIM_LIBRARY/donation.yaml" --quiet | sed -n '/^erp$/,/^Shared/p' | grep -E '^(erp|batch|System| +(time|(20|40|50|60)s))'
> erp
> System configuration: type=Dedicated mode=Capped smt=4 lcpu=16 mem=4096MB
>     time %user  %sys  %wait  %idle  physc donated  unf
>      20s  22.5   2.5    0.0   75.0   1.00    3.00    4
>      40s  90.0  10.0    0.0    0.0   4.00    0.00    4
>      50s  22.5   2.5    0.0   75.0   1.00    3.00    4
>      60s  22.5   2.5    0.0   75.0   1.00    0.00    4
> batch
> System configuration: type=Shared mode=Uncapped smt=4 lcpu=16 mem=4096MB psize=1 ent=0.50
>     time %user  %sys  %wait  %idle physc %entc  lbusy   app  vcsw phint  unf
>      20s  90.0  10.0    0.0    0.0  4.00 800.0  100.0  0.00     0     0    4
>      40s  90.0  10.0    0.0    0.0  1.00 200.0   25.0  0.00     0     0    4
>      50s  90.0  10.0    0.0    0.0  4.00 800.0  100.0  0.00     0     0    4
>      60s  90.0  10.0    0.0    0.0  1.00 200.0   25.0  0.00     0     0    4

# Folding: one virtual processor a second.
$ pvmsim run "$PVMSIM_LIBRARY/folding.yaml" --quiet | sed -n '/^folds$/,/^$/p'
> folds
> System configuration: type=Shared mode=Uncapped smt=4 lcpu=24 mem=4096MB psize=12 ent=2.00
>     time %user  %sys  %wait  %idle physc %entc  lbusy  vcsw phint  unf
> -------- ----- ----- ------ ------ ----- ----- ------ ----- ----- ----
>       2s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    2
>       4s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    2
>       6s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    2
>       8s  90.0  10.0    0.0    0.0  2.50 125.0   41.7     0     0    4
>      10s  90.0  10.0    0.0    0.0  4.50 225.0   75.0     0     0    6
>      12s  90.0  10.0    0.0    0.0  5.50 275.0   91.7     0     0    6
>      14s  90.0  10.0    0.0    0.0  5.50 275.0   91.7     0     0    6
>      16s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    4
>      18s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    2
>      20s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    2
>      22s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    6
>      24s  67.5   7.5    0.0   25.0  1.50  75.0   25.0     0     0    6
>

# Threads: physc 1.00 with one, two and four busy ones.
$ pvmsim run "$PVMSIM_LIBRARY/smt.yaml" --quiet | grep -E '^(one|two|four)$|^ +(10|30|40)s|^System.*smt=[12]|Expect'
> one
>      10s  56.2   6.2    0.0   37.5  1.00 100.0   25.0     1     0    1     0.0     0.0   0.00
>      30s  56.2   6.2    0.0   37.5  1.00 100.0   25.0     0     0    1     0.0     0.0   0.00
>      40s  56.2   6.2    0.0   37.5  1.00 100.0   25.0     0     0    1     0.0     0.0   0.00
> two
>      10s  78.8   8.8    0.0   12.5  1.00 100.0   50.0     1     0    1     0.0     0.0   0.00
>      30s  78.8   8.8    0.0   12.5  1.00 100.0   50.0     0     0    1     0.0     0.0   0.00
>      40s  78.8   8.8    0.0   12.5  1.00 100.0   50.0     0     0    1     0.0     0.0   0.00
> four
>      10s  90.0  10.0    0.0    0.0  1.00 100.0  100.0     1     0    1     0.0     0.0   0.00
> System configuration: type=Shared mode=Capped smt=2 lcpu=2 mem=4096MB psize=3 ent=1.00
>      30s  90.0  10.0    0.0    0.0  1.00 100.0  100.0     0     0    1     0.0     0.0   0.00
> System configuration: type=Shared mode=Capped smt=1 lcpu=1 mem=4096MB psize=3 ent=1.00
>      40s  90.0  10.0    0.0    0.0  1.00 100.0  100.0     0     0    1     0.0     0.0   0.00
> Expectations: 3 of 3 hold

# A VIOS of 0.10 units: its clients' I/Os wait, nothing fails.
$ pvmsim run "$PVMSIM_LIBRARY/undersized-vios.yaml" --quiet | grep -E '^(CLIENT|slow1\.\.|fast1\.\.|vios_small$)|^ +[0-9]+s +0.0 .* 0\.(10|13) |Expect'
> CLIENT            SERVICE  OUTAGES  LONGEST  TOTAL  REQUESTS  LOST  RETRIES  SLOWEST
> slow1..slow2 (2)  hdisk0         0        0      0   115,051     0        0  16.0 ms
> fast1..fast2 (2)  hdisk0         0        0      0   125,000     0        0   2.1 ms
> slow1..fast2 (4)  Running      0.50       0.300      0.300       4,096
> vios_small
>      10s   0.0  98.0    2.0    0.0  0.10  98.0    9.8     0     0    1
>      15s   0.0 100.0    0.0    0.0  0.10 100.0   10.0     0     0    1
>      25s   0.0  25.0   75.0    0.0  0.13  25.0   12.5     0     0    1
>      30s   0.0  25.0   75.0    0.0  0.13  25.0   12.5     0     0    1
>      15s   0.0  25.0   75.0    0.0  0.13  25.0    6.3     0     0    1
>      20s   0.0  25.0   75.0    0.0  0.13  25.0    6.3     0     0    1
>      25s   0.0  25.0   75.0    0.0  0.13  25.0    6.3     0     0    1
>      30s   0.0  25.0   75.0    0.0  0.13  25.0    6.3     0     0    1
> Expectations: 4 of 4 hold

# The explanation comes after the rows.
$ pvmsim run "$PVMSIM_LIBRARY/smt.yaml" --quiet | sed -n '/^What to see/,/^$/p'
> What to see
>   A virtual processor that is dispatched has the whole core: physc is 1.00 with one busy thread as with four. What is idle are
>   threads: %idle is 37.5 with one of four threads busy, 12.5 with two, 0 with four, and lbusy counts threads alone (25, 50,
>   100). So a partition that shows physc 1.00 and %idle 37.5 does 1.0 of the 1.6 that this core can do in SMT4.
>   20 s, 30 s  smtctl gives four fewer threads a core: its four programs take turns; the core is 100 % busy, lbusy too, but
>               with two threads it does 1.4 times, with one 1.0 times what one thread does alone.
> Rule: the published POWER7 calibration, throughput 1.0, 1.4 and 1.6 with 1, 2 and 4 busy threads; the PURR divides a core's time
> so that utilization is linear in throughput.
>

# auto: windows when the run is short and small; the run says so.
$ for duration in 1min 300d; do pvmsim run "$PVMSIM_LIBRARY/smt.yaml" --set systems.p740.dispatch=auto --set duration=$duration --set 'watch.every=1h' --until 10s --quiet | grep 'auto'; done
> p740: dispatch auto: exact
> p740: dispatch auto: fluid

# What is idle in the pool is shown to those with the authority only; the cycles are those of lslparutil.
$ pvmsim run "$PVMSIM_LIBRARY/pool-limits.yaml" --output json --series 20s 2>/dev/null | python3 -c '
| import json, sys
| result = json.load(sys.stdin)
| for name, partition in result["partitions"].items(): print(name, [row.get("app") for row in partition["processor"]["series"]])
| db1 = result["partitions"]["db1"]["processor"]
| print((db1["capped_cycles"] + db1["uncapped_cycles"]) / db1["entitled_cycles"] * db1["entitled"])
| for id, pool in result["systems"]["p740"]["pools"].items(): print(id, pool["name"], pool["entitled"], pool["used_mean"], pool["utilized_pool_cycles"] / pool["total_pool_cycles"])'
> db1 [None, None, None]
> db2 [None, None, None]
> web [1, 0, 0]
> 2.0
> 0 DefaultPool 1.5 6.66666667 0.6666666666666666
> 1 SharedPool01 0.5 3 0.9

# Refused when the file is read, at its place.
$ sed 's/max_pool_proc_units: 2/max_pool_proc_units: 0/' "$PVMSIM_LIBRARY/pool-limits.yaml" > inactive.yaml; pvmsim validate inactive.yaml
> inactive.yaml:24:99: error: partition db1: profile normal: shared_proc_pool_id 1 is not an active pool of p740; give the pool a max_pool_proc_units first, or use 0 (DefaultPool)
! exit 2

# Memory sharing: who lends, who gets back, who pages when all want theirs.
$ pvmsim run "$PVMSIM_LIBRARY/memory-sharing.yaml" --quiet | sed -n '/^Shared memory$/,/^Memory over/p;/^app2$/,/^app3$/p' | grep -E '^(PART|app|POOL|p770)|time|^ +(300|900|1500)s'
> PARTITION  LOGICAL GB  WEIGHT  PMEM GB  LOANED  STOLEN  COALESCED  PAGE-INS     MEAN       MAX     STALL  SLOWDOWN
> app1            12.00     128     9.34    2.56    0.10       0.00     4,782  11.5 ms  115.5 ms  110.4 ms      1.00
> app2             8.00     128     5.09    1.56    0.24       0.00   123,119  15.5 ms  125.5 ms  115.5 ms      1.65
> app3             4.00     128     1.44    2.56    0.00       0.00         0        0         0         0      1.00
> POOL OF  SIZE GB  LOGICAL   USED  FREE  COALESCED  MERGES  COPIES  OVERCOMMITTED
> p770       16.00    24.00  15.86  0.14       0.00       0       0     physically
> Memory over time
> app2
>     time physb   hpi  hpit  pmem  iomin   iomu   iomf  iohwm iomaf  pgcol mpgcol ccol %entc  vcsw   loan stolen   stall
>     300s 30.00     0     0  4.24    2.0    0.0    2.0    0.0     0    0.0    0.0  0.0  60.0     0   3.03   0.00     0.0
>     900s 30.00     0     0  3.56    2.0    0.0    2.0    0.0     0    0.0    0.0  0.0  60.0     0   4.44   0.00     0.0
>    1500s  3.77   241  3552  5.09    2.0    0.0    2.0    0.0     0    0.0    0.0  0.0   7.5     0   1.56   0.24   853.7
> app3

# Classes of overcommitment.
$ pvmsim run "$PVMSIM_LIBRARY/memory-overcommitment.yaml" --quiet | sed -n '/^Shared memory$/,/^Memory over/p' | grep -E '^(PART|roomy|lent|short|POOL)'
> PARTITION           LOGICAL GB  WEIGHT  PMEM GB  LOANED  STOLEN  COALESCED  PAGE-INS     MEAN       MAX     STALL  SLOWDOWN
> roomy1..roomy2 (2)        6.00     128     4.04    0.00    0.00       0.00         0        0         0         0      1.00
> lent1                     6.00     128     3.82    2.18    0.00       0.00         0        0         0         0      1.00
> lent2                     6.00     128     3.87    2.13    0.00       0.00         0        0         0         0      1.00
> short1                    6.00     128     3.35    2.56    0.07       0.00    32,081  15.7 ms  130.5 ms  115.5 ms      1.32
> short2                    6.00     128     3.11    2.56    0.27       0.00    24,151  17.1 ms  129.2 ms  110.4 ms      1.30
> POOL OF  SIZE GB  LOGICAL  USED  FREE  COALESCED  MERGES  COPIES  OVERCOMMITTED
> roomy      12.50    12.00  8.07  4.43       0.00       0       0           none
> lent        9.00    12.00  7.69  1.31       0.00       0       0      logically
> short       6.50    12.00  6.46  0.04       0.00       0       0     physically

# Weights decide who pages.
$ pvmsim run "$PVMSIM_LIBRARY/memory-weights.yaml" --quiet | sed -n '/^Shared memory$/,/^Memory over/p' | grep -E '^(PART|high|middle|low)'
> PARTITION  LOGICAL GB  WEIGHT  PMEM GB  LOANED  STOLEN  COALESCED  PAGE-INS     MEAN       MAX     STALL  SLOWDOWN
> high             6.00     255     3.44    1.58    0.00       0.00       150   8.5 ms  106.7 ms   25.1 ms      1.02
> middle           6.00     128     3.30    2.56    0.14       0.00    99,242  11.8 ms  134.2 ms  110.4 ms      1.13
> low              6.00      32     2.70    2.56    0.56       0.00   212,917  15.2 ms  135.5 ms  110.4 ms      1.63

# Ten equal partitions: nine copies less.
$ pvmsim run "$PVMSIM_LIBRARY/deduplication.yaml" --quiet | sed -n '/^Shared memory$/,/^Memory over/p;/^Expect/p' | grep -E '^(PART|app|POOL|p770|Expect)'
> PARTITION          LOGICAL GB  WEIGHT  PMEM GB  LOANED  STOLEN  COALESCED  PAGE-INS  MEAN  MAX  STALL  SLOWDOWN
> app01..app10 (10)        1.50     128     1.19    0.00    0.00       0.50         0     0    0      0      1.00
> POOL OF  SIZE GB  LOGICAL  USED  FREE  COALESCED     MERGES  COPIES  OVERCOMMITTED
> p770        9.00    15.00  7.35  1.65       4.50  1,179,657       0      logically
> Expectations: 23 of 23 hold

# An update of the operating system: pages are written apart, and become one again. pgcol and mpgcol of app1.
$ pvmsim run "$PVMSIM_LIBRARY/os-update.yaml" --quiet | sed -n '/^app1$/,/^app4$/p' | grep -E '^ +(180|300|420|540|660|780)s' | awk '{print $1, $11, $12}'
> 180s 256.0 768.0
> 300s 0.0 512.0
> 420s 234.5 490.5
> 540s 256.0 490.5
> 660s 256.0 746.5
> 780s 256.0 768.0

# Loss of the primary paging VIOS: with a second one nobody notices, without one everybody stands still.
$ pvmsim run "$PVMSIM_LIBRARY/paging-vios-loss.yaml" --quiet | grep -E '^(PARTITION +LOG|app[12] +6|Expect)'
> PARTITION  LOGICAL GB  WEIGHT  PMEM GB  LOANED  STOLEN  COALESCED  PAGE-INS     MEAN       MAX     STALL  SLOWDOWN
> app1             6.00     128     3.37    2.56    0.07       0.00    64,879  13.9 ms  135.2 ms  115.5 ms      1.22
> app2             6.00     128     3.07    2.56    0.31       0.00    60,065  14.8 ms  131.8 ms  110.4 ms      1.24
> Expectations: 6 of 6 hold

$ pvmsim run "$PVMSIM_LIBRARY/paging-vios-loss.yaml" --set 'systems.p770.mempool.paging_vios_names=[vios1]' --quiet | grep -E '^(app[12] +6|  FAILED|Expect)'
> app1             6.00     128     3.36    2.56    0.08       0.00    37,050  49.5 ms  255.02 s  255.02 s      2.26
> app2             6.00     128     3.10    2.56    0.27       0.00    29,633  58.3 ms  255.10 s  255.04 s      2.22
> Expectations: 2 of 6 hold
>   FAILED  app1  page_in_max   expected < 1s  found 255.02 s
>   FAILED  app1  memory_stall  expected < 1s  found 255.02 s
>   FAILED  app2  page_in_max   expected < 1s  found 255.10 s
>   FAILED  app2  memory_stall  expected < 1s  found 255.04 s

# The knee of memory expansion.
$ pvmsim run "$PVMSIM_LIBRARY/memory-expansion.yaml" --quiet | sed -n '/^Expanded memory$/,/^Memory over/p;/^Expansion  /,/^$/p;/^Expect/p' | grep -vE '^(Memory over|$)'
> Expanded memory
> PARTITION  FACTOR  TRUE GB  EXPANDED  IN USE  UNCOMPRESSED  COMPRESSED  DEFICIT  CORES
> f120         1.20    10.00     12.00   10.00         10.00        0.00     0.00  0.000
> f150         1.50     8.00     12.00    8.94          7.53        0.47     0.00  0.000
> f200         2.00     6.00     12.00    8.94          4.53        1.47     0.00  0.065
> f240         2.40     5.00     12.00    8.94          3.03        1.97     0.00  0.342
> f300         3.00     4.00     12.00    8.94          1.53        2.47     0.63  0.619
> Expansion    Modeled True      Modeled              CPU Usage
> Factor       Memory Size       Memory Gain          Estimate
> ---------    --------------    -----------------    -----------
>      1.00          12.00 GB       0.00 KB [  0%]    0.00 [  0%]
>      1.10          11.00 GB       1.00 GB [  9%]    0.00 [  0%]
>      1.24           9.75 GB       2.25 GB [ 23%]    0.00 [  0%]
>      1.42           8.50 GB       3.50 GB [ 41%]    0.00 [  0%]
>      1.66           7.25 GB       4.75 GB [ 66%]    0.00 [  0%]
>      2.00           6.00 GB       6.00 GB [100%]    0.19 [  9%]
>      2.53           4.75 GB       7.25 GB [153%]    0.53 [ 27%]
> Expectations: 9 of 9 hold

# A maximum that is too large costs page tables; changes of memory tell how they went.
$ pvmsim run "$PVMSIM_LIBRARY/maximum-memory.yaml" | grep -E '^(SERVER|modest|ample|Expect)|Memory:|not done|hmc:'
>    10.000 s  timeline           hmc: memory of small01: add 4096 MB
>    10.000 s  timeline           hmc: memory of large01: add 4096 MB
>    13.200 s  modest/small01     Memory: added 16 of 16 LMBs (4096 of 4096 MB); now 8192 MB
>    13.200 s  ample/large01      Memory: added 16 of 16 LMBs (4096 of 4096 MB); now 8192 MB
>    30.000 s  timeline           hmc: memory of small01: add 1024 MB
>    30.000 s  timeline           not done: partition small01: 9216 MB of memory is outside of min_mem and max_mem of profile normal; 1024 to 8192
>    30.000 s  timeline           hmc: memory of large02: remove 3072 MB
>    32.400 s  ample/large02      Memory: removed 12 of 12 LMBs (3072 of 3072 MB); now 1024 MB
> SERVER  INSTALLED GB  HYPERVISOR  PAGE TABLES IN IT  PARTITIONS  SHARED POOL  AVAILABLE
> modest         64.00        4.25               2.50       44.00         0.00      15.75
> ample          64.00       11.75              10.00       41.00         0.00      11.25
> Expectations: 5 of 5 hold

