# What is wrong with a site before anything fails.

$ pvmsim audit "$PVMSIM_LIBRARY/dual-vios.yaml" | head -1 | sed "s|.*/||"
~ ^dual-vios.yaml: none of \d+ rules finds anything: Dual VIOS, SEA failover and virtual SCSI$

# Equal trunk priorities: critical, so exit code 1; the place is the option that made the mistake.
$ cp "$PVMSIM_LIBRARY/dual-vios.yaml" site.yaml; pvmsim audit site.yaml --set 'partitions.vios2.profile.virtual_eth_adapters=["10/1/1/100,200/1/0", "11/0/99//0/0"]' > found.txt; code=$?; head -9 found.txt; exit $code
~ ^site.yaml: 1 critical, 0 warnings, 
> 
> NET-005 critical: Equal trunk priorities on both sides of a SEA pair
~ ^  site.yaml:\d+:\d+: vios1 ent8 and vios2 ent8 both have trunk priority 1$
> ...
>   Remedy: Give the trunk adapters of one VIOS priority 1 and those of the other priority 2.
>   Source: R-NET-05, R-NET-10; IBM, SEA failover
> ...
! exit 1

# Standard input, and JSON.
$ pvmsim audit - --set partitions.vios1.profile.uncap_weight=100 --output json < "$PVMSIM_LIBRARY/dual-vios.yaml" | python3 -c '
| import json, sys
| result = json.load(sys.stdin)
| found = [one for one in result["findings"] if one["id"] == "VIO-002"]
| print(result["format"], result["file"], result["critical"], result["rules"] > 60, len(found))
| print(found[0]["severity"], "|", found[0]["message"])
| print(found[0]["evidence"][0]["path"], found[0]["evidence"][0]["file"])'
> 1 <stdin> 0 True 1
> advice | vios1 has weight 100, app20 has 128
~ ^partitions.vios1.profile.uncap_weight --set partitions.vios1.profile.uncap_weight

$ pvmsim audit --list | grep -E '^(ID|NET-003|PAR-004) '
~ ^ID +SEVERITY +TITLE$
~ ^NET-003 +warning +VLAN of a control channel is used by something else$
~ ^PAR-004 +advice +Uncapped with weight 0$

$ pvmsim audit --explain sto-006
> STO-006 warning: vscsi_path_to=0 on a client of two VIOSes
>   A VIOS that hangs without dying is never given up: the client's I/O waits as long as it hangs.
>   Remedy: chdev -l vscsi0 -a vscsi_path_to=30 -P, for each adapter, and restart the client.
>   Source: R-STO-04; behaviour 4.3

$ pvmsim audit --explain NET-00
~ ^pvmsim: there is no rule 'NET-00', did you mean 'NET-00\d'\?$
> pvmsim: see: pvmsim audit --list
! exit 2

$ pvmsim audit
> pvmsim: audit needs FILE, --list or --explain
> pvmsim: see: pvmsim audit --help
! exit 2

$ pvmsim audit nowhere.yaml
~ ^nowhere.yaml: error: 
! exit 2
