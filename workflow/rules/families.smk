# The families side by side: what they look like, how large and how accurate their networks are.


rule draw_family:
    output:
        cell_svg=f"{RESULTS}/figures/family_{{space}}_cell.svg",
        cell_png=f"{RESULTS}/figures/family_{{space}}_cell.png",
        graph_svg=f"{RESULTS}/figures/family_{{space}}_graph.svg",
        graph_png=f"{RESULTS}/figures/family_{{space}}_graph.png",
    log:
        f"{RESULTS}/logs/draw_family/{{space}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/draw_family/{{space}}.tsv"
    conda:
        TORCH_ENV
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        code=lambda wildcards: code("draw_family", space_code(wildcards.space)),
        settings=drawing_settings,
    message:
        "Drawing a network of {wildcards.space}"
    script:
        "../scripts/draw_family.py"


rule compare_families:
    input:
        networks=[f"{RESULTS}/graphs/{space}.parquet" for space in spaces.names()],
        labels=[path for space in spaces.names() for path in family_labels(space)["shards"]],
    output:
        csv=f"{RESULTS}/tables/family_overview.csv",
        md=f"{RESULTS}/tables/family_overview.md",
        tex=f"{RESULTS}/tables/family_overview.tex",
        html=f"{RESULTS}/tables/family_overview.html",
        svg=f"{RESULTS}/figures/family_overview.svg",
        png=f"{RESULTS}/figures/family_overview.png",
    log:
        f"{RESULTS}/logs/compare_families.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare_families.tsv"
    conda:
        CORE_ENV
    resources:
        mem_mb=1000,
        runtime=15,
    params:
        code=code("compare_families"),
        labels={space: family_labels(space) for space in spaces.names()},
    message:
        "Putting the families side by side"
    script:
        "../scripts/compare_families.py"


rule family_overview:
    input:
        table_files("family_overview"),
        f"{RESULTS}/figures/family_overview.svg",


rule families:
    input:
        rules.family_overview.input,
        [
            f"{RESULTS}/figures/family_{space}_{drawn}.svg"
            for space in spaces.names()
            for drawn in ("cell", "graph")
        ],
