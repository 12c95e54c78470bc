# The picture in the README is what the default rehearsal prints, wall time aside.
$ picture() { sed -n '/^\$ .\/dev run$/,/^```$/p' "$PVMSIM_LIBRARY/../../README.md" | sed '1d;$d;s/ wall=.*//'; }
| diff <(picture) <(pvmsim run "$PVMSIM_LIBRARY/dual-vios.yaml" | sed 's/ wall=.*//') && picture | wc -l
> 40
