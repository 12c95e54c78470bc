# The other verbs, and the shape of the JSON.

$ pvmsim --version
~ ^pvmsim \d+\.\d+\.\d+$

$ pvmsim validate "$PVMSIM_LIBRARY/dual-vios.yaml" | sed "s|.*/||"
> dual-vios.yaml: valid: Dual VIOS, SEA failover and virtual SCSI: 1 systems, 22 partitions, 2 Ethernet switches, 2 SAN fabrics, 1 arrays, 3 timeline steps, 2 expectations

# Standard output holds the JSON alone; the closing line goes to standard error.
$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --until 20s --output json --series 10s 2>/dev/null | python3 -c '
| import json, sys
| result = json.load(sys.stdin)
| print(result["format"], result["seed"], result["simulated_seconds"], len(result["fingerprint"]))
| app = result["partitions"]["app01"]
| processor = app["processor"]
| print({key: processor[key] for key in ("entitled", "physc_mean", "physc_max", "online", "unfolded", "entitled_cycles", "capped_cycles", "uncapped_cycles")})
| print([{key: row[key] for key in ("end_s", "physc", "user", "sys", "entc", "lbusy", "unfolded")} for row in processor["series"]])
| print(app["disks"]["hdisk0"]["unit"], app["disks"]["hdisk0"]["paths"], app["disks"]["hdisk0"]["requests"])
| print(sorted(app["interfaces"]), app["interfaces"]["en0"]["vlan"], app["interfaces"]["en0"]["lost"])
| print(result["systems"]["p740a"]["type_model"], result["systems"]["p740a"]["pools"]["0"]["cores"])'
> 1 42 20 16
> {'entitled': 0.4, 'physc_mean': 0.3, 'physc_max': 0.3, 'online': 2, 'unfolded': 1, 'entitled_cycles': 4096000000, 'capped_cycles': 3072000000, 'uncapped_cycles': 0}
> [{'end_s': 10, 'physc': 0.3, 'user': 67.5, 'sys': 7.5, 'entc': 75, 'lbusy': 15, 'unfolded': 1}, {'end_s': 20, 'physc': 0.3, 'user': 67.5, 'sys': 7.5, 'entc': 75, 'lbusy': 15, 'unfolded': 1}]
> ds1.app01_root [{'adapter': 'vscsi0', 'state': 'Enabled'}, {'adapter': 'vscsi1', 'state': 'Enabled'}] 1000
> ['en0', 'en1'] 100 0
> 8205-E6C 16

# The seed changes the run; the same seed does not.
$ for seed in 1 1 2; do pvmsim run "$PVMSIM_LIBRARY/single-vios.yaml" --until 30s --quiet --seed $seed | tail -1 | grep -o 'fingerprint=[0-9a-f]*'; done | uniq -c | awk '{print $1}'
> 2
> 1

# An expectation that does not hold: exit code 1, and the line says what was found.
$ pvmsim run "$PVMSIM_LIBRARY/single-vios.yaml" --until 30s --quiet --set 'expect=[{client: all, io_retries: "> 5"}]' | grep -A1 Expectations; exit ${PIPESTATUS[0]}
> ...
! exit 1

# The schema is one JSON document.
$ pvmsim schema | python3 -c 'import json, sys; print(json.load(sys.stdin)["$schema"])'
> http://json-schema.org/draft-07/schema#

# The shared pool is what dedicated partitions leave: 8 cores less 2, and only the shared partition's core is used of it.
$ cat > dedicated.yaml <<'E'
| pvmsim: 1
| name: dedicated beside shared
| duration: 10s
| systems: { s: { type_model: 8205-E6C, cores: 8, memory: 64GB } }
| partitions:
|   d: { system: s, lpar_id: 1, lpar_env: aixlinux, profile: { min_mem: 1GB, desired_mem: 1GB, max_mem: 2GB, proc_mode: ded,
|     sharing_mode: keep_idle_procs, min_procs: 1, desired_procs: 2, max_procs: 2 }, workload: { processor: { demand: 2 } } }
|   p: { system: s, lpar_id: 2, lpar_env: aixlinux, profile: { min_mem: 1GB, desired_mem: 1GB, max_mem: 2GB, proc_mode: shared,
|     min_proc_units: 0.1, desired_proc_units: 1.0, max_proc_units: 1.0, min_procs: 1, desired_procs: 1, max_procs: 1,
|     sharing_mode: cap }, workload: { processor: { demand: 1 } } }
| E
$ for mode in fluid exact; do pvmsim run dedicated.yaml --set systems.s.dispatch=$mode --output json 2>/dev/null |
|   python3 -c 'import json, sys; print({id: [pool["name"], pool["cores"], pool["used_mean"], pool["capacity_mean"]] for id, pool in json.load(sys.stdin)["systems"]["s"]["pools"].items()})'; done
> {'0': ['DefaultPool', 6, 1, 6]}
> {'0': ['DefaultPool', 6, 1, 6]}
