# Searches for the best labelled network, guided by predictors or not, and what they regret.


rule run_search:
    input:
        labels=lambda wildcards: f"{RESULTS}/labels/{CONFIG.tasks[wildcards.task].space}.parquet",
    output:
        f"{RESULTS}/search/{{search}}/{{task}}/{{method}}-part={{part}}.parquet",
    log:
        f"{RESULTS}/logs/run_search/{{search}}-{{task}}-{{method}}-{{part}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/run_search/{{search}}-{{task}}-{{method}}-{{part}}.tsv"
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
            "run_search",
            space_code(CONFIG.tasks[wildcards.task].space),
            *modules_code([p for p in [search_method(wildcards)[1]] if p]),
        ),
        search=lambda wildcards: CONFIG.searches[wildcards.search].model_dump(
            include={
                "queries",
                "neighbours",
                "population",
                "sample",
                "initial",
                "batch",
                "candidates",
                "parents",
                "ensemble",
                "settings",
            }
        ),
        method=search_method,
        seeds=lambda wildcards: list(CONFIG.searches[wildcards.search].parts[int(wildcards.part)]),
        task=lambda wildcards: task_settings(wildcards.task),
    message:
        "Searching {wildcards.task} by {wildcards.method}, part {wildcards.part} of "
        "{wildcards.search}"
    script:
        "../scripts/run_search.py"


rule compare_searches:
    input:
        runs=lambda wildcards: search_runs(wildcards.search),
        labels=lambda wildcards: [
            f"{RESULTS}/labels/{CONFIG.tasks[task].space}.parquet"
            for task in searched_tasks(wildcards.search)
        ],
    output:
        curves=f"{RESULTS}/scores/search-{{search}}.csv",
        csv=f"{RESULTS}/tables/{{search}}.csv",
        md=f"{RESULTS}/tables/{{search}}.md",
        tex=f"{RESULTS}/tables/{{search}}.tex",
        html=f"{RESULTS}/tables/{{search}}.html",
        svg=f"{RESULTS}/figures/{{search}}.svg",
        png=f"{RESULTS}/figures/{{search}}.png",
    log:
        f"{RESULTS}/logs/compare_searches/{{search}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare_searches/{{search}}.tsv"
    wildcard_constraints:
        search=one_of(CONFIG.searches),
    conda:
        CORE_ENV
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("compare_searches"),
        search=lambda wildcards: CONFIG.searches[wildcards.search].model_dump(),
        methods=lambda wildcards: list(CONFIG.searches[wildcards.search].methods.values()),
        live=lambda wildcards: searched_tasks(wildcards.search),
        tasks=lambda wildcards: {
            name: task_settings(name) for name in CONFIG.searches[wildcards.search].tasks
        },
    message:
        "Comparing the searches of {wildcards.search}"
    script:
        "../scripts/compare_searches.py"


# One short rule a search, as for tables.
for name in CONFIG.searches:

    rule:
        name:
            name
        input:
            table_files(name),
            figure_files(name),
        localrule: True
