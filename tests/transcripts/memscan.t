# memscan: what deduplication and expansion would make of the memory in files. Times and rates go to standard error.

# Two dumps: 3 zero pages each, 4 pages of text in the first of which 2 are in the second too; a last page of 5 bytes.
$ head -c 12288 /dev/zero > a; for c in w x y z; do head -c 4096 /dev/zero | tr '\0' $c; done >> a
$ cp a b; truncate -s 20480 b; printf 'tail\n' >> b
$ pvmsim memscan a b 2> /dev/null
> FILE   FILES  PAGES   MB  ZERO  WITHIN  ACROSS  SAVED MB
> a          1      7  0.0     3       2       0       0.0
> b          1      6  0.0     3       2       3       0.0
> total      2     13  0.1     6       4       3       0.0
>
> Deduplication
>   pages that merge   7 of 13 (53.8 %): 4 within a file, 3 across files
>   memory set free    0.0 MB of 0.1 MB
>   contents shared    3
>   signature table    64 bytes, finds all of them
>
> Expansion
>   compressed         every page
>   ratio              155.24 of the 100.0 % that compress, 155.24 of all
>   factor at most     10.00: 0.1 MB out of 0.0 MB of true memory
>
> COMPRESSED TO BYTES  PAGES    SHARE
> up to 512               13  100.0 %
> up to 1024               0    0.0 %
> up to 1536               0    0.0 %
> up to 2048               0    0.0 %
> up to 2560               0    0.0 %
> up to 3072               0    0.0 %
> up to 3584               0    0.0 %
> up to 4096               0    0.0 %

$ pvmsim memscan a b --output json 2> /dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["format"], r["total"], r["deduplication"]["merged_pages"])'
> 1 {'files': 2, 'pages': 13, 'zero_pages': 6, 'merged_within': 4, 'merged_across': 3, 'saved_bytes': 28672} 7

$ pvmsim memscan a b --threads 1 > one 2> /dev/null; pvmsim memscan a b --threads 3 --memory 64MB > three 2> closing; cmp one three; cat closing
~ ^pages=13 threads=3 wall=[0-9.]+s pages_per_second=[0-9]+$

# Directories are walked; links are not followed, special files are left alone, a second name is the same file.
$ mkdir -p tree/sub; cp a tree/sub; ln tree/sub/a tree/again; ln -s /etc tree/link; mkfifo tree/pipe; : > tree/empty
$ pvmsim memscan tree 2> /dev/null | sed -n '1,2p;$p'
> FILE  FILES  PAGES   MB  ZERO  WITHIN  ACROSS  SAVED MB
> tree      1      7  0.0     3       2       0       0.0
> Left out: 1 empty, 1 symbolic links, 1 special files, 1 other names of files scanned

# One clear message each, nothing on standard output.
$ pvmsim memscan
> pvmsim: FILE is required
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim memscan a no-such-file tree/pipe /dev/null > out
> pvmsim: no-such-file: No such file or directory
> pvmsim: tree/pipe: neither a regular file nor a directory
> pvmsim: /dev/null: neither a regular file nor a directory
! exit 2

$ cat out; pvmsim memscan tree/empty
> pvmsim: tree/empty: empty, no pages
> pvmsim: nothing to scan: there is no page in what was named
! exit 2

$ pvmsim memscan a tree/empty > out; wc -l < out
> pvmsim: tree/empty: empty, no pages
~ ^pages=7 threads=[0-9]+ wall=[0-9.]+s pages_per_second=[0-9]+$
> 27

$ pvmsim memscan a --memory 1MB
> pvmsim: --memory: '1MB' is less than 64MB
! exit 2

$ pvmsim memscan a --memory lots
> pvmsim: --memory: 'lots' is not a size with its unit, such as 4KB or 50GB
! exit 2

$ pvmsim memscan a --table-ratio 1:100
> pvmsim: --table-ratio: 1:100 not in {1:256,1:512,1:1024,1:2048,1:4096,1:8192}
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim memscan a --table-size 16MB --table-ratio 1:256
> pvmsim: --table-size excludes --table-ratio
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim memscan a --threads 0
> pvmsim: --threads: Value 0 not in range 1 to 64
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim memscan a --sample 0
> pvmsim: --sample: Value 0 not in range 1 to 1099511627776
> pvmsim: see: pvmsim --help
! exit 2

$ pvmsim memscan a > /dev/full
> pvmsim: cannot write to standard output: No space left on device
! exit 2
