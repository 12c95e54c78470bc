# Processor time in both modes: the same shares (V16), and a run says which mode it used.

$ pvmsim run "$PVMSIM_LIBRARY/weights.yaml" --quiet | grep -E '^(PARTITION|vios_like|production|preproduction|development|test) |Expect'
> PARTITION      STATE    ENTITLED  PHYSC MEAN  PHYSC MAX  MEMORY MIB
> vios_like      Running      1.00       3.024      3.024       4,096
> production     Running      1.00       2.587      2.587       4,096
> preproduction  Running      1.00       1.794      1.794       4,096
> development    Running      1.00       1.397      1.397       4,096
> test           Running      1.00       1.198      1.198       4,096
> Expectations: 5 of 5 hold

$ for mode in exact fluid; do pvmsim run "$PVMSIM_LIBRARY/weights.yaml" --set systems.p740.dispatch=$mode --output json 2>/dev/null |
|   python3 -c '
| import json, sys
| result = json.load(sys.stdin)
| print(result["systems"]["p740"]["dispatch"], [round(p["processor"]["physc_mean"], 3) for p in result["partitions"].values()])'; done
> exact [3.024, 2.587, 1.794, 1.397, 1.198]
> fluid [3.024, 2.587, 1.794, 1.397, 1.198]

# Weight 0 is as good as capped; what one leaves unused goes to the others, by weight.
$ pvmsim run "$PVMSIM_LIBRARY/weights.yaml" --quiet --set partitions.test.profile.uncap_weight=0 --set 'expect=[{client: test, physc_mean: "0.999..1.001"}]' | grep Expect
> Expectations: 1 of 1 hold
$ pvmsim run "$PVMSIM_LIBRARY/weights.yaml" --quiet --set partitions.production.workload.processor.demand=0.5 \
|   --set 'expect=[{client: production, physc_mean: "0.499..0.501"}, {client: vios_like, physc_mean: "4.261..4.263"}]' | grep Expect
> Expectations: 2 of 2 hold
