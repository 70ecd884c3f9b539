# Tables: tidy rows first, the paper's layout as Markdown, LaTeX and HTML from the same rows.


rule make_table:
    input:
        scores=lambda wildcards: (
            f"{RESULTS}/scores/{CONFIG.tables[wildcards.table].experiment}.csv"
        ),
        published=library_file("tables/published/nap2.csv"),
    output:
        csv=f"{RESULTS}/tables/{{table}}.csv",
        md=f"{RESULTS}/tables/{{table}}.md",
        tex=f"{RESULTS}/tables/{{table}}.tex",
        html=f"{RESULTS}/tables/{{table}}.html",
    log:
        f"{RESULTS}/logs/make_table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_table/{{table}}.tsv"
    wildcard_constraints:
        table=one_of(CONFIG.experiment_tables),
    conda:
        CORE_ENV
    resources:
        mem_mb=500,
        runtime=10,
    params:
        code=code("make_table"),
        table=lambda wildcards: CONFIG.tables[wildcards.table].model_dump(),
        experiment=lambda wildcards: CONFIG.experiments[
            CONFIG.tables[wildcards.table].experiment
        ].model_dump(include={"tasks", "budgets", "predictors", "transfer"}),
        tasks=lambda wildcards: {
            name: CONFIG.tasks[name].model_dump()
            for name in CONFIG.experiments[CONFIG.tables[wildcards.table].experiment].tasks
        },
        comparable=CONFIG.comparable,
    message:
        "Making {wildcards.table}"
    script:
        "../scripts/make_table.py"


rule make_proxy_table:
    input:
        unpack(proxy_table_inputs),
        published=lambda wildcards: library_file(
            f"tables/published/{published_paper(wildcards.table)}.csv"
        ),
    output:
        csv=f"{RESULTS}/tables/{{table}}.csv",
        md=f"{RESULTS}/tables/{{table}}.md",
        tex=f"{RESULTS}/tables/{{table}}.tex",
        html=f"{RESULTS}/tables/{{table}}.html",
    log:
        f"{RESULTS}/logs/make_proxy_table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_proxy_table/{{table}}.tsv"
    wildcard_constraints:
        table=one_of(CONFIG.proxy_tables),
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("make_proxy_table"),
        table=lambda wildcards: CONFIG.tables[wildcards.table].model_dump(),
        tasks={name: task_settings(name) for name in CONFIG.tasks},
    message:
        "Making {wildcards.table}"
    script:
        "../scripts/make_proxy_table.py"


rule make_grid_table:
    input:
        scores=lambda wildcards: grid_scores(CONFIG.tables[wildcards.table]),
        seeds=lambda wildcards: grid_scores(CONFIG.tables[wildcards.table], "-seeds"),
        published=library_file("tables/published/white.csv"),
    output:
        csv=f"{RESULTS}/tables/{{table}}.csv",
        md=f"{RESULTS}/tables/{{table}}.md",
        tex=f"{RESULTS}/tables/{{table}}.tex",
        html=f"{RESULTS}/tables/{{table}}.html",
    log:
        f"{RESULTS}/logs/make_grid_table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_grid_table/{{table}}.tsv"
    wildcard_constraints:
        table=one_of(CONFIG.grid_tables),
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("make_grid_table"),
        table=lambda wildcards: CONFIG.tables[wildcards.table].model_dump(),
        grids=lambda wildcards: grid_settings(CONFIG.tables[wildcards.table]),
        tasks={name: task_settings(name) for name in CONFIG.tasks},
    message:
        "Making {wildcards.table}"
    script:
        "../scripts/make_grid_table.py"


# One short rule a table, so that `snakemake nap2_table4` makes that table and no other.
for name in CONFIG.tables:

    rule:
        name:
            name
        input:
            table_files(name),
        localrule: True
