# Labels: read from a published table or the shipped mini benchmark, or trained by ourselves.


rule labels:
    input:
        [f"{RESULTS}/labels/{space}.parquet" for space in LABELLED],


rule enumerate_cells:
    output:
        f"{RESULTS}/graphs/nasbench101-cells.parquet",
    log:
        f"{RESULTS}/logs/enumerate_cells/nasbench101.log",
    benchmark:
        f"{RESULTS}/benchmarks/enumerate_cells/nasbench101.tsv"
    conda:
        CORE_ENV
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("enumerate_cells"),
    message:
        "Listing the cells of NAS-Bench-101"
    script:
        "../scripts/enumerate_cells.py"


rule collect_labels:
    input:
        unpack(label_sources),
    output:
        f"{RESULTS}/labels/{{space}}.parquet",
    log:
        f"{RESULTS}/logs/collect_labels/{{space}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_labels/{{space}}.tsv"
    conda:
        CORE_ENV
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("collect_labels"),
    message:
        "Collecting the labels of {wildcards.space}"
    script:
        "../scripts/collect_labels.py"


rule train_labels:
    input:
        training_images,
    output:
        f"{RESULTS}/minibench/{{space}}/{{part}}/shard={{shard}}.parquet",
    log:
        f"{RESULTS}/logs/train_labels/{{space}}-{{part}}-{{shard}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_labels/{{space}}-{{part}}-{{shard}}.tsv"
    conda:
        DEVICE_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=int(WANTS_GPU),
    params:
        code=lambda wildcards: code(
            "train_labels",
            space_code(wildcards.space),
            task_code(training_settings(wildcards)["task"]),
        ),
        settings=training_settings,
        bounds=lambda wildcards: CONFIG.minibench[wildcards.space].bounds(int(wildcards.shard)),
        device=CONFIG.device,
    message:
        "Training labels of {wildcards.space} on {wildcards.part}, shard {wildcards.shard}"
    script:
        "../scripts/train_labels.py"


rule minibench:
    input:
        [
            f"{RESULTS}/minibench/{space}/{part}/shard={shard}.parquet"
            for space, benchmark in CONFIG.minibench.items()
            for part in benchmark.parts
            for shard in benchmark.shards
        ],


rule assess_labels:
    input:
        minibench_shards,
    output:
        f"{RESULTS}/tables/minibench_reliability.csv",
    log:
        f"{RESULTS}/logs/assess_labels.log",
    benchmark:
        f"{RESULTS}/benchmarks/assess_labels.tsv"
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        code=code("assess_labels"),
    message:
        "Measuring the reliability of the mini benchmark's labels"
    script:
        "../scripts/assess_labels.py"


rule rebuild_labels:
    input:
        images=training_images,
        shards=lambda wildcards: shipped_shards(wildcards.space, wildcards.part),
    output:
        f"{RESULTS}/rebuilt/{{space}}/{{part}}.parquet",
    log:
        f"{RESULTS}/logs/rebuild_labels/{{space}}-{{part}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/rebuild_labels/{{space}}-{{part}}.tsv"
    conda:
        DEVICE_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=int(WANTS_GPU),
    params:
        code=lambda wildcards: code(
            "rebuild_labels",
            space_code(wildcards.space),
            task_code(training_settings(wildcards)["task"]),
        ),
        settings=training_settings,
        networks=5,
        device=CONFIG.device,
    message:
        "Training a sample of {wildcards.space} on {wildcards.part} again"
    script:
        "../scripts/rebuild_labels.py"


rule compare_rebuilt:
    input:
        shards=minibench_shards,
        rebuilt=[f"{RESULTS}/rebuilt/{space}/{part}.parquet" for space, part in SHIPPED_PARTS],
    output:
        f"{RESULTS}/tables/minibench_rebuilt.csv",
    log:
        f"{RESULTS}/logs/compare_rebuilt.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare_rebuilt.tsv"
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        code=code("compare_rebuilt"),
    message:
        "Comparing labels that were trained again with those that are shipped"
    script:
        "../scripts/compare_rebuilt.py"
