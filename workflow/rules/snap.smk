# SNAP: operator graphs of whole spaces, trainings on one of them, and what they say of the others.


wildcard_constraints:
    study="[a-z0-9_]+",
    recipe="[a-z0-9_]+",
    seed=r"\d+",


rule collect_operator_graphs:
    input:
        labels=lambda wildcards: (
            []
            if listed_at_once(wildcards.space)
            else f"{RESULTS}/labels/{wildcards.space}.parquet"
        ),
    output:
        f"{RESULTS}/operators/{{space}}.parquet",
    log:
        f"{RESULTS}/logs/collect_operator_graphs/{{space}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_operator_graphs/{{space}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=lambda wildcards: code(
            "collect_operator_graphs",
            space_code(wildcards.space),
            *(
                module_code(encodings.module_of(form))
                for form in encodings.names()
                if form.startswith("op_graph")
            ),
        ),
    message:
        "Listing the operator graphs of {wildcards.space}"
    script:
        "../scripts/collect_operator_graphs.py"


rule train_snap:
    input:
        unpack(snap_inputs),
    output:
        predictions=f"{RESULTS}/snap/{{study}}/{{recipe}}-seed={{seed}}.parquet",
        model=f"{RESULTS}/snap/{{study}}/{{recipe}}-seed={{seed}}.safetensors",
    log:
        f"{RESULTS}/logs/train_snap/{{study}}-{{recipe}}-{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_snap/{{study}}-{{recipe}}-{{seed}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=lambda wildcards: code("train_snap", *map(space_code, snap_spaces(wildcards.study))),
        recipe=lambda wildcards: CONFIG.snap[wildcards.study].training(wildcards.recipe),
        source=lambda wildcards: CONFIG.snap[wildcards.study].source,
        targets=lambda wildcards: snap_targets(wildcards.study),
        tasks=lambda wildcards: {task: task_settings(task) for task in snap_tasks(wildcards.study)},
    message:
        "Training SNAP, {wildcards.study}: {wildcards.recipe}, seed {wildcards.seed}"
    script:
        "../scripts/train_snap.py"


rule score_snap:
    input:
        lambda wildcards: snap_runs(wildcards.study),
    output:
        scores=f"{RESULTS}/scores/snap-{{study}}.csv",
        seeds=f"{RESULTS}/scores/snap-{{study}}-seeds.csv",
    log:
        f"{RESULTS}/logs/score_snap/{{study}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_snap/{{study}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        code=code("score_snap"),
        resamples=lambda wildcards: CONFIG.snap[wildcards.study].bootstrap,
    message:
        "Scoring the runs of {wildcards.study}"
    script:
        "../scripts/score_snap.py"


rule snap_studies:
    input:
        expand("{results}/scores/snap-{name}.csv", results=RESULTS, name=CONFIG.snap),
