# Grids of initialisation and query budgets: the protocol of White et al. on any task.


rule evaluate_grid:
    input:
        unpack(grid_inputs),
    output:
        f"{RESULTS}/grids/{{grid}}/{{task}}/{{group}}-part={{part}}.parquet",
    log:
        f"{RESULTS}/logs/evaluate_grid/{{grid}}-{{task}}-{{group}}-{{part}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate_grid/{{grid}}-{{task}}-{{group}}-{{part}}.tsv"
    wildcard_constraints:
        part=r"\d+",
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        code=lambda wildcards: code(
            "evaluate_grid",
            space_code(CONFIG.tasks[wildcards.task].space),
            *modules_code(GROUPS[wildcards.grid][wildcards.group]),
        ),
        grid=lambda wildcards: CONFIG.grids[wildcards.grid].model_dump(
            include={"train_sizes", "budgets", "test_networks", "sampling", "curves", "settings"}
        ),
        predictors=lambda wildcards: GROUPS[wildcards.grid][wildcards.group],
        changes=lambda wildcards: {
            name: changes
            for name, changes in CONFIG.grids[wildcards.grid].changes.items()
            if name in GROUPS[wildcards.grid][wildcards.group]
        },
        seeds=lambda wildcards: list(CONFIG.grids[wildcards.grid].parts[int(wildcards.part)]),
        task=lambda wildcards: task_settings(wildcards.task),
        protocol=grid_protocol,
        size=lambda wildcards: network_settings(CONFIG.tasks[wildcards.task].space),
    message:
        "Evaluating the {wildcards.group} of {wildcards.grid} on {wildcards.task}, "
        "part {wildcards.part}"
    script:
        "../scripts/evaluate_grid.py"


rule score_grid:
    input:
        lambda wildcards: grid_predictions(wildcards.grid),
    output:
        scores=f"{RESULTS}/scores/grid-{{grid}}.csv",
        seeds=f"{RESULTS}/scores/grid-{{grid}}-seeds.csv",
    log:
        f"{RESULTS}/logs/score_grid/{{grid}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_grid/{{grid}}.tsv"
    conda:
        CORE_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("score_grid"),
        estimators=lambda wildcards: estimators(CONFIG.grids[wildcards.grid].predictors),
        resamples=lambda wildcards: CONFIG.grids[wildcards.grid].bootstrap,
    message:
        "Scoring the predictions of {wildcards.grid}"
    script:
        "../scripts/score_grid.py"


rule draw_grid:
    input:
        scores=lambda wildcards: grid_scores(CONFIG.figures[wildcards.figure]),
        seeds=lambda wildcards: grid_scores(CONFIG.figures[wildcards.figure], "-seeds"),
    output:
        svg=f"{RESULTS}/figures/{{figure}}.svg",
        png=f"{RESULTS}/figures/{{figure}}.png",
    log:
        f"{RESULTS}/logs/draw_grid/{{figure}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/draw_grid/{{figure}}.tsv"
    wildcard_constraints:
        figure=one_of(CONFIG.grid_figures),
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("draw_grid"),
        figure=lambda wildcards: CONFIG.figures[wildcards.figure].model_dump(),
        grids=lambda wildcards: grid_settings(CONFIG.figures[wildcards.figure]),
        tasks={name: task_settings(name) for name in CONFIG.tasks},
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/draw_grid.py"


rule grids:
    input:
        expand("{results}/scores/grid-{name}.csv", results=RESULTS, name=CONFIG.grids),
