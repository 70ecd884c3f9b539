# Searches that edit computation graphs, and trainings of the networks that they find.


rule search_graphs:
    input:
        unpack(graph_search_inputs),
    output:
        f"{RESULTS}/graph_search/{{search}}/{{task}}.parquet",
    log:
        f"{RESULTS}/logs/search_graphs/{{search}}-{{task}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/search_graphs/{{search}}-{{task}}.tsv"
    wildcard_constraints:
        search=one_of(CONFIG.graph_searches),
    conda:
        TORCH_ENV
    threads: 1
    resources:
        mem_mb=4000,
        runtime=180,
    params:
        code=lambda wildcards: code(
            "search_graphs",
            space_code(CONFIG.tasks[wildcards.task].space),
            module_code(graph_scorers.module_of(CONFIG.graph_searches[wildcards.search].scorer)),
        ),
        search=lambda wildcards: CONFIG.graph_searches[wildcards.search].model_dump(
            exclude={"tasks", "trainings"}
        ),
        task=lambda wildcards: task_settings(wildcards.task),
        size=lambda wildcards: graph_search_size(wildcards.task),
    message:
        "Searching graphs from the best network of {wildcards.task} ({wildcards.search})"
    script:
        "../scripts/search_graphs.py"


rule train_graphs:
    input:
        graphs=f"{RESULTS}/graph_search/{{search}}/{{task}}.parquet",
        images=lambda wildcards: graph_search_images(wildcards.task),
    output:
        f"{RESULTS}/graph_search/{{search}}/{{task}}-trained.parquet",
    log:
        f"{RESULTS}/logs/train_graphs/{{search}}-{{task}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_graphs/{{search}}-{{task}}.tsv"
    wildcard_constraints:
        search=one_of(CONFIG.graph_searches),
        task=one_of([task for name in CONFIG.graph_searches for task in trained_tasks(name)]),
    conda:
        DEVICE_ENV
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
        gpu=int(WANTS_GPU),
    params:
        code=code("train_graphs"),
        settings=lambda wildcards: graph_training_settings(wildcards.task),
        trainings=lambda wildcards: CONFIG.graph_searches[wildcards.search].trainings,
        device=CONFIG.device,
    message:
        "Training the graphs found from {wildcards.task} ({wildcards.search})"
    script:
        "../scripts/train_graphs.py"


# One short rule a search, as for tables.
for name in CONFIG.graph_searches:

    rule:
        name:
            name
        input:
            graph_search_files(name),
        localrule: True
