# A recorded machine from its listings to a rehearsal.
? test -d "$PVMSIM_RECORDINGS/hmc-9131-52A"

$ pvmsim import hmc "$PVMSIM_RECORDINGS/hmc-9131-52A" > site.yaml && pvmsim validate site.yaml
~ ^site.yaml: valid: .*: 1 systems, 4 partitions, 

$ pvmsim run site.yaml --quiet | grep -E '^(CLIENT|nim1)'
> ...
