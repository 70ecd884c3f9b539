# SNAP-R: chosen on NAS-Bench-101 alone, trained on it, and tested on spaces that it has not seen.


# The choice is a job of its own that is given no label of any other space.
rule select_snap_r:
    input:
        labels=f"{RESULTS}/labels/nasbench101.parquet",
        cells=f"{RESULTS}/graphs/nasbench101-cells.parquet",
        concept=lambda wildcards: [p for paths in snap_r_concept().values() for p in paths],
    output:
        f"{RESULTS}/snap_r/selection.csv",
    log:
        f"{RESULTS}/logs/select_snap_r/nasbench101.log",
    benchmark:
        f"{RESULTS}/benchmarks/select_snap_r/nasbench101.tsv"
    conda:
        CORE_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("select_snap_r"),
        selection=lambda wildcards: snap_r_settings().selection.model_dump(),
        concept=lambda wildcards: snap_r_concept(),
    message:
        "Choosing the recipe of SNAP-R by shifts within NAS-Bench-101"
    script:
        "../scripts/select_snap_r.py"


rule train_snap_r:
    input:
        unpack(snap_r_inputs),
    output:
        seeds=f"{RESULTS}/snap_r/zero_shot-seeds.csv",
        means=f"{RESULTS}/snap_r/zero_shot.csv",
    log:
        f"{RESULTS}/logs/train_snap_r/nasbench101.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_snap_r/nasbench101.tsv"
    conda:
        CORE_ENV
    threads: 1
    resources:
        mem_mb=6000,
        runtime=120,
    params:
        code=lambda wildcards: code("train_snap_r", *map(space_code, snap_r_spaces())),
        settings=lambda wildcards: snap_r_settings().model_dump(),
        published=lambda wildcards: snap_r_published(),
        minibench=lambda wildcards: snap_r_minibench(),
    message:
        "Training SNAP-R on NAS-Bench-101 and ranking other spaces"
    script:
        "../scripts/train_snap_r.py"


# The name of the target for users.
rule snap_r:
    input:
        f"{RESULTS}/snap_r/zero_shot.csv",
    localrule: True
