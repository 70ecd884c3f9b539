# Zero-cost proxies: measured on untrained networks and one mini-batch, shard by shard.


rule measure_proxies:
    input:
        measured_images,
    output:
        f"{RESULTS}/proxies/{{proxies}}/{{task}}/shard={{shard}}.parquet",
    log:
        f"{RESULTS}/logs/measure_proxies/{{proxies}}-{{task}}-{{shard}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/measure_proxies/{{proxies}}-{{task}}-{{shard}}.tsv"
    conda:
        DEVICE_ENV
    threads: 1
    resources:
        mem_mb=6000,
        runtime=240,
        gpu=int(WANTS_GPU),
    params:
        code=lambda wildcards: code(
            "measure_proxies",
            space_code(CONFIG.tasks[wildcards.task].space),
            task_code(CONFIG.tasks[wildcards.task].label_task),
            *proxy_code(wildcards.proxies),
        ),
        settings=proxy_settings,
        bounds=lambda wildcards: CONFIG.measured_networks(
            wildcards.proxies, wildcards.task
        ).bounds(int(wildcards.shard)),
        device=CONFIG.device,
    message:
        "Measuring {wildcards.proxies} proxies of {wildcards.task}, shard {wildcards.shard}"
    script:
        "../scripts/measure_proxies.py"


rule score_proxies:
    input:
        proxies=lambda wildcards: proxy_shards(wildcards.proxies, measured_tasks(wildcards.proxies)),
        labels=lambda wildcards: [
            f"{RESULTS}/labels/{CONFIG.tasks[task].space}.parquet"
            for task in measured_tasks(wildcards.proxies)
        ],
    output:
        scores=f"{RESULTS}/scores/proxies-{{proxies}}.csv",
        pairs=f"{RESULTS}/scores/proxies-{{proxies}}-pairs.csv",
    log:
        f"{RESULTS}/logs/score_proxies/{{proxies}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score_proxies/{{proxies}}.tsv"
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=lambda wildcards: code("score_proxies", *proxy_code(wildcards.proxies)),
        proxies=lambda wildcards: CONFIG.proxies[wildcards.proxies].proxies,
        tasks=lambda wildcards: {
            name: task_settings(name) for name in measured_tasks(wildcards.proxies)
        },
        resamples=lambda wildcards: CONFIG.proxies[wildcards.proxies].bootstrap,
    message:
        "Scoring the proxies of {wildcards.proxies}"
    script:
        "../scripts/score_proxies.py"


rule draw_proxies:
    input:
        scores=lambda wildcards: proxy_scores(CONFIG.figures[wildcards.figure]),
        pairs=lambda wildcards: proxy_scores(CONFIG.figures[wildcards.figure], "-pairs"),
    output:
        svg=f"{RESULTS}/figures/{{figure}}.svg",
        png=f"{RESULTS}/figures/{{figure}}.png",
    log:
        f"{RESULTS}/logs/draw_proxies/{{figure}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/draw_proxies/{{figure}}.tsv"
    wildcard_constraints:
        figure=one_of(CONFIG.proxy_figures),
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("draw_proxies"),
        figure=lambda wildcards: CONFIG.figures[wildcards.figure].model_dump(),
        tasks={name: task_settings(name) for name in CONFIG.tasks},
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/draw_proxies.py"


# One short rule a figure, as for tables.
for name in CONFIG.figures:

    rule:
        name:
            name
        input:
            figure_files(name),
        localrule: True


rule proxies:
    input:
        expand("{results}/scores/proxies-{name}.csv", results=RESULTS, name=CONFIG.proxies),
