# A recorded machine from its listings to a rehearsal.
? test -d "$PVMSIM_RECORDINGS/hmc-9131-52A"

$ pvmsim import hmc "$PVMSIM_RECORDINGS/hmc-9131-52A" > site.yaml && pvmsim validate site.yaml
~ ^site.yaml: valid: .*: 1 systems, 4 partitions, 

# vios1 is powered off at 60 s and back four minutes later: VLAN 7 is bridged by it alone, the disk has a path through each.
$ pvmsim import hmc "$PVMSIM_RECORDINGS/hmc-9131-52A" | pvmsim run - --quiet | grep -E '^(CLIENT|nim1 )'
~ ^CLIENT +SERVICE +OUTAGES +LONGEST +TOTAL +REQUESTS +LOST +RETRIES +SLOWEST$
~ ^nim1 +en0 vlan 6 +0 +0 +0 +470 +0 
~ ^nim1 +en1 vlan 7 +1 +31\d\.\d\d s +31\d\.\d\d s +470 +31\d 
~ ^nim1 +hdisk0 +0 +0 +0 +9,400 +0 +1 
~ ^nim1 
