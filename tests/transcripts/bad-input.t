# Bad input: one clear message each, exit code 2, nothing half written.

$ pvmsim
> pvmsim: A subcommand is required
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim rum site.yaml
> pvmsim: unknown command 'rum', did you mean 'run'?
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim run
> pvmsim: FILE is required
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim run no-such-file.yaml
> no-such-file.yaml: error: no such file
! exit 2

$ pvmsim run .
> .: error: is a directory, not a scenario file
! exit 2

$ printf 'pvmsim: 1\nname: x\nduration: 10\ndurations: 1\n' > broken.yaml; pvmsim run broken.yaml
> broken.yaml:1:1: error: key 'systems' is missing: The servers (managed systems), by name.
> broken.yaml:1:1: error: key 'partitions' is missing: The partitions, by name; names are unique over all systems.
> broken.yaml:3:11: error: 'duration' takes a duration with its unit, such as 10ms, 5s or 2min, not '10'
> broken.yaml:4:1: error: unknown key 'durations', did you mean 'duration'?
! exit 2

$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --until soon
> pvmsim: --until: 'soon' is not a duration with its unit, such as 10ms, 5s or 2min
! exit 2

$ pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --set partitions.vios1.boot=1s
> --set partitions.vios1.boot: error: unknown key 'boot', did you mean 'boot_time'?
! exit 2

$ pvmsim run "$PVMSIM_LIBRARY/single-vios.yaml" --trace no-such-directory/trace.jsonl
> pvmsim: cannot write no-such-directory/trace.jsonl: No such file or directory
! exit 2

$ pvmsim run "$PVMSIM_LIBRARY/single-vios.yaml" --until 1s --quiet > /dev/full
> pvmsim: cannot write to standard output: No space left on device
! exit 2

$ pvmsim run "$PVMSIM_LIBRARY/single-vios.yaml" --until 1s --quiet --trace /dev/full > /dev/null
> pvmsim: cannot write /dev/full: No space left on device
! exit 2

$ pvmsim import hmc no-such-directory
> no-such-directory: no such directory
! exit 2

# Stopped by the user: exit code 130, and no half of a trace stays behind.
$ timeout --preserve-status --signal=INT 1 pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" --set duration=100h --quiet --trace trace.jsonl > /dev/null
~ ^pvmsim: interrupted after [0-9.]+ s simulated; no result$
! exit 130

$ ls
> broken.yaml
